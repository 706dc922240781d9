"""What is known of one object version: the latest time of each kind of event, how two such
histories merge, and the status that follows.

Absent is the empty text, which sorts before every time; so the later of two is simply `max`, and
merging is commutative, associative and idempotent by construction.
"""

# ruff: noqa: FURB136 - every event is merged, and max() would take twice as long as a comparison

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """Where an object version stands. Derived, never set."""

    PENDING = "PENDING"
    RESTORING = "RESTORING"
    RESTORED = "RESTORED"
    COPIED = "COPIED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class Failure(NamedTuple):
    """The latest failure and its error, as AWS words it."""

    at: str = ""
    error_code: str = ""
    error_message: str = ""


class Observation(NamedTuple):
    """What a bucket listing showed, RESTORING or RESTORED: evidence of an event that got lost and whose
    own time nobody knows."""

    at: str = ""
    status: str = ""


class History(NamedTuple):
    """The latest time (fixed-width ISO-8601, "" for never) of each kind of event of an object version."""

    restore_requested_at: str = ""
    restore_completed_at: str = ""
    restore_expires_at: str = ""
    restore_expired_at: str = ""
    copied_at: str = ""
    failure: Failure = Failure()
    observation: Observation = Observation()


NOTHING = History()


def merge(one: History, other: History) -> History:
    """All that both know: the later time of each kind, with what belongs to it."""
    requested, completed, expires, expired, copied, failure, observation = one
    requested_2, completed_2, expires_2, expired_2, copied_2, failure_2, observation_2 = other
    return History(
        requested if requested >= requested_2 else requested_2,
        completed if completed >= completed_2 else completed_2,
        expires if expires >= expires_2 else expires_2,
        expired if expired >= expired_2 else expired_2,
        copied if copied >= copied_2 else copied_2,
        failure if failure >= failure_2 else failure_2,
        observation if observation >= observation_2 else observation_2,
    )


def news_since(news: History, since: str) -> History:
    """What of `news` did not happen before `since` (fixed-width ISO-8601, "" for all of it).

    An expiry goes with the completion or listing that told it; alone it is of the present.
    """
    if not since:
        return news
    requested, completed, expires, expired, copied, failure, observation = news
    told_at = max(completed, observation.at) or since
    return History(
        requested if requested >= since else "",
        completed if completed >= since else "",
        expires if told_at >= since else "",
        expired if expired >= since else "",
        copied if copied >= since else "",
        failure if failure.at >= since else Failure(),
        observation if observation.at >= since else Observation(),
    )


def status(history: History) -> Status:
    """Where the object stands, by the rules in docs/architecture.md.

    A copy is final. Otherwise the latest event decides, the later stage winning a tie; a request made
    while the object is readable only extends its expiry.
    """
    if history.copied_at:
        return Status.COPIED
    latest, result = "", Status.PENDING
    for at, stage in _evidence(history):
        if at and at >= latest:
            latest, result = at, stage
    return result


def _evidence(history: History) -> tuple[tuple[str, Status], ...]:
    requested = "" if _extends(history) else history.restore_requested_at
    return (
        (requested, Status.RESTORING),
        (history.failure.at, Status.FAILED),
        (history.observation.at, Status(history.observation.status or Status.RESTORING)),
        (history.restore_completed_at, Status.RESTORED),
        (history.restore_expired_at, Status.EXPIRED),
    )


def _extends(history: History) -> bool:
    """Whether the latest request was made while the temporary copy was readable."""
    restored, requested = restored_at(history), history.restore_requested_at
    expired = history.restore_expired_at
    lapsed = restored <= expired <= requested
    return bool(restored) and restored <= requested < history.restore_expires_at and not lapsed


def restored_at(history: History) -> str:
    """When the object became readable: the event's time; if that event was lost, of this restore or of
    the first one after an expiry, when a listing showed it so."""
    completed, (seen, seen_status) = history.restore_completed_at, history.observation
    lost = not completed or completed < history.restore_expired_at <= seen
    return seen if lost and seen_status == Status.RESTORED else completed


def known_at(history: History, as_of: str) -> History:
    """What was known at `as_of` (fixed-width ISO-8601): an event later than that has not happened.

    The expiry belongs to the restore that told it, and is known once that has completed. Only the latest time
    of each kind of event is kept, so an earlier one that it replaced stays unknown.
    """
    requested, completed, expires, expired, copied, failure, observation = history
    told_at = restored_at(history) or observation.at
    return History(
        requested if requested <= as_of else "",
        completed if completed <= as_of else "",
        expires if told_at <= as_of else "",
        expired if expired <= as_of else "",
        copied if copied <= as_of else "",
        failure if failure.at <= as_of else Failure(),
        observation if observation.at <= as_of else Observation(),
    )
