"""What of a vault transfer needs somebody's attention, told from its counters and its state."""

from collections.abc import Iterator

from thaw.core.archives import WINDOW_HOURS
from thaw.core.history import Status
from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.progress_events import Trouble
from thaw.core.rollups import HOUR, SEPARATOR
from thaw.core.vault_states import VaultState
from thaw.core.vault_watching import MANIFEST_ATTEMPTS
from thaw.core.watch_figures import JobCounters, hours_before, typical_hours
from thaw.core.watch_troubles import (
    CONFLICT,
    EXPIRING_UNCOPIED,
    PAUSED,
    QUIET_HOURS,
    STALLED,
    STUCK,
    UNWRITTEN,
    overdue_trouble,
)

STUCK_HOURS = 12.0
"""An archive that is retrieved for so long has half of its time left."""

MARGIN_HOURS = 3.0
"""Before the window of an archive is over."""

_HOUR_WIDTH = len("2026-11-21T03")
_LEFT = (Status.COPIED, Status.EXPIRED, Status.FAILED)
_UNDER_WAY = (Status.RESTORING, Status.RESTORED)


def vault_troubles(
    state: JobState, vault: VaultState, progress: Progress, counters: JobCounters, now: str
) -> list[Trouble]:
    """What holds now, at most one of each kind."""
    return [
        *_expiring(progress, counters, now),
        *overdue_trouble(state, progress, counters, now),
        *_stalled(state, vault, progress, now),
        *_paused(vault, progress, now),
        *_stuck(progress, counters, now),
        *_conflict(vault),
        *_unwritten(vault),
    ]


def _expiring(progress: Progress, counters: JobCounters, now: str) -> Iterator[Trouble]:
    lapsed = progress.by_status[Status.EXPIRED].objects
    soon = _waiting(progress, counters, hours_before(now, WINDOW_HOURS - MARGIN_HOURS))
    if lapsed + soon:
        yield Trouble(
            EXPIRING_UNCOPIED,
            lapsed + soon,
            f"{lapsed} archives were retrieved and not transferred within {WINDOW_HOURS} hours, and at least"
            f" {soon} more have less than {MARGIN_HOURS:g} hours left; they are asked for again, but see to"
            " the transfers.",
        )


def _stuck(progress: Progress, counters: JobCounters, now: str) -> Iterator[Trouble]:
    objects = _waiting(progress, counters, hours_before(now, STUCK_HOURS))
    if objects:
        yield Trouble(
            STUCK,
            objects,
            f"At least {objects} archives were retrieved more than {STUCK_HOURS:g} hours ago and are not"
            " transferred: see the queue of archives, its dead letters and the errors of transfer-archives.",
        )


def _stalled(state: JobState, vault: VaultState, progress: Progress, now: str) -> Iterator[Trouble]:
    """A transfer that waits for the next day's bytes, with nothing under way, is no trouble for a day."""
    under_way = sum(progress.by_status[status].objects for status in _UNDER_WAY)
    hours = max(QUIET_HOURS, typical_hours(state))
    if vault.held and not under_way:
        hours += WINDOW_HOURS
    if state.changed_at and state.changed_at <= hours_before(now, hours):
        left = under_way + progress.by_status[Status.PENDING].objects
        yield Trouble(
            STALLED,
            left,
            f"Nothing has changed since {state.changed_at}, and {left} archives are not done."
            f" {vault.held}".rstrip(),
        )


def _paused(vault: VaultState, progress: Progress, now: str) -> Iterator[Trouble]:
    waiting = progress.by_status[Status.PENDING].objects
    if vault.pause_reason and vault.paused_until > now:
        yield Trouble(PAUSED, waiting, f"{vault.pause_reason} It is tried again at {vault.paused_until}.")


def _conflict(vault: VaultState) -> Iterator[Trouble]:
    if vault.conflict:
        yield Trouble(
            CONFLICT,
            1,
            f"{vault.conflict}; it stays as it is, and the archive has failed: move the object away, or give"
            " the archive another key, then resume.",
        )


def _unwritten(vault: VaultState) -> Iterator[Trouble]:
    if vault.manifest_attempts > MANIFEST_ATTEMPTS:
        yield Trouble(
            UNWRITTEN,
            0,
            f"The manifest could not be written in {vault.manifest_attempts - 1} attempts: see"
            f" {vault.manifest_execution}; it is tried every hour.",
        )


def _waiting(progress: Progress, counters: JobCounters, before: str) -> int:
    """How many archives, at least, were retrieved in hours before that of `before` and still wait."""
    last = f"{HOUR}{SEPARATOR}{before[:_HOUR_WIDTH]}"
    completed = sum(
        amount
        for (metric, attribute), amount in counters.items()
        if attribute == "completed_objects" and metric < last
    )
    left = sum(progress.by_status[status].objects for status in _LEFT)
    return max(0, min(completed - left, progress.by_status[Status.RESTORED].objects))
