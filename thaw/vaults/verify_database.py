"""An inventory beside the manifest of its transfer, in DuckDB: what is to be looked up in S3, what is not."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from thaw.duckdb_sessions import quiet
from thaw.vaults.errors import ManifestError
from thaw.vaults.manifests import FailedRow, ManifestRow
from thaw.vaults.plan_sources import lines_sql
from thaw.vaults.planning_sql import DUCKDB_MACROS, PlanParameters, quoted, relations

_INVENTORY = ("inventory_rows", "described", "single")
"""Relations of the planning SQL that read an inventory."""

_EXCLUDED = ("archive_id", "reason", "size_bytes", "created_at", "key", "description", "row")

_FETCHED_ROWS = 5_000

TOTALS = "SELECT count(*), coalesce(sum(size_bytes), 0) FROM archives"

UNREADABLE = "SELECT line FROM described WHERE archive_id = ''"

GONE = "SELECT count(*) FROM manifest ANTI JOIN archives USING (archive_id)"

CLAIMED = """SELECT
    m.archive_id, m.bucket, m.key, m.version_id, a.size_bytes, a.sha256_tree_hash, m.checksum,
    CAST(m.size_bytes AS BIGINT) <> a.size_bytes OR m.sha256_tree_hash <> a.sha256_tree_hash AS differs
FROM archives AS a
JOIN manifest AS m USING (archive_id)"""
"""Archives that the manifest says are in S3, as the inventory says they are."""

UNCLAIMED = """SELECT
    a.archive_id, coalesce(f.key, ''), a.size_bytes, f.status, f.error_code, f.error_message, e.reason
FROM archives AS a
ANTI JOIN manifest USING (archive_id)
LEFT JOIN failed AS f ON f.archive_id = a.archive_id
LEFT JOIN excluded AS e ON e.archive_id = a.archive_id"""
"""The others, with what is known of them."""


class VerifyDatabase:
    """The relations `described` (rows of the inventory), `archives` (each once), `manifest`, `failed`,
    `excluded`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        for macro in DUCKDB_MACROS:
            connection.execute(f"CREATE MACRO {macro}")

    def fill(self, inventory: Path, manifest: Path, failed: Path, excluded: Path | None) -> None:
        """Reads an inventory (CSV as Glacier writes it, gzip or not) and folders of gzip CSV parts.

        Raises ManifestError for files that cannot be read, and for a manifest with an archive twice.
        """
        self._run(f"CREATE VIEW inventory_lines AS {lines_sql(inventory)}")
        read = relations(PlanParameters())
        for name in _INVENTORY:
            self._run(f"CREATE VIEW {name} AS {read[name]}")
        self._run("CREATE TABLE archives AS SELECT * FROM single WHERE nth = 1")
        self._parts("manifest", manifest, ManifestRow._fields)
        self._parts("failed", failed, FailedRow._fields)
        self._table("excluded", _EXCLUDED, f"[{quoted(str(excluded))}]" if excluded else "")
        self._run("DELETE FROM excluded WHERE reason = 'DuplicateId'")
        self._check_single()

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of an answer of any length."""
        with self._connection.cursor() as cursor:
            answer = quiet(cursor).execute(sql)
            while rows := answer.fetchmany(_FETCHED_ROWS):
                yield from rows

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        return next(self.rows(sql))

    def _parts(self, name: str, folder: Path, columns: tuple[str, ...]) -> None:
        found = any(folder.iterdir())
        self._table(name, columns, quoted(str(folder / "*.csv.gz")) if found else "")

    def _table(self, name: str, columns: tuple[str, ...], files: str) -> None:
        self._run(f"CREATE TABLE {name} ({', '.join(f'{column} VARCHAR' for column in columns)})")
        if files:
            types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
            self._run(
                f"INSERT INTO {name} SELECT * REPLACE ({', '.join(map(_filled, columns))}) FROM"  # noqa: S608 - our columns
                f" read_csv({files}, columns = {{{types}}}, header = true, quote = '\"', escape = '\"',"
                " delim = ',', auto_detect = false, parallel = false)"
            )

    def _check_single(self) -> None:
        twice = self._connection.execute(
            "SELECT archive_id FROM manifest GROUP BY archive_id HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        if twice:
            raise ManifestError(f"The manifest has archive {twice[0]} twice: it is not as it was written.")

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as exc:
            first = str(exc).partition("\n")[0]
            raise ManifestError(f"A file that the verdict rests on cannot be read: {first}") from exc


@contextmanager
def verify_database(folder: Path, memory_bytes: int) -> Generator[VerifyDatabase]:
    """A database in `folder` that takes at most about `memory_bytes`; what is beyond it goes to disk."""
    connection = duckdb.connect(
        str(folder / "verify.duckdb"),
        config={
            "memory_limit": f"{memory_bytes}B",
            "temp_directory": str(folder / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        },
    )
    try:
        yield VerifyDatabase(quiet(connection))
    finally:
        connection.close()


def _filled(column: str) -> str:
    """An empty field is an empty text."""
    return f"coalesce({column}, '') AS {column}"
