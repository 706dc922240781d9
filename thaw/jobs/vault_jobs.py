"""Vault transfers as jobs: one of a vault to one place, new or in its next run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_request_parsing import Resume
from thaw.core.vault_request_rules import check_vault_request
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_runs import vault_job_id
from thaw.jobs.errors import OtherRequestError
from thaw.jobs.vault_runs import asked_anew, resumed
from thaw.store.errors import JobExistsError
from thaw.store.job_states import JobStates


class Accepted(NamedTuple):
    """A transfer that is Preparing; or, `repeated`, as it is since the same was asked for before."""

    state: JobState
    repeated: bool = False


@dataclass(frozen=True)
class VaultJobs:
    """The transfers of one stack; `now()` is fixed-width ISO-8601. Nothing is started here.

    Every method raises JobRefusedError for what the stack does not allow, JobRunningError for a transfer
    that has not ended, and NoTransferError for a job of another way.
    """

    states: JobStates
    rules: JobRules
    jobs_bucket: str
    now: Callable[[], str]

    def begin(self, request: JobRequest, execution_arn: str = "") -> Accepted:
        """The job for `request`; the same idempotency_key gets the same run again.

        Raises AlreadyMovedError, OtherCopyError and OtherRequestError besides.
        """
        check_vault_request(request, self.rules, self.jobs_bucket)
        job_id = _job_id(request)
        if self.states.find(job_id) is None:
            state = JobState(
                job_id, request, JobStatus.PREPARING, self.now(), execution_arn=execution_arn, run=1
            )
            try:
                return Accepted(self.states.create(state))
            except JobExistsError:
                pass  # somebody who asked at the same time was faster: below it is told apart from us
        return self._changed(job_id, request, lambda state: asked_anew(state, request, execution_arn))

    def resume(
        self, job_id: str, resume: Resume, idempotency_key: str = "", execution_arn: str = ""
    ) -> Accepted:
        """The next run of a transfer that has ended. Raises JobNotFoundError besides."""
        state = self.states.read(job_id)
        if _is_repeated(state, idempotency_key):
            return Accepted(state, repeated=True)

        def next_run(state: JobState) -> JobState:
            following = resumed(state, resume, idempotency_key, execution_arn)
            check_vault_request(following.request, self.rules, self.jobs_bucket)
            return following

        return Accepted(self.states.update(job_id, next_run))

    def _changed(self, job_id: str, request: JobRequest, change: Callable[[JobState], JobState]) -> Accepted:
        known = self.states.read(job_id)
        if not _is_repeated(known, request.idempotency_key):
            return Accepted(self.states.update(job_id, change))
        if not _same(known.request, request):
            raise OtherRequestError(
                f"The idempotency_key was used for another request, job {job_id}: choose another key."
            )
        return Accepted(known, repeated=True)


def _job_id(request: JobRequest) -> str:
    vault, copy = request.vault or VaultRequest(""), request.copy or CopyRequest()
    return vault_job_id(vault.vault, copy.destination_bucket, copy.destination_prefix)


def _is_repeated(state: JobState, idempotency_key: str) -> bool:
    return bool(idempotency_key) and state.request.idempotency_key == idempotency_key


def _same(one: JobRequest, other: JobRequest) -> bool:
    """Whether they ask for the same; whether a plan is made anew is added to some."""
    return _unplanned(one) == _unplanned(other)


def _unplanned(request: JobRequest) -> JobRequest:
    return replace(request, vault=request.vault and replace(request.vault, replan=False))
