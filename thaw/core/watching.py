"""One look at a running job: what has changed, what is to be told of it, and what is to be done.

Pure: the same state and the same look give the same answer, so that a look that was cut short is repeated.
"""

from dataclasses import dataclass, replace

from thaw.core.history import Status
from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Progress
from thaw.core.progress_events import END, START, ProgressEvent, count, progress_event
from thaw.core.vault_troubles import vault_troubles
from thaw.core.watch_endings import completion, interruption, is_settled
from thaw.core.watch_figures import hours_before
from thaw.core.watch_states import DEAD, MISSING, Look, remembered, waves_to_read, with_look
from thaw.core.watch_troubles import troubles

MISSING_HOURS = 0.25
"""A job without an execution was never started: whoever creates one starts it within seconds."""

ALL = 100
_EARLY = (JobStatus.PREPARING, JobStatus.LOADING)


@dataclass(frozen=True)
class Decision:
    """The state as it should be, what to tell before it is written, and what to do after.

    `cancel`: why open waves are to be cancelled; `abandoned`: why the job's workflow has to be given up;
    `read_reports`: waves whose completion report is to be read; `next_wave`: whether one may be started.
    """

    state: JobState
    events: tuple[ProgressEvent, ...] = ()
    cancel: str = ""
    abandoned: str = ""
    read_reports: tuple[int, ...] = ()
    next_wave: bool = False


def needs_workflow(state: JobState) -> bool:
    """Whether the job goes on only as long as its `create-job` execution runs."""
    return state.status in _EARLY or (state.request.way is Way.REQUESTS and not state.requested)


def decide(state: JobState, look: Look, rules: JobRules, now: str) -> Decision:
    """What follows from a look at a job that has not ended."""
    state = remembered(with_look(state, look), look, now)
    abandoned = _abandoned(state, look, now)
    if abandoned or state.status in _EARLY or look.progress is None:
        return Decision(state, abandoned=abandoned)
    progress = look.progress
    state, events = _started(state, progress, rules, now)
    ending = completion(state, progress) or interruption(state, rules, now)
    if ending is None:
        return _going_on(state, look, progress, rules, now, events)
    if not is_settled(state) or (needs_workflow(state) and ending.status is JobStatus.CANCELLED):
        waiting = replace(state, reason=state.reason or ending.reason)
        return Decision(waiting, events, cancel=ending.reason, read_reports=waves_to_read(waiting, look))
    state = replace(state, status=ending.status, reason=ending.reason, ended_at=now)
    return Decision(state, (*events, progress_event(state, progress, END, (), now)))


def _going_on(
    state: JobState,
    look: Look,
    progress: Progress,
    rules: JobRules,
    now: str,
    events: tuple[ProgressEvent, ...],
) -> Decision:
    vault = look.vault
    if vault is None:
        found = troubles(state, progress, look.counters, rules, now)
    else:
        found = vault_troubles(state, vault, progress, look.counters, now)
    new = [trouble for trouble in found if trouble.kind not in state.trouble]
    in_flight = sum(progress.by_status[status].objects for status in (Status.PENDING, Status.RESTORING))
    copying = state.request.copy is not None and not in_flight
    state = replace(
        state,
        status=JobStatus.COPYING if copying else state.status,
        trouble=tuple(trouble.kind for trouble in found),
    )
    step = _step(state, progress, rules)
    if state.announced_percent < step < ALL:
        events = (*events, progress_event(state, progress, f"step-{step}", found, now))
        state = replace(state, announced_percent=step)
    told = (progress_event(state, progress, f"trouble-{trouble.kind}", found, now) for trouble in new)
    return Decision(
        state,
        (*events, *told),
        read_reports=waves_to_read(state, look),
        next_wave=state.request.way is Way.BATCH_OPERATIONS and not state.requested,
    )


def _started(
    state: JobState, progress: Progress, rules: JobRules, now: str
) -> tuple[JobState, tuple[ProgressEvent, ...]]:
    """The first look at a run tells how far it is already, so that no step is told besides."""
    if state.announced_run == state.run:
        return state, ()
    step = _step(state, progress, rules)
    fresh = replace(state, announced_run=state.run, announced_percent=step, trouble=())
    return fresh, (progress_event(fresh, progress, START, (), now),)


def _step(state: JobState, progress: Progress, rules: JobRules) -> int:
    percent = count(state, progress).percent
    return percent - percent % rules.progress_step_percent


def _abandoned(state: JobState, look: Look, now: str) -> str:
    if not needs_workflow(state):
        return ""
    if look.workflow in DEAD:
        return f"The workflow that creates the job ended as {look.workflow} without finishing it."
    if look.workflow == MISSING and state.changed_at <= hours_before(now, MISSING_HOURS):
        return "The workflow that creates the job was never started; ask for the job again."
    return ""
