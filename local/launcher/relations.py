"""Makes DuckDB tables of what the emulator's Glue declares, from DynamoDB items or from files."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

GlueTable = Mapping[str, Any]
Columns = dict[str, str]
"""Declared columns with DuckDB's names of their types."""

_TYPES = {
    "string": "VARCHAR",
    "varchar": "VARCHAR",
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
_READABLE_AS = {
    "BIGINT": {"BIGINT", "INTEGER"},
    "DOUBLE": {"DOUBLE", "FLOAT"},
    "TIMESTAMP": {"TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"},
}


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def columns(table: GlueTable) -> Columns:
    """The declared columns; raises TypeError for a type that is not hosted."""
    declared = table["StorageDescriptor"].get("Columns", [])
    return {column["Name"]: _type(column["Name"], column["Type"].lower()) for column in declared}


def as_line(item: Mapping[str, Any], declared: Columns) -> str:
    """A DynamoDB item as a line of JSON; what it lacks is null. Raises TypeError for lists, maps, sets."""
    return json.dumps({name: _text(item.get(name), name) for name in declared})


def make_from_lines(connection: Any, path: str, declared: Columns, lines: Iterable[str]) -> None:
    """A table of lines of JSON, in which every value is text."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        texts = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in declared)
        reader = f"read_json('{file.name}', format = 'newline_delimited', columns = {{{texts}}})"
        casts = ", ".join(_cast(quoted(name), kind, name) for name, kind in declared.items())
        connection.execute(f"CREATE TABLE {path} AS SELECT {casts} FROM {reader}")  # noqa: S608 names are quoted


def as_declared(connection: Any, table: GlueTable, reader: str) -> str:
    """The declared columns of Parquet files; one that they lack is null.

    Raises TypeError for one of another type, as Athena does.
    https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html
    """
    described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()  # noqa: S608 files of our own
    stored = {row[0]: row[1] for row in described}
    parts: list[str] = []
    for name, kind in columns(table).items():
        found = stored.get(name)
        if found is not None and found not in _READABLE_AS.get(kind, {kind}):
            raise TypeError(
                f"HIVE_BAD_DATA: Field {name}'s type {found} in parquet file is incompatible with type"
                f" {kind.lower()} defined in table schema"
            )
        parts.append(_cast("NULL" if found is None else quoted(name), kind, name))
    return f"(SELECT {', '.join(parts)} FROM {reader})"  # noqa: S608 names are quoted


def _cast(value: str, kind: str, name: str) -> str:
    return f"CAST({value} AS {kind}) AS {quoted(name)}"


def _type(name: str, declared: str) -> str:
    if re.fullmatch(r"decimal\(\d+, ?\d+\)", declared):
        return declared.upper()
    if declared not in _TYPES:
        raise TypeError(f"Column {name} is declared {declared}, which is not hosted here")
    return _TYPES[declared]


def _text(attribute: Mapping[str, Any] | None, name: str) -> str | None:
    if not attribute or "NULL" in attribute:
        return None
    ((kind, value),) = attribute.items()
    if kind == "BOOL":
        return str(value).lower()
    if kind not in ("S", "N"):
        raise TypeError(f"Attribute {name} is of DynamoDB type {kind}, which is not hosted here")
    return value
