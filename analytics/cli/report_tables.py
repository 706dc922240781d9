"""Reports as tables for a terminal: what all rows share stands above, and wide ones come in parts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from analytics.formats import kind_of, values
from analytics.schema import Kind

LISTED = 100
"""Rows of a report of objects; the others are only counted."""

_OF_OBJECTS = frozenset({"attention"})
_SHARED = ("account_id", "region", "job_id", "bucket", "version_id", "storage_class", "tier")
"""Columns that say what a row is about, and are the same in all rows of many a report."""

_NAMING = frozenset({*_SHARED, "key", "phase", "status", "hour", "day", "from_seconds", "to_seconds"})
_DECIMALS = ((1_000_000, 0), (1000, 1), (1, 3))
"""Digits behind the point of numbers from a limit on."""

_FRAME_WIDTH, _GAP = 1, 3
_NARROWEST = _GAP + 1


@dataclass(frozen=True)
class _Shown:
    """A column as text: its header in lines, its cells, and whether it is flushed right."""

    header: str
    cells: list[str]
    right: bool
    names: bool

    @property
    def width(self) -> int:
        return max(map(cell_len, (*self.header.split("\n"), *self.cells))) + _GAP


def report_table(name: str, frame: pd.DataFrame, width: int) -> RenderableType:
    """The report, in parts below each other where it is wider than `width` characters."""
    listed = frame.head(LISTED) if name in _OF_OBJECTS else frame
    shared = [column for column in _SHARED if column in frame and _is_shared(frame[column])]
    about = ", ".join(f"{column} {_visible(str(frame[column].iloc[0]))}" for column in shared)
    title = Text(f"{name}{f': {about}' if about else ''}", style="bold")
    if frame.empty:
        return Group(title, Text("  no rows\n"))
    columns = [_shown(str(column), listed[column]) for column in listed.columns if column not in shared]
    room = width - _FRAME_WIDTH
    parts = [_table(part, room) for part in _parts(columns, room)]
    more = (
        f"... and {len(frame) - len(listed):,} more rows: --format csv has them all."
        if len(frame) > len(listed)
        else ""
    )
    return Group(title, *parts, Text(f"{more}\n" if more else ""))


def _parts(columns: Sequence[_Shown], width: int) -> Iterator[list[_Shown]]:
    """As many columns as fit at a time, behind those that name the row."""
    if sum(column.width for column in columns) <= width:
        yield list(columns)
        return
    naming = [column for column in columns if column.names]
    part, room = list(naming), width - sum(column.width for column in naming)
    for column in (column for column in columns if not column.names):
        if column.width > room and len(part) > len(naming):
            yield part
            part, room = list(naming), width - sum(each.width for each in naming)
        part.append(column)
        room -= column.width
    yield part


def _is_shared(column: "pd.Series[Any]") -> bool:
    return column.nunique(dropna=False) == 1 and bool(column.notna().all())


def _table(columns: Sequence[_Shown], width: int) -> Table:
    """Text gives way first; only where not even the numbers fit, they are folded, for Rich would cut them."""
    fits = sum(column.width if column.right else _NARROWEST for column in columns) <= width
    table = Table()
    for column in columns:
        table.add_column(
            column.header,
            justify="right" if column.right else "left",
            no_wrap=column.right and fits,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def _shown(name: str, column: "pd.Series[Any]") -> _Shown:
    kind = kind_of(column)
    cells = ["" if value is None else _text(kind, name, column)(value) for value in values(column)]
    return _Shown(name.replace("_", "\n"), cells, kind in (Kind.WHOLE, Kind.NUMBER), name in _NAMING)


def _text(kind: Kind, name: str, column: "pd.Series[Any]") -> Callable[[Any], str]:
    if kind is Kind.WHOLE:
        return "{:,}".format
    if kind is Kind.NUMBER:
        return _percent if name.startswith("percent") else f"{{:,.{_decimals(name, column)}f}}".format
    if kind is Kind.TIME:
        return lambda value: value[:19].replace("T", " ")
    return lambda value: _visible(str(value))


def _decimals(name: str, column: "pd.Series[Any]") -> int:
    """As many for all rows as the greatest number needs."""
    greatest = column.max()
    if greatest == 0:
        return 0
    if name == "cost_usd" and greatest >= 1:
        return 2
    return next((decimals for limit, decimals in _DECIMALS if greatest >= limit), 6)


def _percent(value: float) -> str:
    """Cut, not rounded: 100.00 is shown only when it is all of it."""
    return f"{int(value * 100) / 100:.2f}"


def _visible(text: str) -> str:
    """Text of others' making, without what a terminal would obey."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
