"""The next run of a vault transfer that has ended: with the plan that it had, or with a new one."""

from dataclasses import replace

from thaw.core.job_requests import JobRequest, Way
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_request_parsing import Resume
from thaw.core.vault_requests import VaultRequest
from thaw.jobs.errors import AlreadyMovedError, JobRunningError, NoTransferError, OtherCopyError


def asked_anew(state: JobState, request: JobRequest, execution_arn: str = "") -> JobState:
    """The transfer as a run with another `request` begins, which makes a plan of its own.

    Raises NoTransferError, JobRunningError, AlreadyMovedError where archives were moved and nothing is said
    about their plan, and OtherCopyError.
    """
    vault = _check_ended(state)
    if _has_moved(state):
        if request.vault is None or not request.vault.replan:
            raise AlreadyMovedError(
                f"Job {state.job_id} has moved archives of vault {vault.vault} to this place, and is"
                f" {state.status}: resume it, which goes on with its plan, or say replan, for a new one."
            )
        _check_copy(state, request)
    return _next_run(state, _planning(request, replan=True), execution_arn)


def resumed(state: JobState, resume: Resume, idempotency_key: str = "", execution_arn: str = "") -> JobState:
    """The transfer as its next run begins: with the plan there is, unless there is none or `resume` says so.

    What was a dry run is carried out. A run that `resume` lets plan anew takes a new inventory: a plan or an
    inventory that was given to an earlier one is of the past. Raises NoTransferError, JobRunningError.
    """
    _check_ended(state)
    request = replace(
        state.request,
        tier=resume.tier or state.request.tier,
        timeout_hours=resume.timeout_hours or state.request.timeout_hours,
        idempotency_key=idempotency_key,
        dry_run=False,
    )
    request = _planning(request, replan=resume.replan or state.validated is None)
    return _next_run(state, _inventoried(request, anew=resume.replan), execution_arn)


def _check_ended(state: JobState) -> VaultRequest:
    vault = state.request.vault
    if state.request.way is not Way.VAULT or vault is None:
        raise NoTransferError(
            f"Job {state.job_id} is no transfer of a vault: give the job_id of one, or choose another prefix."
        )
    if not state.ended:
        raise JobRunningError(
            f"Vault {vault.vault} is being moved to this place by job {state.job_id}, which is"
            f" {state.status}; wait until it has ended, or stop it."
        )
    return vault


def _check_copy(state: JobState, request: JobRequest) -> None:
    former = state.request.copy
    if former is not None and former != request.copy:
        raise OtherCopyError(
            f"Job {state.job_id} has moved archives into {former.storage_class}, and they would not be moved"
            " again: leave storage_class as it was, or choose another prefix."
        )


def _has_moved(state: JobState) -> bool:
    """Whether archives have records of this job, so that their keys are settled."""
    return state.continues or state.loaded is not None


def _planning(request: JobRequest, *, replan: bool) -> JobRequest:
    return replace(request, vault=request.vault and replace(request.vault, replan=replan))


def _inventoried(request: JobRequest, *, anew: bool) -> JobRequest:
    vault = request.vault and replace(request.vault, new_inventory=anew)
    return replace(request, vault=replace(vault, plan="", inventory="") if vault and anew else vault)


def _next_run(state: JobState, request: JobRequest, execution_arn: str) -> JobState:
    keeps_plan = request.vault is not None and not request.vault.replan
    return JobState(
        job_id=state.job_id,
        request=request,
        status=JobStatus.PREPARING,
        created_at=state.created_at,
        execution_arn=execution_arn,
        run=state.run + 1,
        continues=_has_moved(state),
        validated=state.validated if keeps_plan else None,
    )
