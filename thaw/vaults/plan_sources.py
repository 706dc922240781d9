"""The files that a plan is made of, and how DuckDB reads each of them."""

import csv
import gzip
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from thaw.vaults.errors import PlanRefusedError
from thaw.vaults.plan_parts import COLUMNS
from thaw.vaults.planning_sql import quoted

NAMES = "archive_id, name"
KEYS = "archive_id, key"

_CSV = "quote = '\"', escape = '\"', delim = ',', auto_detect = false, null_padding = true"
_OURS = f"{_CSV}, parallel = false"
"""Of what we wrote: a quoted field may hold the end of a line, which several readers of one file trip over. A
single one overlooks a quote that is never closed, as people leave it."""

_LINES = (
    "quote = '', escape = '', delim = chr(1), auto_detect = false, max_line_size = 1000000,"
    " strict_mode = false"
)
"""Whole lines; without the strict mode they may end in both ways in one file."""


@dataclass(frozen=True)
class PlanSources:
    """Files that a plan is made of, gzip too: an inventory (CSV, as Glacier writes it), a CSV of archive ids
    and names, plans of earlier runs (the latest first), and CSVs of keys that the destination has."""

    inventory: Path
    names: Path | None = None
    former: tuple[Path, ...] = ()
    existing: tuple[Path, ...] = ()


def lines_sql(inventory: Path) -> str:
    """A SELECT of (line)."""
    return _read("line", (inventory,), "line", _LINES, header=False)


def names_sql(names: Path) -> str:
    """A SELECT of (archive_id, name), without the header that the file may have."""
    read = _read(NAMES, (names,), NAMES, _CSV, header=False)
    return f"{read} WHERE lower(archive_id) NOT IN ('archive_id', 'archiveid', 'glacierarchiveid')"


def keys_sql(existing: tuple[Path, ...]) -> str:
    """A SELECT of (key)."""
    return _read("DISTINCT key", existing, "key", _OURS, header=True)


def plan_sql(plan: Path) -> str:
    """A SELECT of the columns of a plan, all of them text."""
    columns = ", ".join(COLUMNS)
    return _read(columns, (plan,), columns, _OURS, header=True)


def former_sql(plans: tuple[Path, ...]) -> str:
    """A SELECT of (archive_id, key): the first plan that has an archive tells its key."""
    ranked = (
        _read(f"{KEYS}, {place} AS place", (plan,), ", ".join(COLUMNS), _OURS, header=True)
        for place, plan in enumerate(plans)
    )
    union = " UNION ALL ".join(ranked)
    return f"SELECT archive_id, arg_min(key, place) AS key FROM ({union}) GROUP BY archive_id"  # noqa: S608 - our own


def check_plan(plan: Path) -> None:
    """Raises PlanRefusedError for a file that does not begin as a plan does, or is no CSV to its end."""
    open_file = gzip.open if _is_packed(plan) else open
    with open_file(plan, "rt", encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            columns = tuple(next(rows, ()))
            if columns == COLUMNS:
                deque(rows, maxlen=0)
        except (UnicodeDecodeError, csv.Error) as exc:
            raise PlanRefusedError(
                f"The plan is no CSV in UTF-8 in or before line {rows.line_num} ({exc}): correct it there."
            ) from exc
    if columns != COLUMNS:
        raise PlanRefusedError(f"A plan begins with the line {','.join(COLUMNS)}; this file does not.")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _read(select: str, paths: tuple[Path, ...], columns: str, options: str, *, header: bool) -> str:
    files = ", ".join(quoted(str(path)) for path in paths)
    kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in columns.split(", "))
    packed = "gzip" if _is_packed(paths[0]) else "none"
    shape = f"columns = {{{kinds}}}, header = {str(header).lower()}, compression = '{packed}'"
    source = f"read_csv([{files}], {shape}, {options})"
    return f"SELECT {select} FROM {source}"  # noqa: S608 - paths are quoted, the rest is ours
