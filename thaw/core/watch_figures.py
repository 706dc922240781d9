"""What the counters of a job tell of trouble, without a look at its objects.

Counters say how many objects did what and when, not which: so these are least numbers, true of some objects
whatever the order in which they came. They raise no false alarm.
"""

from collections.abc import Mapping

from thaw.core.history import Status
from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.rollups import HOUR, SEPARATOR, STORAGE
from thaw.core.times import from_millis, to_millis

JobCounters = Mapping[tuple[str, str], int]
"""(metric, attribute) -> amount"""

HOUR_MILLIS = 3_600_000
ETA_HOURS = 365 * 24

_HOUR_WIDTH = len("2026-11-21T03")
_DAY_WIDTH = len("2026-11-21")
_UNANSWERED = (Status.PENDING, Status.RESTORING)
_LEFT_STORAGE = (Status.COPIED, Status.EXPIRED, Status.FAILED)


def hours_before(now: str, hours: float) -> str:
    """The time `hours` before `now`; a negative number is after it."""
    return from_millis(to_millis(now) - round(hours * HOUR_MILLIS))


def expiring_uncopied(progress: Progress, counters: JobCounters, until: str) -> int:
    """How many objects, at least, are readable and not copied and lapse on the day of `until` or before."""
    lapsing = sum(
        amount
        for (metric, attribute), amount in counters.items()
        if attribute == "objects" and _lapses_by(metric, until[:_DAY_WIDTH])
    )
    return max(0, lapsing - _objects(progress, _LEFT_STORAGE))


def overdue(progress: Progress, counters: JobCounters, before: str) -> int:
    """How many objects, at least, were requested in hours before that of `before` and not answered since."""
    last = f"{HOUR}{SEPARATOR}{before[:_HOUR_WIDTH]}"
    requested = sum(
        amount
        for (metric, attribute), amount in counters.items()
        if attribute == "requested_objects" and metric < last
    )
    unanswered = _objects(progress, _UNANSWERED)
    return max(0, requested - (progress.job.totals.objects - unanswered))


def typical_hours(state: JobState) -> float:
    """How long AWS says the job's slowest class takes with its tier; the slowest of all where unknown."""
    found = state.loaded or state.validated
    classes = found.by_storage_class if found else ()
    known = [TYPICAL_HOURS.get((name, state.request.tier)) for name in classes]
    with_tier = [hours for (_, tier), hours in TYPICAL_HOURS.items() if tier == state.request.tier]
    slowest = max(with_tier or TYPICAL_HOURS.values())
    return max((slowest if hours is None else hours for hours in known), default=slowest)


def eta(state: JobState, done: int, total: int, now: str) -> str:
    """When the job may be done: at its pace so far; before the first object is done, as expected when it was
    validated. "" where neither tells, or no sooner than in a year."""
    if not state.started_at or done >= total:
        return ""
    started = to_millis(state.started_at)
    if done:
        left = (to_millis(now) - started) * (total - done) // done
        return from_millis(to_millis(now) + left) if left < ETA_HOURS * HOUR_MILLIS else ""
    hours = max(typical_hours(state), state.validated.expected_hours if state.validated else 0)
    expected = hours_before(state.started_at, -hours)
    return expected if expected > now else ""


def _lapses_by(metric: str, day: str) -> bool:
    parts = metric.split(SEPARATOR)
    return parts[0] == STORAGE and parts[-1] <= day


def _objects(progress: Progress, statuses: tuple[Status, ...]) -> int:
    return sum(progress.by_status[status].objects for status in statuses)
