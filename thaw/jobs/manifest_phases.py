"""The two phases of a job with a manifest: read it, then look up what it does not tell, part by part."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.core.job_objects import check_one_version
from thaw.core.job_states import JobState
from thaw.jobs.cursor import Cursor, Phase
from thaw.jobs.folder import JobFolder
from thaw.jobs.import_lines import records_of
from thaw.jobs.lookups import Lookup
from thaw.jobs.manifest_reading import ManifestReader
from thaw.jobs.parts import prepared_part, reject_lines, rejects_piece, write_parts
from thaw.jobs.refining import Refined, budget, refine, share
from thaw.listing import Listing
from thaw.manifests.summary import Summary
from thaw.manifests.writing import IMPORT_PREFIX, REJECTS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MARGIN_SECONDS = 240.0
"""Left of an invocation when it begins no further part: each may take some hundred calls."""


@dataclass(frozen=True)
class ManifestPhases:
    """Of one job; import parts have `rows_per_part` records at most."""

    s3: "S3Client"
    folder: JobFolder
    reader: ManifestReader
    state: JobState
    rows_per_part: int
    now: Callable[[], datetime]

    def go_on(self, cursor: Cursor, seconds_left: Callable[[], float]) -> None:
        """Moves `cursor` on by a part at least; its phase is DONE after the last.

        Raises JobRefusedError for a manifest that cannot be used and for an object that the request does not
        fit, and ClientError.
        """
        if cursor.phase is Phase.READ:
            self._read(cursor)
        versions = bool(cursor.versions)
        lookup = Lookup(Listing(self.s3, self.state.request.bucket, "", versions, self.now).page)
        while cursor.phase is Phase.REFINE:
            self._part(cursor, lookup)
            if seconds_left() < MARGIN_SECONDS:
                break

    def _read(self, cursor: Cursor) -> None:
        with self.reader.read(self.state) as (out, summary):
            parts = sorted((out / IMPORT_PREFIX).iterdir())
            for number, path in enumerate(parts):
                self.folder.upload(path, prepared_part(self.state.job_id, number))
            self.folder.upload(out / REJECTS, rejects_piece(self.state.job_id, 0))
            cursor.versions = _names_versions(out, summary)
            cursor.example = _first_reject(out / REJECTS)
        tally = cursor.tally
        tally.rows_in, tally.rejects = summary.rows_in, summary.rejects
        tally.duplicates, tally.filtered = summary.duplicates, summary.filtered
        cursor.prepared_parts, cursor.rows_left = len(parts), summary.objects
        cursor.calls_left = budget(summary.objects)
        cursor.phase = Phase.REFINE if parts else Phase.DONE

    def _part(self, cursor: Cursor, lookup: Lookup) -> None:
        job_id, request = self.state.job_id, self.state.request
        records = list(records_of(self.folder.read(prepared_part(job_id, cursor.part))))
        calls = share(cursor.calls_left, len(records), cursor.rows_left)
        refined = refine(records, request, lookup, calls)
        for record in refined.kept:
            check_one_version(request, record.entry.key, cursor.last_key)
            cursor.last_key = record.entry.key
        cursor.parts = write_parts(self.folder, job_id, cursor.parts, refined.kept, self.rows_per_part)
        piece = rejects_piece(job_id, cursor.part + 1)
        self.folder.write(piece, reject_lines(request.manifest, refined.refused))
        _count(cursor, refined, len(records))


def _count(cursor: Cursor, refined: Refined, rows: int) -> None:
    for record in refined.kept:
        cursor.tally.take(record.entry.storage_class, record.entry.size_bytes)
    cursor.tally.rejects += len(refined.refused)
    for record, reason in refined.refused[:1]:
        cursor.example = cursor.example or f"{record.id.object_path}: {reason}"
    cursor.calls_left -= refined.calls
    cursor.list_calls += refined.calls
    cursor.rows_left -= rows
    cursor.part += 1
    if cursor.part == cursor.prepared_parts:
        cursor.phase = Phase.DONE


def _names_versions(out: Path, summary: Summary) -> bool:
    """Whether any row names a version: the Batch Operations manifest then has a third column in each row."""
    for name in summary.manifests.values():
        with (out / name).open("rb") as file:
            return file.readline().count(b",") > 1
    return False


def _first_reject(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            return f"line {row['line']}: {row['reason']}"
    return ""
