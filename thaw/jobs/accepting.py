"""Accepts the input of the state machine `restore-bucket` as a job: a new one, or an ended one's next run."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from thaw.core.job_request_parsing import parse_restore_bucket
from thaw.core.job_request_rules import check_job_request
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_state_json import request_to_json
from thaw.core.job_states import JobState, JobStatus
from thaw.jobs.next_runs import check_same, next_run
from thaw.store.errors import JobExistsError
from thaw.store.job_states import JobStates

_BUCKET_CHARACTERS = 40
_DIGEST_CHARACTERS = 8


@dataclass(frozen=True)
class Acceptor:
    """Accepts jobs; `machine_arn` is the state machine `create-job`, `now()` fixed-width ISO-8601."""

    states: JobStates
    rules: JobRules
    machine_arn: str
    now: Callable[[], str]

    def accept(self, body: object, execution: str) -> JobState:
        """The job for `body`, Preparing. The same input is the same job.

        `execution` (of `restore-bucket`) may ask again, and gets the same answer. Raises JobRefusedError,
        JobRunningError for a job that has not ended, OtherBucketError, OtherCopyError.
        """
        asked = parse_restore_bucket(body)
        check_job_request(asked.request, self.rules)
        job_id = asked.job_id or bucket_job_id(asked.request)
        request = replace(asked.request, idempotency_key=_digest(execution)[:32])
        if self.states.find(job_id) is None:
            try:
                return self.states.create(self._first_run(job_id, request))
            except JobExistsError:
                pass  # an execution that asked at the same time was faster: below it is told apart from ours
        return self.states.update(job_id, lambda state: self._next_run(state, request))

    def _first_run(self, job_id: str, request: JobRequest) -> JobState:
        arn = self._execution(job_id, 1)
        return JobState(job_id, request, JobStatus.PREPARING, self.now(), execution_arn=arn)

    def _next_run(self, state: JobState, request: JobRequest) -> JobState:
        check_same(state, request)
        if not state.ended and state.request.idempotency_key == request.idempotency_key:
            return state
        return next_run(state, request, self._execution(state.job_id, state.run + 1))

    def _execution(self, job_id: str, run: int) -> str:
        return f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{job_id}-{run}"


def bucket_job_id(request: JobRequest) -> str:
    """The id of the job for `request`, always the same."""
    digest = _digest(request_to_json(request))[:_DIGEST_CHARACTERS]
    return f"bucket-{request.bucket[:_BUCKET_CHARACTERS]}-{digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
