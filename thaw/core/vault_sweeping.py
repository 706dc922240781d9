"""What a sweep does about a retrieval job that it finds, and about an archive for which it finds none."""

from enum import Enum
from typing import NamedTuple

from thaw.core.archives import WINDOW_HOURS
from thaw.core.history import History, Status
from thaw.core.records import ObjectRecord
from thaw.core.retrieval_jobs import RetrievalJob, RetrievalStatus
from thaw.core.vault_watching import Need, longest_hours, need_of
from thaw.core.watch_figures import hours_before

LOST_HOURS = 1.0
"""A request that is older, and that no list of retrieval jobs shows, is lost."""

SKEW_HOURS = 1 / 6
"""By which our clock may be behind Glacier's."""

RESEND_HOURS = (1.0, 6.0, 12.0, 18.0)
"""How long after its completion a retrieval job is sent again though the queue is not empty: its message may
wait there, and a vault's worth of doubled messages would not help."""

_FINAL = (Status.COPIED, Status.FAILED)


class Finding(Enum):
    """What is to be done about a retrieval job or an archive."""

    NOTHING = "nothing"
    SEND = "sent"
    """It has ended, and nobody knows: its document goes to the queue, as Glacier would have sent it."""
    LONGER = "prolonged"
    """It will not be transferred in time: asked for again, its window begins anew."""
    LAPSED = "lapsed"
    """Its window is over: that is written down, and it is asked for again."""
    LOST = "lost"
    """Nobody will answer: it is asked for again."""
    PASSED = "passed"
    """It was never asked for, and the place in the plan is behind it."""


class Moment(NamedTuple):
    """When a sweep looks, when the one before it did ("" for none), and whether the queue is empty."""

    now: str
    before: str
    queue_is_empty: bool


def of_job(job: RetrievalJob, record: ObjectRecord, moment: Moment) -> Finding:
    """What is to be done about a retrieval job of an archive, as its record is."""
    if record.status in _FINAL or job.status is RetrievalStatus.IN_PROGRESS:
        return Finding.NOTHING
    asked_since = record.history.restore_requested_at > hours_before(job.completed_at, -SKEW_HOURS)
    if job.status is RetrievalStatus.FAILED:
        return Finding.NOTHING if asked_since else Finding.SEND
    if job.readable_until <= moment.now:
        lapsed = record.status in (Status.RESTORING, Status.RESTORED) and not asked_since
        return Finding.LAPSED if lapsed else Finding.NOTHING
    if need_of(record, moment.now) is Need.LONGER:
        return Finding.LONGER
    return Finding.SEND if _is_to_be_sent(job.completed_at, moment) else Finding.NOTHING


def answers(job: RetrievalJob, now: str) -> bool:
    """Whether a retrieval job may still end with its archive, or did and can be read."""
    return job.status is RetrievalStatus.IN_PROGRESS or job.readable_until > now


def of_row(record: ObjectRecord, began_at: str, now: str, since: str = "") -> Finding:
    """What is to be done about an archive behind the place in the plan, for which a sweep that began at
    `began_at` found no retrieval job.

    What was asked for before the run began (`since`) may have a retrieval job that points at a place in an
    older plan, and is paid: it is not asked for before that has ended.
    """
    if record.status is Status.PENDING:
        return Finding.PASSED
    if record.status is Status.RESTORING:
        asked_at = record.history.restore_requested_at
        under_way = longest_hours(record.entry.tier) if asked_at < since else 0
        lost = asked_at <= hours_before(began_at, LOST_HOURS + under_way)
        return Finding.LOST if lost else Finding.NOTHING
    need = need_of(record, now)
    return {Need.NOTHING: Finding.NOTHING, Need.LONGER: Finding.LONGER, Need.AGAIN: Finding.LAPSED}[need]


def lapsed(record: ObjectRecord, completed_at: str) -> History:
    """The news that the output of a retrieval that was completed then can be read no more."""
    if record.status is Status.EXPIRED:
        return History()
    completed = completed_at or record.history.restore_completed_at
    expires = hours_before(completed, -WINDOW_HOURS)
    return History(restore_completed_at=completed, restore_expires_at=expires, restore_expired_at=expires)


def _is_to_be_sent(completed_at: str, moment: Moment) -> bool:
    if moment.queue_is_empty:
        return True
    ages = (hours_before(completed_at, -hours) for hours in RESEND_HOURS)
    return any(moment.before < at <= moment.now for at in ages)
