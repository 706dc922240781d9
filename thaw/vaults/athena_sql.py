"""The statements by which Athena makes a plan: the planning SQL, some relations of which are stored between.

Each stored one is a query of its own, whose answer the next reads as a table, so that nothing is worked out
as often as it is named: https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from collections.abc import Mapping
from typing import NamedTuple

from thaw.core.vault_files import ROWS_PER_PART
from thaw.vaults.planning_sql import PlanParameters, quoted, relations

SOURCES: Mapping[str, str] = {
    "inventory_lines": "SELECT line FROM {table}",
    "overrides": "SELECT archive_id, name FROM {table}",
    "former": "SELECT archive_id, min_by(key, place) AS key FROM {table} GROUP BY archive_id",
    "existing": "SELECT DISTINCT key FROM {table}",
}
"""Relations that are written for Athena, and how they are read."""

QUERIES = ("described", "judged", "left_out", "planned")
"""Relations that Athena makes, each of those before it; `left_out`: what plans of earlier runs had, and this
one has not."""

_LEFT_OUT = """SELECT former.archive_id
FROM former
LEFT JOIN judged ON judged.archive_id = former.archive_id AND judged.reason = ''
WHERE judged.archive_id IS NULL"""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "inventory_lines": {"line": "string"},
    "overrides": {"archive_id": "string", "name": "string"},
    "former": {"place": "bigint", "archive_id": "string", "key": "string"},
    "existing": {"key": "string"},
    "described": {
        "line": "string",
        "archive_id": "string",
        "description": "string",
        "otherwise": "string",
        "created_at": "string",
        "size_bytes": "bigint",
        "sha256_tree_hash": "string",
    },
    "judged": {
        "line": "string",
        "nth": "bigint",
        "archive_id": "string",
        "description": "string",
        "created_at": "string",
        "size_bytes": "bigint",
        "sha256_tree_hash": "string",
        "key": "string",
        "unnamed": "boolean",
        "renamed": "boolean",
        "reason": "string",
    },
}
"""Of the tables, with Hive's names of their types."""

MAX_BUCKETS = 90
"""Of the hundred partitions that one UNLOAD may write."""

_LEAST_BUCKET_ROWS = 100 * ROWS_PER_PART


class Bucket(NamedTuple):
    """Rows of the plan that are one partition of the answer: the `number`-th of its kind, from 0."""

    excluded: bool
    number: int

    @classmethod
    def of(cls, name: str) -> "Bucket":
        kind, _, number = name.partition("-")
        return cls(kind == "excluded", int(number))


def bucket_rows(lines: int, least: int = _LEAST_BUCKET_ROWS) -> int:
    """How many rows a bucket of a plan of so many has; whole parts of it, at least `least`."""
    parts = -(-lines // ((MAX_BUCKETS - 2) * ROWS_PER_PART))
    return max(least, parts * ROWS_PER_PART)


def unload(relation: str, parameters: PlanParameters, tables: Mapping[str, str], to: str, rows: int) -> str:
    """The statement that stores one of QUERIES below `to`, which is empty; `tables` by what is in them.

    The last, the plan itself, in a partition for each `rows` of its rows.
    """
    columns, partitions = "*", ""
    if relation == QUERIES[-1]:
        columns = f"*, {_bucket(rows)} AS bucket"
        partitions = ", partitioned_by = ARRAY['bucket']"
    return (
        f"UNLOAD (\nSELECT {columns} FROM (\n{_query(relation, parameters, tables)}\n) AS made\n)\n"
        f"TO {quoted(to)}\nWITH (format = 'PARQUET', compression = 'ZSTD'{partitions})"
    )


def _bucket(rows: int) -> str:
    return (
        "CASE WHEN ordinal > 0 THEN 'planned-' ELSE 'excluded-' END ||"
        f" lpad(CAST(CAST(floor((abs(ordinal) - 1) / {rows}e0) AS bigint) AS varchar), 5, '0')"
    )


def _query(relation: str, parameters: PlanParameters, tables: Mapping[str, str]) -> str:
    """A SELECT of its rows, from the latest relation before it that is a table."""
    made = relations(parameters, in_bands=True)
    read = {**SOURCES, **dict.fromkeys(QUERIES, "SELECT * FROM {table}")}
    texts = {name: read[name].replace("{table}", table) for name, table in tables.items()}
    if relation in made:
        names = list(made)
        start = max((names.index(name) for name in tables if name in made), default=-1) + 1
        texts |= {name: made[name] for name in names[start : names.index(relation)]}
    named = ",\n".join(f"{name} AS (\n{text}\n)" for name, text in texts.items())
    return f"WITH {named}\n{made.get(relation, _LEFT_OUT)}"
