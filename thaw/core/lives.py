"""An object that a job is to load may have been restored before: what its record keeps, what is left.

A life is the time that an object version spends in one job. A new one begins with what is still true of the
object: a temporary copy that has not lapsed, a restore that is under way.
"""

from enum import StrEnum

from thaw.core.history import NOTHING, History, Observation, Status, restored_at, status
from thaw.core.job_states import JobState
from thaw.core.records import ObjectRecord
from thaw.core.times import from_millis, to_millis

LONGEST_RESTORE_HOURS = 72
"""After so long a restore that was requested is not under way any more: Bulk takes up to 48 hours from Deep
Archive. https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""

_HOUR_MILLIS = 3_600_000


class Place(StrEnum):
    """What a loaded object needs; spelled as the counts of `thaw.core.job_states.Loaded`."""

    REQUESTS = "requests"
    RESTORING = "restoring"
    READABLE = "readable"
    COPIED = "copied"
    ELSEWHERE = "elsewhere"
    """Another job that is under way has it."""


def is_readable(history: History, now: str) -> bool:
    """Whether there is a temporary copy that has not lapsed at `now`; one without an expiry stays."""
    restored, expires = restored_at(history), history.restore_expires_at
    return restored > history.restore_expired_at and (not expires or expires > now)


def place_of(history: History, now: str) -> Place:
    """What an object of this history needs at `now` (fixed-width ISO-8601)."""
    if status(history) is Status.COPIED:
        return Place.COPIED
    if is_readable(history, now):
        return Place.READABLE
    return Place.RESTORING if _is_under_way(history, now) else Place.REQUESTS


def new_life(history: History, now: str) -> History:
    """What a record keeps of its former life: what is true of the object itself at `now`."""
    if is_readable(history, now):
        return _of_its_copy(history)
    uncopied = history._replace(copied_at="")
    return _of_its_request(uncopied) if _is_under_way(uncopied, now) else NOTHING


def may_be_taken(record: ObjectRecord, owner: JobState | None, now: str) -> bool:
    """Whether another job may take `record` over from its own, whose state is `owner`.

    Of a job that this stack did not start (None) it may unless a restore is to come, under way or readable.
    """
    if owner is not None:
        return owner.ended
    if record.status is Status.RESTORED:
        return not is_readable(record.history, now)
    return record.status not in (Status.PENDING, Status.RESTORING)


def _is_under_way(history: History, now: str) -> bool:
    oldest = from_millis(to_millis(now) - LONGEST_RESTORE_HOURS * _HOUR_MILLIS)
    began = max(history.restore_requested_at, history.observation.at)
    return status(history) is Status.RESTORING and began > oldest


def _of_its_copy(history: History) -> History:
    completed, seen = history.restore_completed_at, history.observation
    return History(
        restore_requested_at=history.restore_requested_at,
        restore_completed_at=completed if completed == restored_at(history) else "",
        restore_expires_at=history.restore_expires_at,
        observation=seen if seen.status == Status.RESTORED else Observation(),
    )


def _of_its_request(history: History) -> History:
    """The request, and that a listing showed it; a request before the end of a former copy was for that."""
    requested, seen = history.restore_requested_at, history.observation
    ended = max(restored_at(history), history.restore_expired_at)
    return History(
        restore_requested_at=requested if requested > ended else "",
        observation=seen if seen.status == Status.RESTORING else Observation(),
    )
