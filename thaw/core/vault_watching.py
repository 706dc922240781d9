"""What is to be done about a vault transfer at a moment: go on, give up, sweep, finish. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from thaw.core.archives import VAULT_CLASS, WINDOW_HOURS
from thaw.core.history import Status, restored_at
from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Progress
from thaw.core.records import ObjectRecord
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.vault_states import VaultState
from thaw.core.watch_figures import JobCounters, hours_before, overdue

UPLOADS_REST_HOURS = 1.5 / 60
"""After a transfer was given up, before its uploads are taken for all there are: who transfers looks at the
job's state once a minute."""

LATE_SWEEP_SHARE = 1 / 3
"""Of the time between two sweeps, when something is late."""

WAITING_HOURS = 1.0
"""An archive that is retrieved for so long without being transferred may have lost its message."""

MANIFEST_ATTEMPTS = 3
MANIFEST_HOURS = 1.0
"""Between two attempts to write the manifest, after the first few."""

REFUSED_ARCHIVES = 5
"""So many archives that their destination refused, and none taken: it refuses all of them."""

REFUSED_HOURS = 2.0
"""How long nothing is asked for then: longer than a message waits until it is tried again, and so tells that
it is still refused."""

_MARGIN_HOURS = 1.0
_LONGEST_MARGIN_HOURS = 18.0
_UNDER_WAY = (JobStatus.RESTORING, JobStatus.COPYING)
_IN_FLIGHT = (Status.PENDING, Status.RESTORING, Status.RESTORED, Status.EXPIRED)


class Need(Enum):
    """What an archive, that has been asked for, needs."""

    NOTHING = "nothing"
    AGAIN = "again"
    """Its window is over."""
    LONGER = "longer"
    """Its window will be over: asked for once more, it begins anew."""


def is_under_way(state: JobState) -> bool:
    """Whether it is a vault transfer whose archives are loaded, and that has not ended."""
    return state.request.way is Way.VAULT and state.status in _UNDER_WAY


def given_up(state: JobState, now: str) -> bool:
    """Whether nothing more is requested or transferred: it has ended, was cancelled, or is past the time
    that was given to it. `now` is fixed-width ISO-8601."""
    return state.ended or bool(state.cancel_requested_at) or timed_out(state, now)


def timed_out(state: JobState, now: str) -> bool:
    """Whether the time that the request gave is over; a transfer has no other."""
    hours = state.request.timeout_hours
    return hours is not None and (state.started_at or state.created_at) <= hours_before(now, hours)


def given_up_at(state: JobState) -> str:
    """When it was given up, of one that is; fixed-width ISO-8601."""
    hours = state.request.timeout_hours or 0
    timeout = hours_before(state.started_at or state.created_at, -hours)
    return state.cancel_requested_at or timeout


def may_close(state: JobState, now: str) -> bool:
    """Whether a transfer that was given up has rested so long that no call transfers for it any more."""
    return given_up_at(state) <= hours_before(now, UPLOADS_REST_HOURS)


def may_request(state: JobState, vault: VaultState, now: str) -> bool:
    """Whether archives may be asked for: it is this run's, and Glacier did not ask us to wait."""
    if not is_under_way(state) or given_up(state, now) or state.closed:
        return False
    return vault.run == state.run and vault.plan is not None and vault.paused_until <= now


def settled(progress: Progress) -> bool:
    """Whether every archive is transferred or failed."""
    return not sum(progress.by_status[status].objects for status in _IN_FLIGHT)


def with_conflict(vault: VaultState, key: str) -> VaultState:
    """Notes that another object is at the key of an archive; the first is told."""
    if vault.conflict:
        return vault
    told = f"At {key} there is an object that is not the archive's"
    return replace(vault, conflict=told)


def paused(vault: VaultState, until: str, reason: str) -> VaultState:
    """Nothing is requested before `until` (fixed-width ISO-8601)."""
    return replace(vault, paused_until=until, pause_reason=reason)


def with_refusals(vault: VaultState, archive_ids: Iterable[str], reason: str) -> VaultState:
    """Notes that the destination refused archives for this reason, which is not theirs."""
    refused = tuple(dict.fromkeys((*vault.refused, *archive_ids)))[:REFUSED_ARCHIVES]
    return vault if refused == vault.refused else replace(vault, refused=refused, refusal=reason)


def refusals_weighed(vault: VaultState, counters: JobCounters, now: str) -> VaultState:
    """Paused if the destination takes nothing: retrieving more would be paid for nothing. What it refused
    is forgotten where it takes others."""
    if not vault.refused:
        return vault
    if _happened_since("copied", counters, hours_before(now, 1)):
        return replace(vault, refused=())
    if len(vault.refused) < REFUSED_ARCHIVES:
        return vault
    told = paused(vault, hours_before(now, -REFUSED_HOURS), f"The destination refuses all: {vault.refusal}")
    return replace(told, refused=())


def is_late(state: JobState, progress: Progress, counters: JobCounters, now: str) -> bool:
    """Whether the counters tell that something was not heard of: retrievals that take too long, archives
    that wait to be transferred, or whose window is over."""
    waiting = progress.by_status[Status.RESTORED].objects > _happened_since(
        "completed", counters, hours_before(now, WAITING_HOURS)
    )
    long_ago = hours_before(now, longest_hours(state.request.tier))
    return (
        waiting or progress.by_status[Status.EXPIRED].objects > 0 or overdue(progress, counters, long_ago) > 0
    )


def sweep_is_due(vault: VaultState, minutes: float, *, late: bool, now: str) -> bool:
    """Whether to list the retrieval jobs: once when a run begins, then every so many `minutes`, more often
    when something is late."""
    hours = minutes / 60 * (LATE_SWEEP_SHARE if late else 1)
    return not vault.swept_at or vault.swept_at <= hours_before(now, hours)


def need_of(record: ObjectRecord, now: str) -> Need:
    """What an archive whose retrieval was completed, as its record says, needs of Glacier at `now`."""
    history = record.history
    if record.status is Status.EXPIRED:
        return Need.AGAIN
    if record.status is not Status.RESTORED:
        return Need.NOTHING
    if history.restore_expires_at <= now:
        return Need.AGAIN
    asked_since = history.restore_requested_at > restored_at(history)
    if asked_since or history.restore_expires_at > hours_before(now, -margin_hours(record.entry.tier)):
        return Need.NOTHING
    return Need.LONGER


def margin_hours(tier: str) -> float:
    """How long before its window is over an archive is asked for again, so that the answer comes in time."""
    return min(_LONGEST_MARGIN_HOURS, longest_hours(tier) + _MARGIN_HOURS)


def longest_hours(tier: str) -> float:
    """How long a retrieval of an archive takes, as AWS publishes it."""
    return TYPICAL_HOURS.get((VAULT_CLASS, tier), WINDOW_HOURS)


def manifest_is_due(vault: VaultState, last_began_at: str, now: str) -> bool:
    """Whether to try once more to write the manifest, after an attempt that failed."""
    soon = vault.manifest_attempts < MANIFEST_ATTEMPTS
    return soon or last_began_at <= hours_before(now, MANIFEST_HOURS)


def _happened_since(what: str, counters: JobCounters, since: str) -> int:
    hour = f"hour#{since[: len('2026-11-21T03')]}"
    return sum(
        amount
        for (metric, attribute), amount in counters.items()
        if attribute == f"{what}_objects" and metric >= hour
    )
