"""How the rows of a file of object records become typed rows: by its format, its columns and their types."""

import csv
import gzip
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from analytics.schema import OBJECT_COLUMNS, Column
from analytics.sources.cells import WANTED, Cell, absent, dynamodb_cell, json_cell, parquet_cell, text_cell
from analytics.sources.errors import MissingColumnError, UnreadableFileError
from analytics.sources.rules import VALUE_RULES, Rule
from analytics.sources.sql_text import identifier, literal, path_list

OPTIONAL = frozenset({"status", "observed_at", "observed_status", "error_message"})
"""What a file need not tell: status is derived, the others are null."""

UNREAD = frozenset({"object_path", "revision", "since", "run", "former"})
"""What a record has besides, for its writers alone."""

_NAMES = [column.name for column in OBJECT_COLUMNS]
_REQUIRED = [name for name in _NAMES if name not in OPTIONAL]


class DataFile(NamedTuple):
    """A file of object records on this machine, and how messages call it."""

    name: str
    path: Path


class Shape(NamedTuple):
    """All that files must share to be read in one go: the call of DuckDB's reader around the list of
    files, and a cell for each of OBJECT_COLUMNS. `stored`: they can be read again and again."""

    reader: tuple[str, str]
    cells: tuple[Cell, ...]
    stored: bool

    def rows(self, paths: Iterable[Path]) -> str:
        """The relation of the files' rows as they are."""
        return path_list(paths).join(self.reader)

    def rules(self) -> list[Rule]:
        """What a row can break; the number of a rule is its place in this list."""
        types = [
            Rule(column.name, cell.broken or "false", _wanted(column, cell))
            for column, cell in zip(OBJECT_COLUMNS, self.cells, strict=True)
        ]
        return [*types, *VALUE_RULES]

    def typed(self, rows: str, *also: str) -> str:
        """A SELECT of OBJECT_COLUMNS, `broken` (the number of the first rule that a row breaks, or null)
        and the columns `also` of `rows`."""
        values = [f"{cell.value} AS {name}" for name, cell in zip(_NAMES, self.cells, strict=True)]
        values[_NAMES.index("version_id")] = f"coalesce({self.cells[3].value}, 'null') AS version_id"
        types = _first_broken(self.rules()[: len(_NAMES)], 0)
        inner = f"SELECT {', '.join([*values, *also])}, {types} AS mistyped FROM {rows}"  # noqa: S608 - names
        broken = f"coalesce(mistyped, {_first_broken(VALUE_RULES, len(_NAMES))}) AS broken"
        return f"SELECT * EXCLUDE (mistyped), {broken} FROM ({inner})"  # noqa: S608 - our own SQL

    def shown(self) -> str:
        """SQL for the list of the values as the file has them, in the order of the rules' columns."""
        by_name = dict(zip(_NAMES, self.cells, strict=True))
        return f"[{', '.join(by_name[rule.column].shown for rule in self.rules())}]"


def _wanted(column: Column, cell: Cell) -> str:
    return WANTED[column.kind] + (f", and the column is {cell.wrong_type}" if cell.wrong_type else "")


def _first_broken(rules: Sequence[Rule], first: int) -> str:
    cases = " ".join(
        f"WHEN {rule.broken} THEN {number}"
        for number, rule in enumerate(rules, first)
        if rule.broken != "false"
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS INTEGER)"


def parquet_shape(connection: duckdb.DuckDBPyConnection, file: DataFile) -> Shape:
    """Raises MissingColumnError, UnreadableFileError."""
    reader = ("read_parquet(", ")")
    try:
        described = connection.execute(f"DESCRIBE FROM {path_list([file.path]).join(reader)}")
        found = {str(row[0]): str(row[1]) for row in described.fetchall()}
    except duckdb.Error as exc:
        raise unreadable(file.name, exc) from exc
    _check_columns(file, found)
    return Shape(reader, _cells(found, lambda column: parquet_cell(*column, found[column.name])), stored=True)


def csv_shape(file: DataFile) -> Shape:
    """CSV as RFC 4180 has it, the first line a header. Raises MissingColumnError, UnreadableFileError."""
    header = _csv_header(file)
    _check_columns(file, header)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    options = f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{columns}}}"
    cells = _cells(header, lambda column: text_cell(identifier(column.name), column.kind))
    return Shape(("read_csv(", f", {options})"), cells, stored=False)


def json_shape() -> Shape:
    """JSON objects, one a line or in an array."""
    columns = ", ".join(f"{name}: 'JSON'" for name in _NAMES)
    return Shape(
        ("read_json(", f", format='auto', columns={{{columns}}})"),
        _cells(_NAMES, lambda column: json_cell(*column)),
        stored=False,
    )


def dynamodb_shape() -> Shape:
    """Items in DynamoDB JSON, `{"Item": {...}}` a line, as exports to S3 have them."""
    attributes = ", ".join(f"{name} JSON" for name in _NAMES)
    options = f"format='newline_delimited', columns={{Item: 'STRUCT({attributes})'}}"
    return Shape(
        ("read_json(", f", {options})"), _cells(_NAMES, lambda column: dynamodb_cell(*column)), stored=False
    )


def check_json_columns(connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile]) -> None:
    """Raises MissingColumnError when a column is in no row, unless it tells of events and every attribute
    of the files is known: nothing was misspelled then, the event has just never happened."""
    found: set[str] = set()
    for file in files:
        objects = f"read_json_objects({path_list([file.path])})"
        try:
            keys = connection.execute(f"SELECT DISTINCT json_keys(json) FROM {objects}").fetchall()  # noqa: S608 - a file name as literal
        except duckdb.Error as exc:
            raise unreadable(file.name, exc) from exc
        found.update(str(key) for row in keys for key in row[0] or ())
    if not found:
        return
    unknown = found - {*_NAMES, *UNREAD}
    expected = _REQUIRED if unknown else _REQUIRED[: _NAMES.index("restore_requested_at")]
    _check_columns(files[0], sorted(found), expected)


def unreadable(name: str, exc: Exception) -> UnreadableFileError:
    """What DuckDB said of a file, with the file's own name."""
    said = " ".join(str(exc).split("Possible fixes")[0].split())
    return UnreadableFileError(f"{name} cannot be read: {said}")


def _cells(found: Collection[str], cell: Callable[[Column], Cell]) -> tuple[Cell, ...]:
    return tuple(cell(column) if column.name in found else absent(column.kind) for column in OBJECT_COLUMNS)


def _csv_header(file: DataFile) -> list[str]:
    opened = gzip.open if file.path.name.endswith(".gz") else open
    try:
        with opened(file.path, "rt", encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), list[str]())
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as exc:
        raise UnreadableFileError(f"{file.name} cannot be read: {exc}.") from exc
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"{file.name} has the column {twice[0]} more than once.")
    return header


def _check_columns(file: DataFile, found: Collection[str], expected: Sequence[str] = _REQUIRED) -> None:
    missing = [name for name in expected if name not in found]
    if missing:
        raise MissingColumnError(
            f"{file.name} has no column {', '.join(missing)}; it has {', '.join(found) or 'none'}."
            " Object records have the columns in docs/cli.md."
        )
