"""Brings tables of DuckDB into Trino's memory catalog, with the same columns and rows."""

import json
from collections.abc import Sequence

import duckdb
from trino.dbapi import Cursor

_ROWS_A_STATEMENT = 1_000
"""Trino refuses statements of more than a million characters."""


def load(connection: duckdb.DuckDBPyConnection, table: str, cursor: Cursor, schema: str) -> None:
    """Makes SCHEMA.TABLE in Trino from TABLE in DuckDB. DuckDB's names of the types are Trino's too."""
    columns = connection.execute(f"DESCRIBE {table}").fetchall()
    definition = ", ".join(f"{name} {kind}" for name, kind, *_ in columns)
    cursor.execute(f"CREATE TABLE {schema}.{table} ({definition})").fetchall()
    texts = ", ".join(f"CAST({name} AS VARCHAR)" for name, *_ in columns)
    values = ", ".join(f"CAST(row[{place}] AS {kind})" for place, (_, kind, *_) in enumerate(columns, 1))
    rows = connection.execute(f"SELECT {texts} FROM {table}").fetchall()  # noqa: S608 - our own names
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        part = _unnested(rows[start : start + _ROWS_A_STATEMENT])
        cursor.execute(f"INSERT INTO {schema}.{table} SELECT {values} FROM {part}").fetchall()  # noqa: S608


def _unnested(rows: Sequence[tuple[str | None, ...]]) -> str:
    """Rows of text as one literal: Trino takes seconds to plan as many VALUES."""
    literal = json.dumps(rows, ensure_ascii=False).replace("'", "''")
    return f"UNNEST(CAST(json_parse('{literal}') AS array(array(varchar)))) AS part (row)"
