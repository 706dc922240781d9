"""A plan being made by DuckDB: its sources read into the relations of the planning SQL, its rows read out."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from thaw.core.archive_parts import MAX_ARCHIVE_BYTES
from thaw.duckdb_sessions import quiet
from thaw.vaults.errors import PlanError, PlanRefusedError
from thaw.vaults.plan_sources import (
    KEYS,
    NAMES,
    PlanSources,
    check_plan,
    former_sql,
    keys_sql,
    lines_sql,
    names_sql,
    plan_sql,
)
from thaw.vaults.planning_sql import DUCKDB_MACROS, PlanParameters, quoted, relations

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 20_000
_UNREADABLE = (duckdb.InvalidInputException, duckdb.ConversionException)
"""Of files; what the reader does not take of a CSV it tells by the bare duckdb.Error."""

_KEPT = ("single", "keyed", "planned")
"""Relations that are stored: each is read more than once, or is what a next one sorts."""


class PlanDatabase:
    """One plan. `planned` is there after `make` or `take`; see `planning_sql.relations` for its columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        for macro in DUCKDB_MACROS:
            connection.execute(f"CREATE MACRO {macro}")

    def make(self, sources: PlanSources, parameters: PlanParameters) -> None:
        """Plans an inventory. Raises PlanRefusedError for sources that cannot be used."""
        self._run(f"CREATE VIEW inventory_lines AS {lines_sql(sources.inventory)}")
        self.take_names(sources.names)
        self._fill("former", KEYS, former_sql(sources.former) if sources.former else "")
        self._fill("existing", "key", keys_sql(sources.existing) if sources.existing else "")
        for name, text in relations(parameters).items():
            kind = "TABLE" if name in _KEPT else "VIEW"
            self._run(f"CREATE {kind} {name} AS {text}")

    def take(self, plan: Path, existing: tuple[Path, ...], former: tuple[Path, ...], prefix: str) -> None:
        """Takes a plan as a person left it: the order is that of its rows.

        Raises PlanRefusedError for one that no transfer below `prefix` can follow.
        """
        check_plan(plan)
        self._fill("former", KEYS, former_sql(former) if former else "")
        self._fill("existing", "key", keys_sql(existing) if existing else "")
        self._run("SET preserve_insertion_order = true")
        rows = f"SELECT row_number() OVER () AS row, * FROM ({plan_sql(plan)})"  # noqa: S608 - our own
        self._run(f"CREATE TABLE edited AS {rows}")
        problems = _PROBLEMS.replace("{prefix}", quoted(prefix)).replace("{most}", str(MAX_ARCHIVE_BYTES))
        problem = self._one(problems)
        if problem:
            line, archive_id, why = problem
            raise PlanRefusedError(
                f"The plan cannot be used: row {line} (archive {archive_id[:20]!r}...) {why}."
            )
        self._run(f"CREATE TABLE planned AS {_TAKEN}")

    def take_names(self, names: Path | None) -> None:
        """Names that are given, `overrides`. Raises PlanRefusedError."""
        self._fill("overrides", NAMES, names_sql(names) if names else "")
        self._check_names()

    def load(self, relation: str, files: Sequence[Path]) -> None:
        """A relation of Parquet files of our own, of the same columns as there are in them."""
        listed = ", ".join(quoted(str(file)) for file in files)
        self._run(f"CREATE TABLE {relation} AS FROM read_parquet([{listed}], hive_partitioning = false)")

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        row = self._one(sql)
        if row is None:
            raise PlanError("The plan holds nothing that was asked of it; make it again.")
        return row

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a short answer."""
        return self._connection.execute(sql).fetchall()

    def stream(self, sql: str) -> "Iterator[pa.RecordBatch]":
        """The rows of a long answer, some at a time."""
        with self._connection.cursor() as cursor:
            yield from quiet(cursor).sql(sql).to_arrow_reader(_BATCH_ROWS)

    def _fill(self, name: str, columns: str, read: str) -> None:
        """A table of texts, empty without `read`."""
        self._run(f"CREATE TABLE {name} ({', '.join(f'{column} VARCHAR' for column in columns.split(', '))})")
        if read:
            self._run(f"INSERT INTO {name} {read}")

    def _check_names(self) -> None:
        bad = self._one(
            "SELECT archive_id, count(*) FROM overrides GROUP BY archive_id"
            " HAVING count(*) > 1 OR count(nullif(name, '')) = 0 LIMIT 1"
        )
        if bad:
            why = f"is named {bad[1]} times" if bad[1] > 1 else "has no name beside it"
            raise PlanRefusedError(
                f"In the CSV of names archive {bad[0]!r} {why}: give each archive one name."
            )

    def _one(self, sql: str) -> tuple[Any, ...] | None:
        return self._connection.execute(sql).fetchone()

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as exc:
            first = str(exc).partition("\n")[0]
            raise PlanRefusedError(
                f"Planning needs more memory or disk than is here ({first}): plan with `thaw vault plan`"
                " where there is more, and give the plan."
            ) from exc
        except duckdb.Error as exc:
            if not (isinstance(exc, _UNREADABLE) or type(exc) is duckdb.Error):
                raise
            first = str(exc).partition("\n")[0]
            raise PlanRefusedError(f"A file that the plan is made of cannot be read: {first}") from exc


@contextmanager
def plan_database(folder: Path, memory_bytes: int) -> Generator[PlanDatabase]:
    """A database in `folder` that takes at most about `memory_bytes`; what is beyond it goes to disk."""
    connection = duckdb.connect(
        str(folder / "plan.duckdb"),
        config={
            "memory_limit": f"{memory_bytes}B",
            "temp_directory": str(folder / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        },
    )
    try:
        yield PlanDatabase(quiet(connection))
    finally:
        connection.close()


_PROBLEMS = r"""SELECT row, archive_id, why FROM (
    SELECT row, coalesce(archive_id, '') AS archive_id, CASE
        WHEN NOT regexp_like(coalesce(archive_id, ''), '^[A-Za-z0-9_-]{1,256}$') THEN 'has no archive id'
        WHEN coalesce(key, '') = '' THEN 'has no key'
        WHEN NOT starts_with(key, {prefix}) THEN 'has a key that does not begin with ' || {prefix}
        WHEN octet_length(encode(key)) > 1024 THEN 'has a key of more than 1,024 bytes'
        WHEN regexp_like(key, '\p{Cc}') THEN 'has a key with a control character'
        WHEN regexp_like('/' || key || '/', '/[.]{1,2}/|//')
        THEN 'has a key with an empty segment, or a segment . or ..'
        WHEN coalesce(try_cast(size_bytes AS BIGINT), 0) < 1 THEN 'has no size_bytes of 1 or more'
        WHEN try_cast(size_bytes AS BIGINT) > {most} THEN 'is larger than one object can be'
        WHEN try_cast(created_at AS TIMESTAMP) IS NULL
            OR NOT regexp_like(created_at, '^[0-9-]{10}T[0-9:]{8}[.][0-9]{3}Z$')
        THEN 'has no created_at like 2012-05-15T17:19:46.700Z'
        WHEN NOT regexp_like(coalesce(sha256_tree_hash, ''), '^[0-9A-Fa-f]{64}$') THEN 'has no tree hash'
        WHEN count(*) OVER (PARTITION BY key) > 1 THEN 'has a key that another row has too'
        WHEN count(*) OVER (PARTITION BY archive_id) > 1 THEN 'is in the plan twice'
    END AS why
    FROM edited
) WHERE why IS NOT NULL ORDER BY row LIMIT 1"""

_TAKEN = """SELECT
    row AS ordinal, archive_id, edited.key, CAST(size_bytes AS BIGINT) AS size_bytes, created_at,
    lower(sha256_tree_hash) AS sha256_tree_hash, coalesce(description, '') AS description,
    existing.key IS NOT NULL AS already, false AS renamed, false AS unnamed, '' AS reason, '' AS line
FROM edited
LEFT JOIN existing ON existing.key = edited.key"""
