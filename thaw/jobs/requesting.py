"""Requests the restores of one part of a job: hundreds of objects, those only that still need it.

What S3 answers is written to the records at once, so that a part whose function died is taken up where it
ended: what was requested shows as RESTORING, and is not requested again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.waves import NO_LIMIT, has_room, pacing_limit, uncopied_bytes
from thaw.jobs.changes import refuse_cancelled
from thaw.jobs.errors import RestoreThrottledError, TooManyRefusedError
from thaw.jobs.job_records import JobRecords
from thaw.jobs.refused_requests import write_refused
from thaw.jobs.request_files import request_lines
from thaw.jobs.request_lines import RequestLine
from thaw.jobs.restoring import RestoreSender
from thaw.jobs.tolerance import Tolerance
from thaw.store.job_states import JobStates
from thaw.store.reader import BATCH_GET_ITEMS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_SECONDS = 30
"""A chunk is as many objects as are requested in this time, at most those of one BatchGetItem."""

RESERVE_SECONDS = 180.0
"""Time that must be left to begin a chunk: its own, and S3's refusing to take it at first."""

WAIT_SECONDS = 600
"""How long to wait for copies to make room. A look is nine events of an execution's 25,000, so that it can
wait 19 days: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


class PartProgress(NamedTuple):
    """How far a part is: lines done from its beginning; if that is not all, when to go on, in seconds."""

    start: int
    done: bool
    wait_seconds: int = 1


@dataclass(frozen=True)
class PartRequester:
    """Requests parts. `sender(state)` sends for one job, at `per_second`; `progress(job_id)` is exact."""

    states: JobStates
    records: JobRecords
    s3: "S3Client"
    jobs_bucket: str
    rules: JobRules
    per_second: float
    sender: Callable[[JobState], RestoreSender]
    progress: Callable[[str], Progress]
    now: Callable[[], str]

    def request(self, job_id: str, part: str, start: int, remaining: Callable[[], float]) -> PartProgress:
        """Requests what the requests/ file with the key `part` holds from line `start` on, as far as
        that goes in `remaining()` seconds.

        Raises CancelledError; TooManyRefusedError when a larger share than the rules tolerate is refused;
        RestoreThrottledError and UnappliedNewsError for what another try may mend.
        """
        state = self.states.read(job_id)
        lines = list(request_lines(self.s3, self.jobs_bucket, part))
        tolerance = Tolerance(part, self.rules.tolerated_failure_percent)
        try:
            return self._all(state, lines, start, tolerance, remaining)
        except TooManyRefusedError as exc:
            self._note(job_id, str(exc))
            raise
        finally:
            write_refused(self.s3, self.jobs_bucket, job_id, part, start, tolerance.refused)

    def _all(
        self,
        state: JobState,
        lines: Sequence[RequestLine],
        start: int,
        tolerance: Tolerance,
        remaining: Callable[[], float],
    ) -> PartProgress:
        sender = self.sender(state)
        size = min(BATCH_GET_ITEMS, max(1, int(self.per_second * CHUNK_SECONDS)))
        for at in range(start, len(lines), size):
            if at > start and remaining() < RESERVE_SECONDS:
                return PartProgress(at, done=False)
            refuse_cancelled(self.states.read(state.job_id))
            wanted = self.records.needing(state, lines[at : at + size], self.now())
            room = self._room(state, wanted)
            self._send(state, sender, wanted[:room], tolerance)
            if room < len(wanted):
                return PartProgress(lines.index(wanted[room], at), done=False, wait_seconds=WAIT_SECONDS)
        return PartProgress(len(lines), done=True)

    def _note(self, job_id: str, reason: str) -> None:
        """Writes down why the job will fail: a Map tells only that one of its items did."""
        self.states.update(job_id, lambda state: state if state.reason else replace(state, reason=reason))

    def _room(self, state: JobState, wanted: Sequence[RequestLine]) -> int:
        """How many of `wanted` may be requested now, so that what is uncopied stays bounded."""
        limit = pacing_limit(state.request, self.rules)
        if limit == NO_LIMIT or not wanted:
            return len(wanted)
        uncopied = uncopied_bytes(self.progress(state.job_id), ())
        for number, line in enumerate(wanted):
            if not has_room(line.size_bytes or 0, uncopied, limit):
                return number
            uncopied += line.size_bytes or 0
        return len(wanted)

    def _send(
        self, state: JobState, sender: RestoreSender, wanted: Sequence[RequestLine], tolerance: Tolerance
    ) -> None:
        answers = list(zip(wanted, sender.send(wanted), strict=True))
        tolerance.add(len(wanted), self.records.answered(state, answers))
        for line, answer in answers:
            if isinstance(answer, Exception):
                raise RestoreThrottledError(
                    f"S3 did not take the restore request for {state.request.bucket}/{line.key}: {answer}"
                ) from answer
