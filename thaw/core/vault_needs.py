"""Which archives are asked for, as their records say, and what of the budgets that takes. Pure."""

from typing import NamedTuple

from thaw.core.history import Failure, History, Status
from thaw.core.records import ObjectRecord


class Cost(NamedTuple):
    """What asking for an archive takes: bytes of the day (it `retrieves`), room among what is staged."""

    retrieves: bool
    stages: bool


_FIRST = Cost(retrieves=True, stages=True)
_ANEW = Cost(retrieves=True, stages=False)
_LONGER = Cost(retrieves=False, stages=False)


def cost_of(record: ObjectRecord, now: str, *, again: bool) -> Cost | None:
    """What asking for the archive of `record` takes; None for one that needs no request.

    `again`: somebody found that it has to be asked for again. Then also one that is being retrieved is, and
    one that can be read: that one only stays so for longer, which Glacier does not charge. Without, one that
    can be read no more is.
    """
    status = record.status
    if status in (Status.PENDING, Status.EXPIRED):
        return _FIRST
    if status is Status.RESTORED:
        lapsed = record.history.restore_expires_at <= now
        return _ANEW if lapsed else _LONGER if again else None
    return _ANEW if again and status is Status.RESTORING else None


def failed(at: str, code: str, message: str) -> History:
    """The news that an archive is given up."""
    return History(failure=Failure(at, code, message))
