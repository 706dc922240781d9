"""Changes of a job's state that several steps make."""

from dataclasses import replace

from thaw.core.job_states import JobState, JobStatus, Wave
from thaw.jobs.errors import CancelledError, NoSuchWaveError


def refuse_cancelled(state: JobState) -> None:
    """Raises CancelledError for a job that somebody cancelled, or that has ended meanwhile."""
    if state.cancel_requested_at:
        raise CancelledError(f"Job {state.job_id} was cancelled at {state.cancel_requested_at}.")
    if state.ended:
        raise CancelledError(f"Job {state.job_id} has ended already, as {state.status}.")


def is_undone(state: JobState) -> bool:
    """Whether what the job loaded is being taken back, or was: it failed before S3 was asked for anything."""
    failed = bool(state.reason) or state.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    return failed and not state.started_at and not any(wave.batch_job_id for wave in state.waves)


def find_wave(state: JobState, number: int) -> Wave:
    """The wave of this number. Raises NoSuchWaveError."""
    for wave in state.waves:
        if wave.number == number:
            return wave
    raise NoSuchWaveError(f"Job {state.job_id} has {len(state.waves)} waves, none with the number {number}.")


def with_wave(state: JobState, wave: Wave) -> JobState:
    """`state` with the wave in the place of the one with its number."""
    return replace(state, waves=tuple(wave if each.number == wave.number else each for each in state.waves))
