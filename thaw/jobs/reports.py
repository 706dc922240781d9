"""Reads the completion report of a wave's Batch Operations job into the records, and adds it up.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html#batch-ops-completion-report
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from thaw.core import job_files
from thaw.core.batch_report import ReportPart, ReportRow, Verdict, parse_report_manifest, parse_report_row
from thaw.core.errors import BatchReportError
from thaw.core.history import NOTHING, History, merge
from thaw.core.job_states import JobState, Wave
from thaw.core.targets import Target
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.changes import find_wave, with_wave
from thaw.jobs.errors import ReportNotThereError, ReportPartError, UnappliedNewsError
from thaw.jobs.folder import JobFolder
from thaw.jobs.report_counts import CountFiles, PartCounts, problems
from thaw.jobs.report_files import check_part, part_rows
from thaw.store.job_states import JobStates
from thaw.store.reader import chunks
from thaw.store.writer import Outcome, RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_ROWS = 1000

RESERVE_SECONDS = 120.0
"""Time that must be left to begin a chunk."""

_WITHOUT_REPORT = ("Failed", "Cancelled")
"""Ends of a Batch Operations job before a task of it has run, and so without a report."""


class ReportProgress(NamedTuple):
    """How far a part is read: rows from its beginning, and whether these are all."""

    start: int
    done: bool


@dataclass(frozen=True)
class ReportReader:
    """Reads reports in the jobs bucket."""

    states: JobStates
    s3: "S3Client"
    jobs_bucket: str
    writer: RecordWriter
    batch: BatchOperations

    def open(self, job_id: str, number: int) -> list[ReportPart]:
        """The parts of the report of a wave; none of a Batch Operations job that ended before its first task.

        Forgets what reading it before came to. Raises ReportNotThereError, BatchReportError.
        """
        wave = find_wave(self.states.read(job_id), number)
        folder = JobFolder(self.s3, self.jobs_bucket)
        folder.empty(job_files.report_counts_folder(job_id, number))
        manifest = folder.find(job_files.report_manifest(job_id, wave.batch_job_id))
        if manifest is not None:
            return parse_report_manifest(manifest.decode())
        batch = self.batch.describe(wave.batch_job_id)
        if batch.status in _WITHOUT_REPORT and not batch.succeeded:
            return []
        raise ReportNotThereError(
            f"The completion report of Batch Operations job {wave.batch_job_id} ({batch.status}) is not in"
            f" {self.jobs_bucket}; if it stays away, see whether the job's role may write there."
        )

    def read(
        self, job_id: str, number: int, part: ReportPart, start: int, remaining: Callable[[], float]
    ) -> ReportProgress:
        """Applies the rows of a part from row `start` on, as far as that goes in `remaining()` seconds, and
        notes what they came to.

        Raises ReportPartError for a part that is not what the manifest lists, UnappliedNewsError.
        """
        state = self.states.read(job_id)
        wave = find_wave(state, number)
        self._check_place(part)
        check_part(self.s3, part)
        counts, at = PartCounts(), start
        done = True
        for rows in chunks(part_rows(self.s3, part, start), CHUNK_ROWS):
            counts = counts.plus(self._apply(wave, rows))
            at += len(rows)
            if remaining() < RESERVE_SECONDS:
                done = False
                break
        CountFiles(self.s3, self.jobs_bucket, job_id, number).write(part.key, start, counts)
        return ReportProgress(at, done)

    def close(self, job_id: str, number: int) -> Wave:
        """Marks the wave's report as read, and says in the state what does not add up."""
        wave = find_wave(self.states.read(job_id), number)
        batch = self.batch.describe(wave.batch_job_id)
        counts = CountFiles(self.s3, self.jobs_bucket, job_id, number).sum()
        problem = " ".join(problems(wave, batch, counts))

        def close(state: JobState) -> JobState:
            closed = replace(
                find_wave(state, number),
                reported=True,
                batch_status=batch.status,
                failed_tasks=batch.failed,
                problem=problem,
            )
            return with_wave(state, closed)

        return find_wave(self.states.update(job_id, close), number)

    def _check_place(self, part: ReportPart) -> None:
        if part.bucket != self.jobs_bucket:
            raise ReportPartError(
                f"The completion report lists {part.bucket}/{part.key}; reports are in {self.jobs_bucket}."
            )

    def _apply(self, wave: Wave, rows: Sequence[Sequence[str]]) -> PartCounts:
        readable, unreadable = _parsed(rows)
        news: dict[Target, History] = {}
        for row in readable:
            known = news.get(row.target, NOTHING)
            news[row.target] = merge(known, row.news(wave.created_at))
        results = self.writer.apply(news)
        for target, result in results.items():
            if not isinstance(result, Outcome):
                raise UnappliedNewsError(
                    f"The completion report's news of {target.ids[0].object_path} could not be written:"
                    f" {result}"
                ) from result
        refused = sum(row.verdict is Verdict.REFUSED for row in readable)
        return PartCounts(
            rows=len(rows),
            requested=len(readable) - refused,
            refused=refused,
            untracked=sum(results[row.target] is Outcome.UNTRACKED for row in readable),
            unreadable=len(unreadable),
            first_unreadable=unreadable[0] if unreadable else "",
        )


def _parsed(rows: Sequence[Sequence[str]]) -> tuple[list[ReportRow], list[str]]:
    """The rows, and why others are none."""
    readable: list[ReportRow] = []
    unreadable: list[str] = []
    for row in rows:
        try:
            readable.append(parse_report_row(row))
        except BatchReportError as exc:
            unreadable.append(str(exc))
    return readable, unreadable
