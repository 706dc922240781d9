"""The next run of a job that has ended: what is done stays done, what failed, lapsed or is new is tried."""

from thaw.core.job_requests import JobRequest
from thaw.core.job_states import JobState, JobStatus
from thaw.jobs.errors import JobRunningError, OtherBucketError, OtherCopyError


def next_run(state: JobState, request: JobRequest, execution_arn: str = "") -> JobState:
    """The job as its next run begins. Raises JobRunningError, OtherBucketError, OtherCopyError."""
    check_same(state, request)
    if not state.ended:
        raise JobRunningError(f"Job {state.job_id} is {state.status}; wait until it has ended, or cancel it.")
    return JobState(
        job_id=state.job_id,
        request=request,
        status=JobStatus.PREPARING,
        created_at=state.created_at,
        execution_arn=execution_arn,
        run=state.run + 1,
        continues=state.continues or state.loaded is not None,
    )


def check_same(state: JobState, request: JobRequest) -> None:
    """What an earlier run copied counts as done: it cannot be wanted elsewhere under the same name."""
    if state.request.bucket != request.bucket:
        raise OtherBucketError(
            f"Job {state.job_id} is of bucket {state.request.bucket}, not of {request.bucket};"
            " choose another job_id."
        )
    if state.request.copy not in (None, request.copy):
        raise OtherCopyError(
            f"Job {state.job_id} was asked for with another copy, and what it has copied would not be copied"
            " again: choose another job_id, or leave copy as it was."
        )
