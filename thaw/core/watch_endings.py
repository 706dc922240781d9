"""When a job is over, and how: complete, or for a reason that ends it before."""

from typing import NamedTuple

from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Wave
from thaw.core.jobs import Progress
from thaw.core.progress_events import count
from thaw.core.watch_figures import hours_before

BATCH_ENDED = frozenset({"Complete", "Failed", "Cancelled"})
"""S3's words. https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html"""


class Ending(NamedTuple):
    """How a job ends, and why in a sentence ("" where it just is complete)."""

    status: JobStatus
    reason: str


def is_open(wave: Wave) -> bool:
    """Whether S3 may still request restores of the wave's objects."""
    return bool(wave.batch_job_id) and wave.batch_status not in BATCH_ENDED


def is_settled(state: JobState) -> bool:
    """Whether every wave that was created has ended and its report is read: no more news of requests. A
    vault transfer is when it is closed."""
    if state.request.way is Way.VAULT:
        return state.closed
    return all(wave.reported and not is_open(wave) for wave in state.waves if wave.batch_job_id)


def completion(state: JobState, progress: Progress) -> Ending | None:
    """Complete, if every object is accounted for and done; with failures, if some are lost.

    What a later run tries again is not lost: loading has begun a new life for it.
    """
    counted = count(state, progress)
    if not state.requested or not is_settled(state) or counted.done + counted.lost < counted.total:
        return None
    if counted.lost == 0:
        return Ending(JobStatus.COMPLETE, "")
    return Ending(
        JobStatus.COMPLETE_WITH_FAILURES,
        f"{counted.lost} of {counted.total} {_lost(state)}",
    )


def _lost(state: JobState) -> str:
    """Of objects that are not done: what was not, and where to look for them."""
    if state.request.way is Way.VAULT:
        return f"archives were not transferred; `thaw vault manifest {state.job_id}` lists them and why."
    done = "restored" if state.request.copy is None else "copied"
    return (
        f"objects were not {done}; list them with"
        f" `thaw report attention --source dynamodb --job {state.job_id}`."
    )


def interruption(state: JobState, rules: JobRules, now: str) -> Ending | None:
    """What ends a job that is not complete: a wave that failed, a wish, somebody in S3, too much time."""
    for wave in state.waves:
        if wave.batch_status == "Failed":
            said = f"S3 Batch Operations job {wave.batch_job_id} (wave {wave.number}) failed"
            return Ending(JobStatus.FAILED, state.reason or said)
    if state.cancel_requested_at:
        return Ending(JobStatus.CANCELLED, f"Cancelled on request at {state.cancel_requested_at}.")
    for wave in state.waves:
        if wave.batch_status == "Cancelled":
            said = f"S3 Batch Operations job {wave.batch_job_id} (wave {wave.number}) was cancelled in S3."
            return Ending(JobStatus.CANCELLED, state.reason or said)
    hours = _timeout_hours(state, rules)
    if hours and (state.started_at or state.created_at) <= hours_before(now, hours):
        return Ending(
            JobStatus.TIMEOUT,
            f"Not complete {hours} hours after its start; what was requested of"
            f" {'Glacier' if state.request.way is Way.VAULT else 'S3'} goes on, and the next"
            f" {'run' if state.request.way is Way.VAULT else 'job of these objects'} finds what is done.",
        )
    return None


def _timeout_hours(state: JobState, rules: JobRules) -> int:
    """0 for none: a vault takes as many days as it has quotas' worth of archives."""
    default = 0 if state.request.way is Way.VAULT else rules.timeout_hours
    return state.request.timeout_hours or default
