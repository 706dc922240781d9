"""Prepares a job: from its manifest, or a listing of its bucket, to import files, totals and an estimate.

An invocation goes as far as its time allows and keeps a cursor in the jobs bucket; the next goes on there.
All of it can be done twice: what was written is written again, and counted once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.errors import ThawError
from thaw.core.job_files import folder as folder_of
from thaw.core.job_request_errors import NOT_FOUND, JobRefusedError
from thaw.core.job_request_rules import check_job_request
from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.redaction import redacted
from thaw.core.times import to_iso
from thaw.jobs.cursor import Cursor
from thaw.jobs.cursor_file import keep_cursor, open_cursor
from thaw.jobs.estimating import Prices
from thaw.jobs.folder import JobFolder
from thaw.jobs.manifest_phases import ManifestPhases
from thaw.jobs.manifest_reading import ManifestReader
from thaw.jobs.selecting import Selector
from thaw.jobs.validating import check_found, publish, validated
from thaw.store.error_codes import error_code
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROWS_PER_PART = {Way.BATCH_OPERATIONS: 10_000, Way.REQUESTS: 500}
"""Records of an import part: what one function loads, or sends the requests of, at a time."""


_ON_THE_BUCKET = frozenset(("GetBucketVersioning", "ListObjectsV2", "ListObjectVersions"))
"""Of the calls that a preparation makes, those on the bucket that is restored from."""


class JobNotPreparedError(ThawError):
    """A job that was cancelled, or has ended, before it was prepared."""


class Prepared(NamedTuple):
    """What an invocation came to. `refused`: the job has ended, its state says why."""

    state: JobState
    done: bool
    parts: int = 0
    list_calls: int = 0

    @property
    def refused(self) -> bool:
        return bool(self.state.refusal)


@dataclass(frozen=True)
class Preparation:
    """Prepares jobs of one stack, in a function of `memory_bytes`; `now` is the UTC clock."""

    states: JobStates
    s3: "S3Client"
    jobs_bucket: str
    rules: JobRules
    prices: Prices
    memory_bytes: int
    now: Callable[[], datetime]

    def run(self, job_id: str, seconds_left: Callable[[], float]) -> Prepared:
        """Goes on with the job as far as `seconds_left()` allows.

        A request that cannot be fulfilled ends the job FAILED, and nothing is left but its state.
        Raises JobNotFoundError, JobNotPreparedError, ClientError.
        """
        state = self.states.read(job_id)
        if state.refusal or state.status is JobStatus.DRY_RUN:
            return Prepared(state, done=True)
        _check_open(state)
        folder = JobFolder(self.s3, self.jobs_bucket)
        try:
            check_job_request(state.request, self.rules)
            return self._go_on(state, folder, seconds_left)
        except JobRefusedError as exc:
            return Prepared(self._refuse(state, folder, exc), done=True)

    def _go_on(self, state: JobState, folder: JobFolder, seconds_left: Callable[[], float]) -> Prepared:
        cursor = open_cursor(state, folder)
        if not cursor.done:
            self._advance(state, cursor, folder, seconds_left)
            state = self._finish(state, cursor, folder) if cursor.done else state
            keep_cursor(state, cursor, folder)
        return Prepared(state, cursor.done, cursor.parts, cursor.list_calls)

    def _advance(
        self, state: JobState, cursor: Cursor, folder: JobFolder, seconds_left: Callable[[], float]
    ) -> None:
        rows, limit = ROWS_PER_PART[state.request.way], self.rules.max_objects
        try:
            if state.request.selection:
                Selector(self.s3, folder, state, state.request.selection, limit, rows, self.now).go_on(
                    cursor, seconds_left
                )
            else:
                reader = ManifestReader(self.s3, limit, self.memory_bytes)
                ManifestPhases(self.s3, folder, reader, state, rows, self.now).go_on(cursor, seconds_left)
        except ClientError as exc:
            missing = error_code(exc) == "NoSuchBucket"
            if not missing or exc.operation_name not in _ON_THE_BUCKET:
                raise
            raise JobRefusedError(f"There is no bucket {state.request.bucket}.", NOT_FOUND) from exc

    def _finish(self, state: JobState, cursor: Cursor, folder: JobFolder) -> JobState:
        check_found(state, cursor)
        publish(state, cursor, folder)
        found = validated(state, cursor, self.rules, self.prices)

        def change(now: JobState) -> JobState:
            _check_open(now)
            ended = {"status": JobStatus.DRY_RUN, "ended_at": to_iso(self.now())}
            return replace(now, validated=found, **(ended if now.request.dry_run else {}))

        return self.states.update(state.job_id, change)

    def _refuse(self, state: JobState, folder: JobFolder, exc: JobRefusedError) -> JobState:
        folder.empty(folder_of(state.job_id))

        def change(now: JobState) -> JobState:
            _check_open(now)
            return replace(
                now,
                status=JobStatus.FAILED,
                refusal=exc.status,
                reason=redacted(str(exc)),
                ended_at=to_iso(self.now()),
            )

        return self.states.update(state.job_id, change)


def _check_open(state: JobState) -> None:
    if state.ended or state.cancel_requested_at:
        what = f"has ended ({state.status})" if state.ended else "was cancelled"
        raise JobNotPreparedError(f"Job {state.job_id} {what} before it was prepared: nothing was requested.")
