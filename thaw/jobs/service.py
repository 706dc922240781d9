"""Jobs as people ask for them: created, listed, shown, cancelled. API and command line both use it."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from thaw.core import job_files
from thaw.core.job_request_errors import BAD_REQUEST, CONFLICT, NOT_FOUND, JobRefusedError
from thaw.core.job_request_fields import JOB_ID
from thaw.core.job_request_parsing import parse_job_request
from thaw.core.job_requests import JobRequest, Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.redaction import redacted
from thaw.core.request_fields import shown as quoted
from thaw.core.times import to_iso
from thaw.core.vault_request_parsing import parse_vault_resume, parse_vault_transfer
from thaw.jobs.checking import checked_request
from thaw.jobs.errors import JobError, JobRunningError, OtherBucketError, OtherCopyError
from thaw.jobs.next_runs import next_run
from thaw.jobs.service_types import Created, Outcome, Shown, Tools
from thaw.jobs.starting import BEGINNING, JobStarter
from thaw.jobs.vault_jobs import Accepted, VaultJobs
from thaw.manifests.s3 import S3Uri, delete, list_keys
from thaw.store.errors import JobExistsError, JobNotFoundError
from thaw.store.job_states import JobStates, StatePage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_PAGE = 100
"""Jobs in one page of a list."""

_START = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]{{12}}Z{JOB_ID}"
"""The `next` of a page: a time and a job id."""


class JobService:
    """The jobs of one stack. Every method raises JobRefusedError for a request at fault."""

    def __init__(
        self,
        states: JobStates,
        starter: JobStarter,
        s3: "S3Client",
        rules: JobRules,
        jobs_bucket: str,
        tools: Tools,
    ) -> None:
        self._states = states
        self._starter = starter
        self._s3 = s3
        self._rules = rules
        self._jobs_bucket = jobs_bucket
        self._tools = tools
        self._transfers = VaultJobs(states, rules, jobs_bucket, lambda: to_iso(tools.now()))

    def create(self, body: object) -> Created:
        """Begins the job that `body`, parsed JSON, asks for, and waits up to 20 seconds for its start.

        A request that is refused leaves nothing behind. One with the same idempotency_key begins nothing. One
        that says `again` begins the next run of its job.
        """
        asked = parse_job_request(body)
        job_id = asked.job_id or self._new_id(asked.request)
        if asked.again:
            return self._next_run(job_id, asked.request)
        known = self._states.find(job_id)
        if known is not None:
            return self._repeated(known, asked.request)
        request = checked_request(self._s3, asked.request, self._rules)
        state = JobState(job_id, request, JobStatus.PREPARING, to_iso(self._tools.now()))
        try:
            state = self._states.create(state)
        except JobExistsError:
            return self._repeated(self._states.read(job_id), asked.request)
        self._starter.start(state)
        return self._begun(self._starter.wait(job_id))

    def transfer(self, body: object) -> Created:
        """Begins the transfer of a vault that `body`, parsed JSON, asks for, and waits up to 20 seconds to
        see whether its request is good.

        A request that is refused in its first run leaves nothing behind. One with the same idempotency_key
        begins nothing.
        """
        request = parse_vault_transfer(body)
        return self._transferred(lambda: self._transfers.begin(request))

    def resume(self, job_id: str, body: object) -> Created:
        """Begins the next run of a transfer that has ended, and waits as `transfer` does."""
        resume = parse_vault_resume(body)
        try:
            return self._transferred(lambda: self._transfers.resume(_possible(job_id), resume))
        except JobNotFoundError as exc:
            raise _unknown(job_id) from exc

    def list(self, limit: int, start: str | None = None) -> StatePage:
        """At most `limit` jobs, newest first; `start` is the `next` of the page before."""
        if not 1 <= limit <= MAX_PAGE:
            raise JobRefusedError(f"limit is {limit}; it must be from 1 to {MAX_PAGE}.", BAD_REQUEST)
        if start is not None and not re.fullmatch(_START, start):
            raise JobRefusedError("start must be the next of the page before, as it was given.", BAD_REQUEST)
        return self._states.list(limit, start or "")

    def show(self, job_id: str) -> Shown:
        """One job with its progress, but while objects are loaded: then a later run's does not add up."""
        state = self._states.find(_possible(job_id))
        if state is None:
            raise _unknown(job_id)
        vault = self._tools.vaults.find(job_id) if state.request.way is Way.VAULT else None
        return Shown(state, None if state.status in BEGINNING else self._tools.progress(job_id), vault)

    def cancel(self, job_id: str, *, keep_uploads: bool = False) -> JobState:
        """Asks for the end of a job that has not ended; repeated, it is asked once.

        S3 Batch Operations stops at once; what was restored stays readable until it expires. The job is
        Cancelled when its workflow, or the watcher, has seen it. A transfer of a vault then aborts what it
        has open of multipart uploads, or keeps them for its next run.
        """
        try:
            state = self._states.update(
                _possible(job_id), partial(self._cancelled, keep_uploads=keep_uploads)
            )
        except JobNotFoundError as exc:
            raise _unknown(job_id) from exc
        self._tools.cancel_waves(state)
        return state

    def _cancelled(self, state: JobState, *, keep_uploads: bool) -> JobState:
        if state.ended:
            raise JobRefusedError(f"Job {state.job_id} has ended already: it is {state.status}.", CONFLICT)
        if keep_uploads and state.request.way is not Way.VAULT:
            raise JobRefusedError(
                f"Job {state.job_id} is no transfer of a vault, and has no uploads to keep.", CONFLICT
            )
        at = state.cancel_requested_at or to_iso(self._tools.now())
        return replace(state, cancel_requested_at=at, keep_uploads=keep_uploads or state.keep_uploads)

    def _repeated(self, known: JobState, request: JobRequest) -> Created:
        """The answer where the job is there already. A start that was cut short is made up for."""
        key = request.idempotency_key
        if not key or known.request.idempotency_key != key:
            raise JobRefusedError(
                f"Job {known.job_id} exists already; choose another job_id, or say again.", CONFLICT
            )
        if request not in (known.request, replace(known.request, bucket="")):
            raise JobRefusedError(
                f"The idempotency_key was used for another request, job {known.job_id}: choose another key.",
                CONFLICT,
            )
        if known.refusal:
            self._refuse(known)
        if known.status is JobStatus.PREPARING and not known.execution_arn:
            known = self._starter.start(known)
        return Created(known, Outcome.REPEATED)

    def _next_run(self, job_id: str, request: JobRequest) -> Created:
        request = checked_request(self._s3, request, self._rules)
        try:
            state = self._states.update(job_id, lambda state: next_run(state, request))
        except JobNotFoundError as exc:
            raise JobRefusedError(
                f"There is no job {quoted(job_id)} to run again; leave out again.", CONFLICT
            ) from exc
        except (JobRunningError, OtherBucketError, OtherCopyError) as exc:
            raise JobRefusedError(str(exc), CONFLICT) from exc
        self._starter.start(state)
        return self._begun(self._starter.wait(job_id))

    def _transferred(self, accept: Callable[[], Accepted]) -> Created:
        try:
            accepted = accept()
        except JobError as exc:
            raise JobRefusedError(str(exc), CONFLICT) from exc
        state = accepted.state
        if state.status is JobStatus.PREPARING and not state.execution_arn:
            state = self._starter.start(state)
        if accepted.repeated and not state.refusal:
            return Created(state, Outcome.REPEATED)
        return self._begun(self._starter.wait(state.job_id, self._is_validated))

    def _is_validated(self, state: JobState) -> bool:
        vault = self._tools.vaults.find(state.job_id)
        return vault is not None and vault.validated_run >= state.run

    def _begun(self, state: JobState) -> Created:
        if state.refusal:
            self._refuse(state)
        if state.status is JobStatus.FAILED:
            return Created(state, Outcome.FAILED)
        return Created(state, Outcome.PREPARING if state.status in BEGINNING else Outcome.STARTED)

    def _refuse(self, state: JobState) -> NoReturn:
        """Removes all that a refused job left, unless it has had objects, or is a transfer that may have a
        plan, and says why it was refused."""
        if state.continues or (state.request.way is Way.VAULT and state.run > 1):
            raise JobRefusedError(redacted(state.reason), state.refusal)
        keys = list_keys(self._s3, S3Uri(self._jobs_bucket, job_files.folder(state.job_id)))
        delete(self._s3, self._jobs_bucket, [*keys])
        if state.request.way is Way.VAULT:
            self._tools.vaults.delete(state.job_id)
        self._states.delete(state.job_id)
        raise JobRefusedError(redacted(state.reason), state.refusal)

    def _new_id(self, request: JobRequest) -> str:
        if request.idempotency_key:
            return f"job-{hashlib.sha256(request.idempotency_key.encode()).hexdigest()[:16]}"
        return f"job-{self._tools.now():%Y%m%d-%H%M%S}-{self._tools.token()}"


def _possible(job_id: str) -> str:
    """`job_id`, if a job can have it; no other is looked for."""
    if not re.fullmatch(JOB_ID, job_id):
        raise _unknown(job_id)
    return job_id


def _unknown(job_id: str) -> JobRefusedError:
    return JobRefusedError(f"There is no job {quoted(job_id)}.", NOT_FOUND)
