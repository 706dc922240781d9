"""What a sweep does so that no restored object lapses uncopied: whether it must look, and what with each.

Times are fixed-width ISO-8601.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from thaw.core.history import Status, restored_at
from thaw.core.listing import ARCHIVED, Listed
from thaw.core.records import ObjectRecord
from thaw.core.rollups import HOUR, SEPARATOR, STATUS, STORAGE
from thaw.core.times import to_iso

WAITING = timedelta(hours=1)
"""An object that is readable for so long without being copied may have lost its message."""

_UNANSWERED = (Status.PENDING, Status.RESTORING)
_ANSWERED = (Status.RESTORED, Status.COPIED, Status.FAILED, Status.EXPIRED)

_HOUR_WIDTH = len("2026-11-21T03")
_DAY_WIDTH = len("2026-11-21")


class Moment(NamedTuple):
    """When a sweep looks: what expires by `until` is extended, what was readable by `waiting_since` waits."""

    now: str
    until: str
    waiting_since: str

    @classmethod
    def of(cls, now: datetime, margin_hours: int) -> "Moment":
        return cls(to_iso(now), to_iso(now + timedelta(hours=margin_hours)), to_iso(now - WAITING))


class Needs(NamedTuple):
    """Why a job's objects must be looked at: some may lapse soon, wait to be copied, have lapsed, or be
    readable without anybody having told."""

    lapsing: bool
    waiting: bool
    lapsed: bool
    overdue: bool = False


class Action(Enum):
    """What is to be done with an object."""

    EXTEND = "extend"
    """Its temporary copy lapses soon: restore it again, and have it copied."""
    REQUEST = "request"
    """Its temporary copy has lapsed: restore it again."""
    SEND = "send"
    """It can be copied, and is not: send its message again."""
    HEAL = "heal"
    """It is readable, and its record says that it is not yet: write it down, and have it copied."""


def needs(counters: Mapping[tuple[str, str], int], moment: Moment, overdue_before: str) -> Needs:
    """What the counters of a job that copies, keyed (metric, attribute), cannot rule out.

    They count temporary copies by the day of their expiry whether copied or not, so they tell what may be.
    What was requested before the hour of `overdue_before` should have been answered: an event was lost, or
    S3 sent none, as for objects that were readable when they were requested.
    """
    restored = counters.get((STATUS, f"{Status.RESTORED.lower()}_objects"), 0)
    expired = counters.get((STATUS, f"{Status.EXPIRED.lower()}_objects"), 0)
    recent = _completed_since(counters, moment.waiting_since[:_HOUR_WIDTH])
    lapsing = restored > 0 and _expiring(counters, moment)
    return Needs(lapsing, restored > recent, expired > 0, _is_overdue(counters, overdue_before[:_HOUR_WIDTH]))


def action(record: ObjectRecord, listed: Listed, moment: Moment, found: Needs) -> Action | None:
    """What `listed`, an archived object of a job that copies, needs; None for nothing."""
    archived = listed.storage_class in ARCHIVED
    if found.overdue and record.status in _UNANSWERED and archived and listed.restore_expires_at:
        return Action.HEAL
    if record.status not in (Status.RESTORED, Status.EXPIRED) or listed.restore_in_progress:
        return None
    if archived and not listed.restore_expires_at:
        return Action.REQUEST if _has_lapsed(record, moment.now) else None
    if archived and listed.restore_expires_at <= moment.until:
        return Action.EXTEND
    waits = restored_at(record.history) <= moment.waiting_since
    return Action.SEND if found.waiting and waits else None


def _has_lapsed(record: ObjectRecord, now: str) -> bool:
    """Also where the event that said so was lost."""
    return record.status is Status.EXPIRED or record.history.restore_expires_at <= now


def _completed_since(counters: Mapping[tuple[str, str], int], hour: str) -> int:
    return sum(amount for at, amount in _by_hour(counters, "completed_objects") if at >= hour)


def _is_overdue(counters: Mapping[tuple[str, str], int], hour: str) -> bool:
    """Whether something is being restored, and nothing was requested from `hour` on, or more before it than
    has been answered."""
    if counters.get((STATUS, f"{Status.RESTORING.lower()}_objects"), 0) <= 0:
        return False
    requested = list(_by_hour(counters, "requested_objects"))
    before = sum(amount for at, amount in requested if at < hour)
    late = sum(amount for at, amount in requested if at >= hour)
    answered = sum(counters.get((STATUS, f"{status.lower()}_objects"), 0) for status in _ANSWERED)
    return before > 0 and (late == 0 or before > answered)


def _by_hour(counters: Mapping[tuple[str, str], int], counted: str) -> Iterator[tuple[str, int]]:
    return (
        (metric.removeprefix(HOUR + SEPARATOR), amount)
        for (metric, name), amount in counters.items()
        if name == counted and metric.startswith(HOUR + SEPARATOR)
    )


def _expiring(counters: Mapping[tuple[str, str], int], moment: Moment) -> bool:
    return any(
        amount > 0
        and name == "objects"
        and metric.startswith(STORAGE + SEPARATOR)
        and moment.now[:_DAY_WIDTH] <= metric.rpartition(SEPARATOR)[2] <= moment.until[:_DAY_WIDTH]
        for (metric, name), amount in counters.items()
    )
