"""Writes a plan that Athena has made: bucket by bucket into parts, at last into whole files."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.core.job_files import import_folder
from thaw.core.vault_files import ROWS_PER_PART, excluded_file, plan_file, plan_folder, plan_part
from thaw.jobs.folder import JobFolder
from thaw.jobs.joining import join
from thaw.jobs.parts import import_part
from thaw.jobs.uploading import StreamedObject
from thaw.manifests.s3 import S3Uri, download, list_keys
from thaw.vaults.athena_cursor import AthenaCursor, relation_folder
from thaw.vaults.athena_sql import Bucket
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_database import PlanDatabase, plan_database
from thaw.vaults.plan_lines import SAMPLE, Entry
from thaw.vaults.plan_output import (
    EXCLUDED_BEGINNING,
    PLAN_BEGINNING,
    figures,
    write_excluded,
    write_left_out,
    write_parts,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET_SECONDS = 240.0
"""Left of an invocation when it begins no further bucket: one is written in a minute or two."""


@dataclass(frozen=True)
class PlanBuckets:
    """The buckets of one run of a job; `rows` are in each but the last of its kind."""

    s3: "S3Client"
    bucket: str
    memory_bytes: int
    entry: Entry
    run: int
    rows: int

    def go_on(
        self, cursor: AthenaCursor, keep: Callable[[], None], seconds_left: Callable[[], float]
    ) -> bool:
        """Writes further buckets as far as time allows; whether all are written. Raises PlanError where a
        row is lost."""
        buckets = self._buckets()
        for name, keys in sorted(buckets.items()):
            if name in cursor.written:
                continue
            if seconds_left() < BUCKET_SECONDS:
                return False
            with tempfile.TemporaryDirectory(prefix="thaw-plan-") as work:
                self._write(name, keys, cursor, Path(work))
            cursor.written.append(name)
            keep()
        if cursor.figures.rows_in != cursor.lines:
            raise PlanError(
                f"The inventory has {cursor.lines:,} rows, and the plan tells of"
                f" {cursor.figures.rows_in:,}: it is not used."
            )
        return True

    def join(self, cursor: AthenaCursor, parts: int) -> None:
        """Makes whole files of what the buckets were written into, and removes parts of plans before."""
        job_id, folder = self.entry.job_id, JobFolder(self.s3, self.bucket)
        kinds: dict[bool, list[str]] = {False: [], True: []}
        for name in sorted(cursor.written):
            kinds[Bucket.of(name).excluded].append(self._piece(name))
        beginning = b"" if kinds[False] else PLAN_BEGINNING
        join(self.s3, self.bucket, kinds[False], plan_file(job_id), beginning)
        join(self.s3, self.bucket, kinds[True], excluded_file(job_id), EXCLUDED_BEGINNING)
        folder.empty(plan_folder(job_id), plan_part(job_id, parts))
        folder.empty(import_folder(job_id), import_part(job_id, parts))

    def write_left_out(self) -> None:
        """Import parts of what earlier runs had planned and this one leaves out."""
        place = S3Uri(self.bucket, relation_folder(self.entry.job_id, self.run, "left_out"))
        keys = list(list_keys(self.s3, place))
        if not keys:
            return
        with (
            tempfile.TemporaryDirectory(prefix="thaw-plan-") as work,
            plan_database(Path(work), self.memory_bytes) as database,
        ):
            database.load("former", self._fetched(keys, Path(work), "former"))
            database.rows("CREATE TABLE planned (archive_id VARCHAR, ordinal BIGINT)")
            write_left_out(database, self.entry, JobFolder(self.s3, self.bucket).write)

    def _buckets(self) -> Mapping[str, Sequence[str]]:
        """Their files, by their names."""
        place = S3Uri(self.bucket, relation_folder(self.entry.job_id, self.run, "planned"))
        found: dict[str, list[str]] = {}
        for key in list_keys(self.s3, place):
            name, _, file = key.removeprefix(place.key).removeprefix("bucket=").partition("/")
            if file:
                found.setdefault(name, []).append(key)
        return found

    def _write(self, name: str, keys: Sequence[str], cursor: AthenaCursor, work: Path) -> None:
        bucket = Bucket.of(name)
        with plan_database(work, self.memory_bytes) as database:
            database.load("planned", self._fetched(keys, work, "rows"))
            self._check(database, bucket)
            with StreamedObject(self.s3, self.bucket, self._piece(name)) as stream:
                if bucket.excluded:
                    write_excluded(database, stream, header=False)
                else:
                    write = JobFolder(self.s3, self.bucket).write
                    write_parts(
                        database, self.entry, stream, write, bucket.number * self.rows // ROWS_PER_PART
                    )
            cursor.figures = cursor.figures.with_more(figures(database, of_inventory=False))
            cursor.sample += [list(row) for row in database.rows(SAMPLE)]
            if cursor.names:
                place = S3Uri(self.bucket, relation_folder(self.entry.job_id, self.run, "overrides"))
                database.load("overrides", self._fetched(list(list_keys(self.s3, place)), work, "names"))
                cursor.named += int(database.one(_NAMED)[0])

    def _check(self, database: PlanDatabase, bucket: Bucket) -> None:
        rows, different, first, last = database.one(_PLACES)
        begin = bucket.number * self.rows + 1
        if (different, first, last) != (rows, begin, begin + rows - 1) or rows > self.rows:
            raise PlanError(
                f"Bucket {bucket.number} of the plan of {self.entry.job_id} has {rows:,} rows numbered"
                f" {first:,} to {last:,}, and not all from {begin:,} on: it is not used. Resume the transfer."
            )

    def _fetched(self, keys: Sequence[str], work: Path, name: str) -> list[Path]:
        paths = [work / f"{name}-{number:05}.parquet" for number in range(len(keys))]
        for key, path in zip(keys, paths, strict=True):
            download(self.s3, S3Uri(self.bucket, key), path)
        return paths

    def _piece(self, name: str) -> str:
        return f"{relation_folder(self.entry.job_id, self.run, 'written')}{name}.csv.gz"


_PLACES = "SELECT count(*), count(DISTINCT ordinal), min(abs(ordinal)), max(abs(ordinal)) FROM planned"

_NAMED = """SELECT count(*) FROM planned JOIN overrides ON overrides.archive_id = planned.archive_id
WHERE reason NOT IN ('DuplicateId', 'NotAnArchive')"""
