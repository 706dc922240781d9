"""Two days in the life of the replayed objects, as the messages that S3 would have sent."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from local.demo.archive import Versions
from local.demo.objects import ARCHIVE, LIVE, LIVE_PREFIX, TAPES, DemoObject, Fate
from local.messages import Happening, eventbridge, notification, sns_envelope
from thaw.core.keys import NO_VERSION
from thaw.core.times import to_iso

_HOURS = {"GLACIER": (5.0, 12.0), "DEEP_ARCHIVE": (18.0, 46.0)}
"""How long Bulk retrievals take.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""

_DUPLICATED = 0.05
_SHUFFLED_OVER = 200
_DAYS_KEPT = 30
_DAYS_KEPT_OF_THE_EXPIRING = 2
_UNTRACKED = 10
POISON = (
    "not JSON",
    '{"Records": [{"eventName": "ObjectRestore:Completed"}]}',
    '{"detail-type": "Unheard Of"}',
)


def replayed_messages(
    objects: Iterable[DemoObject], versions: Versions, begin: datetime, rng: random.Random
) -> list[str]:
    """All messages, in nearly the order of their times, some twice, with strangers and poison among them."""
    happenings = [
        happening for one in objects if not one.real for happening in _life(one, versions[one], begin, rng)
    ]
    happenings.sort(key=lambda happening: happening.at)
    messages = [_message(happening, rng) for happening in happenings]
    messages += rng.sample(messages, int(len(messages) * _DUPLICATED))
    messages += [_message(_stranger(number, begin), rng) for number in range(_UNTRACKED)]
    messages += POISON
    order = {number: number + rng.random() * _SHUFFLED_OVER for number in range(len(messages))}
    return [messages[number] for number in sorted(order, key=lambda number: order[number])]


def _life(one: DemoObject, version_id: str, begin: datetime, rng: random.Random) -> Iterator[Happening]:
    if one.fate is Fate.PENDING:
        return
    requested = begin + timedelta(hours=3 * rng.random())
    completed = requested + timedelta(hours=rng.triangular(*_HOURS[one.storage_class]))
    midnight = completed.replace(hour=0, minute=0, second=0, microsecond=0)
    days = _DAYS_KEPT_OF_THE_EXPIRING if one.fate is Fate.EXPIRED else _DAYS_KEPT
    expires = midnight + timedelta(days=days + 1)
    after = completed + timedelta(hours=rng.expovariate(1))
    yield _of(one, version_id, "ObjectRestore:Post", requested)
    if one.fate is Fate.RESTORE_FAILED:
        yield _of(
            one, version_id, "Object Restore Failed", after, error=("InternalError", "Retrieval failed.")
        )
    if one.fate in (Fate.RESTORE_FAILED, Fate.RESTORING):
        return
    yield _of(one, version_id, "ObjectRestore:Completed", completed, expires_at=to_iso(expires))
    if one.fate is Fate.EXPIRED:
        yield _of(one, version_id, "ObjectRestore:Delete", expires + timedelta(minutes=90 * rng.random()))
    elif one.fate is Fate.COPY_FAILED:
        yield copy_failure(one, version_id, after)
    elif one.fate is Fate.COPIED:
        yield _copy(one, after)


def copy_failure(one: DemoObject, version_id: str, at: datetime) -> Happening:
    """Thaw's own event for a copy that its copier could not make."""
    return _of(one, version_id, "Object Copy Failed", at, error=("AccessDenied", "Access Denied"))


def _copy(one: DemoObject, at: datetime) -> Happening:
    """From ARCHIVE to LIVE; in TAPES in place, as a new version."""
    if one.bucket == TAPES:
        return _of(one, f"new-{at:%H%M%S%f}", "ObjectCreated:Copy", at)
    copied = _of(one, NO_VERSION, "ObjectCreated:Copy", at)
    return Happening(copied.name, LIVE, LIVE_PREFIX + one.key, one.size_bytes, "STANDARD", copied.at)


def _of(
    one: DemoObject,
    version_id: str,
    name: str,
    at: datetime,
    expires_at: str = "",
    error: tuple[str, str] | None = None,
) -> Happening:
    return Happening(
        name,
        one.bucket,
        one.key,
        one.size_bytes,
        one.storage_class,
        to_iso(at),
        version_id,
        expires_at,
        error,
    )


def _stranger(number: int, at: datetime) -> Happening:
    return Happening("ObjectRestore:Post", ARCHIVE, f"never asked for/{number}", 1, "GLACIER", to_iso(at))


def _message(happening: Happening, rng: random.Random) -> str:
    """As the watched bucket would send it; a tenth inside an SNS envelope."""
    via_eventbridge = happening.bucket == TAPES or happening.error
    message = eventbridge(happening) if via_eventbridge else notification(happening)
    return sns_envelope(message) if rng.random() < 0.1 else message
