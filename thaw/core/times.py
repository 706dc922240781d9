"""Times as Thaw stores and compares them: ISO-8601 UTC text of fixed width, which sorts as time."""

from datetime import UTC, datetime, timedelta

from thaw.core.errors import TimestampError

_WIDTH = len("2026-11-21T03:04:05.678Z")
_SECONDS_WIDTH = len("2026-11-21T03:04:05Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_iso(moment: datetime) -> str:
    """`moment` (any time zone) as `2026-11-21T03:04:05.678Z`, cut to the millisecond.

    Raises TimestampError for a datetime without time zone, or outside the years 1 to 9999 in UTC.
    """
    if moment.tzinfo is None:
        raise TimestampError(f"{moment.isoformat()} has no time zone; give a UTC time.")
    try:
        utc = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as exc:
        raise TimestampError(f"{moment.isoformat()} is outside the years 1 to 9999 in UTC.") from exc
    return utc.isoformat(timespec="milliseconds") + "Z"


def parse(text: object) -> str:
    """The time that AWS wrote as `text`, in Thaw's fixed-width form.

    S3 notifications write milliseconds, EventBridge writes seconds; both end in `Z`
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
    Raises TimestampError when `text` is no time or has no offset.
    """
    if not isinstance(text, str):
        raise TimestampError(f"A time must be text like 2026-11-21T03:04:05.678Z, got {text!r}.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise TimestampError(f"{text!r} is no time like 2026-11-21T03:04:05.678Z.") from exc
    separators = text[4:20:3]
    if separators == "--T::." and len(text) == _WIDTH and text[-1] == "Z":
        return text
    if separators == "--T::Z" and len(text) == _SECONDS_WIDTH:
        return f"{text[:-1]}.000Z"
    return to_iso(moment)


def to_millis(iso: str) -> int:
    """Milliseconds since 1970 of a fixed-width time."""
    return (datetime.fromisoformat(iso) - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> str:
    """The fixed-width time `millis` milliseconds after 1970."""
    return to_iso(_EPOCH + millis * _MILLISECOND)
