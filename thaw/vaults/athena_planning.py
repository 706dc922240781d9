"""Plans an inventory that is too large for a function: Athena works the plan out, the function writes it."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from thaw.core.job_request_errors import TOO_LARGE, JobRefusedError
from thaw.core.vault_files import ROWS_PER_PART
from thaw.core.vault_plans import PlanFigures
from thaw.core.vault_states import Inventory
from thaw.jobs.folder import JobFolder
from thaw.manifests.s3 import download, parse_uri
from thaw.vaults.athena_cursor import AthenaCursor, athena_folder, find_cursor, keep_cursor, relation_folder
from thaw.vaults.athena_files import AthenaFiles
from thaw.vaults.athena_queries import AthenaQueries, table_name
from thaw.vaults.athena_sql import COLUMNS, QUERIES, SOURCES, bucket_rows, unload
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_buckets import PlanBuckets
from thaw.vaults.plan_database import plan_database
from thaw.vaults.plan_lines import Entry
from thaw.vaults.planning_sql import PlanParameters

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_ROWS = 100_000 * ROWS_PER_PART
"""Parts have numbers of five digits."""

STEP_SECONDS = 600.0
"""Left of an invocation when it begins a step that is not taken in pieces."""


class Unfinished(StrEnum):
    """What a plan needs before it is made."""

    CALL = "call"
    """Another call."""
    TIME = "time"
    """Another call, after a while: a query is under way."""


@dataclass(frozen=True)
class AthenaSources:
    """What a plan of one run is made of; files by their keys in the jobs bucket, but for `names`, a URI."""

    inventory: Inventory
    names: str
    former: Sequence[str]
    existing: Sequence[str]


class Made(NamedTuple):
    """A plan that is written."""

    figures: PlanFigures
    names: tuple[tuple[str, str], ...]
    parts: int


@dataclass(frozen=True)
class AthenaPlanning:
    """Plans of one stack; DuckDB may take `memory_bytes`. All raise ClientError."""

    s3: "S3Client"
    queries: AthenaQueries
    jobs_bucket: str
    memory_bytes: int

    def go_on(
        self,
        entry: Entry,
        run: int,
        sources: AthenaSources,
        parameters: PlanParameters,
        seconds_left: Callable[[], float],
    ) -> Made | Unfinished:
        """Takes further steps of a run; each is taken again where a call died within it.

        Raises JobRefusedError and PlanRefusedError for sources that cannot be used, InventoryError,
        PlanError.
        """
        folder = JobFolder(self.s3, self.jobs_bucket)
        cursor = find_cursor(entry.job_id, folder)
        if cursor is None or cursor.run != run:
            self.tidy(entry.job_id)
            cursor = AthenaCursor(run)
        steps = _Steps(self, entry, sources, parameters, cursor, folder, seconds_left)
        try:
            found = steps.go_on()
        except PlanError:
            self._drop_tables(entry.job_id)
            raise
        steps.keep()
        return found or steps.made

    def tidy(self, job_id: str) -> None:
        """Stops what is under way and removes all that only planning needs."""
        folder = JobFolder(self.s3, self.jobs_bucket)
        cursor = find_cursor(job_id, folder)
        if cursor is None:
            return
        for step, query_id in cursor.queries.items():
            if step not in cursor.finished:
                self.queries.stop(query_id)
        self._drop_tables(job_id)
        folder.empty(athena_folder(job_id))

    def _drop_tables(self, job_id: str) -> None:
        for relation in COLUMNS:
            self.queries.drop_table(table_name(job_id, relation))


class _Steps:
    """The steps of one call, in their order; one that is not finished says what it needs."""

    def __init__(
        self,
        planning: AthenaPlanning,
        entry: Entry,
        sources: AthenaSources,
        parameters: PlanParameters,
        cursor: AthenaCursor,
        folder: JobFolder,
        seconds_left: Callable[[], float],
    ) -> None:
        self._planning = planning
        self._entry = entry
        self._sources = sources
        self._parameters = parameters
        self._cursor = cursor
        self._folder = folder
        self._seconds_left = seconds_left
        self._files = AthenaFiles(planning.s3, planning.jobs_bucket, entry.job_id, cursor.run)

    def go_on(self) -> Unfinished | None:
        steps: dict[str, Callable[[], Unfinished | None]] = {
            "inventory_lines": self._inventory,
            "overrides": self._names,
            "former": lambda: self._files.former(self._sources.former),
            "existing": lambda: self._files.existing(self._sources.existing),
            "tables": self._tables,
            **{relation: lambda relation=relation: self._query(relation) for relation in QUERIES},
            "written": self._write,
            "joined": lambda: self._buckets.join(self._cursor, self._parts),
            "records": self._left_out,
        }
        for name, step in steps.items():
            if name in self._cursor.finished:
                continue
            if self._seconds_left() < STEP_SECONDS:
                return Unfinished.CALL
            if unfinished := step():
                return unfinished
            self._cursor.finished.append(name)
            self.keep()
        return None

    def keep(self) -> None:
        """Writes down how far this is."""
        keep_cursor(self._entry.job_id, self._cursor, self._folder)

    @property
    def made(self) -> Made:
        """The plan, when all steps are taken."""
        cursor = self._cursor
        found = replace(cursor.figures, unused_names=cursor.names - cursor.named)
        return Made(found, tuple((row[0], row[1]) for row in cursor.sample), self._parts)

    @property
    def _parts(self) -> int:
        return -(-self._cursor.figures.archives // ROWS_PER_PART)

    @property
    def _buckets(self) -> PlanBuckets:
        planning = self._planning
        return PlanBuckets(
            planning.s3,
            planning.jobs_bucket,
            planning.memory_bytes,
            self._entry,
            self._cursor.run,
            bucket_rows(self._cursor.lines),
        )

    def _inventory(self) -> Unfinished | None:
        inventory = self._sources.inventory
        done = self._files.inventory(
            inventory.key, inventory.size_bytes, self._cursor, self.keep, self._seconds_left
        )
        if self._cursor.lines > MAX_ROWS:
            raise JobRefusedError(
                f"The inventory has {self._cursor.lines:,} rows, and a plan has {MAX_ROWS:,} at most: give"
                " the inventory in pieces, each to a prefix of its own.",
                TOO_LARGE,
            )
        return None if done else Unfinished.CALL

    def _names(self) -> None:
        """The names that are given, in the dialect and with the checks of a plan made by DuckDB."""
        with tempfile.TemporaryDirectory(prefix="thaw-plan-") as work:
            path = Path(work) / "names"
            if self._sources.names:
                download(self._planning.s3, parse_uri(self._sources.names), path)
            with plan_database(Path(work), self._planning.memory_bytes) as database:
                database.take_names(path if self._sources.names else None)
                rows = (
                    (row["archive_id"], row["name"])
                    for batch in database.stream("SELECT archive_id, name FROM overrides")
                    for row in batch.to_pylist()
                )
                kinds = {"archive_id": pa.string(), "name": pa.string()}
                self._cursor.names = self._files.rows("overrides", kinds, rows)

    def _tables(self) -> None:
        for relation in SOURCES:
            self._make_table(relation)

    def _query(self, relation: str) -> Unfinished | None:
        if relation == "left_out" and not self._sources.former:
            return None
        job_id, queries = self._entry.job_id, self._planning.queries
        query_id = self._cursor.queries.get(relation)
        if query_id is None:
            known = [name for name in (*SOURCES, *QUERIES[: QUERIES.index(relation)]) if name in COLUMNS]
            tables = {name: table_name(job_id, name) for name in known}
            rows = bucket_rows(self._cursor.lines)
            sql = unload(relation, self._parameters, tables, self._location(relation), rows)
            query_id = queries.start(sql, job_id, str(self._cursor.run), relation)
            self._cursor.queries[relation] = query_id
            self.keep()
        if not queries.is_done(query_id):
            return Unfinished.TIME
        if relation in COLUMNS:
            self._make_table(relation)
        return None

    def _write(self) -> Unfinished | None:
        done = self._buckets.go_on(self._cursor, self.keep, self._seconds_left)
        return None if done else Unfinished.CALL

    def _left_out(self) -> None:
        self._buckets.write_left_out()

    def _make_table(self, relation: str) -> None:
        name = table_name(self._entry.job_id, relation)
        self._planning.queries.make_table(name, COLUMNS[relation], self._location(relation))

    def _location(self, relation: str) -> str:
        place = relation_folder(self._entry.job_id, self._cursor.run, relation)
        return f"s3://{self._planning.jobs_bucket}/{place}"
