"""Opens a job that was found good: from here on its restores are heard of, and it is loaded."""

from dataclasses import replace

from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.notifications import KeyFilter
from thaw.jobs.changes import refuse_cancelled
from thaw.jobs.errors import UnheardEventsError
from thaw.jobs.listening import Listener
from thaw.store.job_states import JobStates


def open_job(states: JobStates, listener: Listener, job_id: str, rules: JobRules) -> JobState:
    """Has the bucket's restore events sent to our queue, and sets the job Loading.

    Opening again changes nothing. Raises CancelledError, NotificationOverlapError, and UnheardEventsError
    where the events of some keys that the job selects would not be heard.
    """
    state = states.read(job_id)
    refuse_cancelled(state)
    _check_selection(state, listener.listen(state.request.bucket, rules))
    return states.update(job_id, _loading)


def _check_selection(state: JobState, heard: list[KeyFilter]) -> None:
    """The keys of a manifest are checked when they are read, those of a selection by its prefix."""
    selection = state.request.selection
    if selection is None:
        return
    if any(not part.suffix and selection.prefix.startswith(part.prefix) for part in heard):
        return
    prefixes = " and ".join(repr(part.prefix) for part in heard)
    raise UnheardEventsError(
        f"Of bucket {state.request.bucket}, restore events reach this stack's queue for keys under {prefixes}"
        f" only, and the job selects those under {selection.prefix!r}: choose a prefix below, or set none on"
        " this bucket, and deploy."
    )


def _loading(state: JobState) -> JobState:
    refuse_cancelled(state)
    return replace(state, status=JobStatus.LOADING) if state.status is JobStatus.PREPARING else state
