"""What of a running job needs somebody's attention, told from its counters."""

from collections.abc import Iterator

from thaw.core.history import Status
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.progress_events import Trouble
from thaw.core.watch_figures import JobCounters, expiring_uncopied, hours_before, overdue, typical_hours

EXPIRING_UNCOPIED = "expiring_uncopied"
OVERDUE = "overdue"
STALLED = "stalled"
UNACCOUNTED = "unaccounted"
PAUSED = "paused"
STUCK = "stuck"
CONFLICT = "conflict"
UNWRITTEN = "unwritten"
KINDS = (EXPIRING_UNCOPIED, OVERDUE, STALLED, UNACCOUNTED, PAUSED, STUCK, CONFLICT, UNWRITTEN)
"""The last four are of vault transfers (`thaw.core.vault_troubles`), which have no Batch Operations jobs that
could be unaccounted for."""

QUIET_HOURS = 6.0
"""Hours without any change after which a job stands still, unless S3 typically takes longer to answer."""


def troubles(
    state: JobState, progress: Progress, counters: JobCounters, rules: JobRules, now: str
) -> list[Trouble]:
    """What holds now, at most one of each of `KINDS`."""
    return [
        *_expiring(state, progress, counters, rules, now),
        *overdue_trouble(state, progress, counters, now),
        *_stalled(state, progress, now),
        *_unaccounted(state),
    ]


def _expiring(
    state: JobState, progress: Progress, counters: JobCounters, rules: JobRules, now: str
) -> Iterator[Trouble]:
    if state.request.copy is None:
        return
    lapsed = progress.by_status[Status.EXPIRED].objects
    soon = expiring_uncopied(progress, counters, hours_before(now, -rules.expiry_margin_hours))
    if lapsed + soon:
        yield Trouble(
            EXPIRING_UNCOPIED,
            lapsed + soon,
            f"{lapsed} temporary copies lapsed before they were copied, and at least {soon} more will within"
            f" {rules.expiry_margin_hours} hours; the sweep asks for them again, but see to the copier.",
        )


def overdue_trouble(
    state: JobState, progress: Progress, counters: JobCounters, now: str
) -> Iterator[Trouble]:
    """Retrievals that take longer than AWS says they do."""
    hours = typical_hours(state)
    objects = overdue(progress, counters, hours_before(now, hours))
    if objects:
        yield Trouble(
            OVERDUE,
            objects,
            f"At least {objects} objects were requested more than {hours:g} hours ago, the time that"
            f" {state.request.tier} retrievals typically take, and are not restored.",
        )


def _stalled(state: JobState, progress: Progress, now: str) -> Iterator[Trouble]:
    waiting = sum(progress.by_status[status].objects for status in (Status.PENDING, Status.RESTORING))
    hours = max(QUIET_HOURS, typical_hours(state)) if waiting else QUIET_HOURS
    if state.changed_at and state.changed_at <= hours_before(now, hours):
        objects = waiting or progress.by_status[Status.RESTORED].objects
        yield Trouble(
            STALLED,
            objects,
            f"Nothing has changed since {state.changed_at}, and {objects} objects are not done.",
        )


def _unaccounted(state: JobState) -> Iterator[Trouble]:
    problems = [wave.problem for wave in state.waves if wave.problem]
    if problems:
        yield Trouble(UNACCOUNTED, 0, " ".join(problems))
