"""Events of archived objects, out of the messages in which S3 and Thaw send them.

A queue message holds S3 notifications (several records), one EventBridge event, or either inside an SNS
envelope. Shapes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, cast

from thaw.core import times
from thaw.core.errors import EventError, MalformedEventError, ThawError, UnknownEventError
from thaw.core.history import NOTHING, Failure, History
from thaw.core.keys import NO_VERSION, Spelling, check_key, decode_key

MAX_ERROR_TEXT = 1000
"""Characters kept of an error's code and message; the rest says nothing new and costs write units."""

JsonObject = Mapping[str, Any]


class EventKind(Enum):
    """What happened to an object."""

    REQUESTED = "restore requested"
    COMPLETED = "restore completed"
    EXPIRED = "restore expired"
    COPIED = "copied"
    FAILED = "failed"
    CREATED = "created"
    """By an upload: no copy of anything, so no news of an archived object."""


class ObjectEvent(NamedTuple):
    """One event of one object version; for COPIED and CREATED the object is the new one.

    `history` is the event as a history of its own, ready to be merged.
    """

    kind: EventKind
    bucket: str
    key: str
    version_id: str
    history: History


class ParsedMessage(NamedTuple):
    """The events of one message, and what was wrong with its other records."""

    events: list[ObjectEvent]
    errors: list[EventError]


_REQUESTED, _COMPLETED, _EXPIRED, _COPIED, _FAILED, _CREATED = EventKind
"""Looked up once: Python 3.11 takes its time to find a member of an enum."""

_NOTIFICATION = Spelling.S3_NOTIFICATION
_WHITE_SPACE = " \t\n\r"
_raw_decode = json.JSONDecoder().raw_decode

_NOTIFICATION_KINDS = {
    "ObjectRestore:Post": EventKind.REQUESTED,
    "ObjectRestore:Completed": EventKind.COMPLETED,
    "ObjectRestore:Delete": EventKind.EXPIRED,
    "ObjectCreated:Copy": EventKind.COPIED,
    "ObjectCreated:CompleteMultipartUpload": EventKind.COPIED,
    "ObjectCreated:Put": EventKind.CREATED,
    "ObjectCreated:Post": EventKind.CREATED,
}

_EVENTBRIDGE_KINDS = {
    "Object Restore Initiated": EventKind.REQUESTED,
    "Object Restore Completed": EventKind.COMPLETED,
    "Object Restore Expired": EventKind.EXPIRED,
    "Object Restore Failed": EventKind.FAILED,
    "Object Copy Failed": EventKind.FAILED,
}
"""The two failures are Thaw's own (source `thaw`): S3 sends no event when a restore or copy fails."""

_MISFITS = (ThawError, KeyError, TypeError, AttributeError)
"""What reading an event raises when something in it is missing or wrong."""

_COPY_REASONS = frozenset({"CopyObject", "CompleteMultipartUpload"})

_NOTIFICATION_FIELDS = (
    "eventName",
    "eventTime",
    "s3.bucket.name",
    "s3.object.key",
    "s3.object.versionId?",
    "glacierEventData.restoreEventData.lifecycleRestorationExpiryTime?",
)

_EVENTBRIDGE_FIELDS = (
    "detail-type",
    "time",
    "detail.bucket.name",
    "detail.object.key",
    "detail.object.version-id?",
    "detail.reason?",
    "detail.restore-expiry-time?",
    "detail.error.code?",
    "detail.error.message?",
)
"""Where an event must have text; `?` marks what only some events have."""

_EXPECTED = (
    "expected an S3 notification with `Records`, an EventBridge event with `detail-type`,"
    " or an SNS envelope around either"
)


def parse_message(body: str) -> ParsedMessage:
    """All events in the body of a queue message. Never raises: what is wrong comes back beside the rest.

    A test event of S3 (`s3:TestEvent`) is a message without events.
    """
    events: list[ObjectEvent] = []
    errors: list[EventError] = []
    message: JsonObject = {}
    try:
        message = _load(body)
        if "Records" in message:
            _parse_records(message["Records"], events, errors)
        elif "detail-type" in message:
            events.append(_parse_eventbridge(message))
        elif message.get("Event") != "s3:TestEvent":
            raise UnknownEventError(f"A message with the fields {sorted(message)[:8]}: {_EXPECTED}.")
    except _MISFITS as exc:
        errors.append(_explained(exc, message, _EVENTBRIDGE_FIELDS))
    return ParsedMessage(events, errors)


def _load(body: str) -> JsonObject:
    """The event document in `body`, out of its SNS envelope if it has one."""
    message = _load_object(body)
    if "Message" in message and message.get("Type") == "Notification":
        return _load_object(message["Message"])
    return message


def _load_object(text: object) -> JsonObject:
    """As json.loads, which takes longer by the white space that it looks for around the document."""
    if not isinstance(text, str):
        raise MalformedEventError(f"A message that is not text but {type(text).__name__}: {_EXPECTED}.")
    document = text.strip(_WHITE_SPACE)
    try:
        message, end = _raw_decode(document)
    except (ValueError, RecursionError) as exc:
        raise MalformedEventError(f"A message that is not JSON ({exc}): {_EXPECTED}.") from exc
    if end < len(document):
        raise MalformedEventError(
            f"A message that is not JSON (more follows its end at character {end}): {_EXPECTED}."
        )
    if not isinstance(message, dict):
        raise MalformedEventError(f"A message that is no JSON object: {_EXPECTED}.")
    return cast(JsonObject, message)


def _parse_records(records: Sequence[Any], events: list[ObjectEvent], errors: list[EventError]) -> None:
    if not isinstance(records, list):
        raise MalformedEventError(f"`Records` is no list: {_EXPECTED}.")
    for number, record in enumerate(records, 1):
        try:
            events.append(_parse_notification(record))
        except _MISFITS as exc:
            error = _explained(exc, record, _NOTIFICATION_FIELDS)
            errors.append(type(error)(f"Record {number} of {len(records)}: {error}"))


def _explained(exc: Exception, document: object, fields: Iterable[str]) -> EventError:
    """`exc` if it tells enough; else a MalformedEventError that names what is missing or wrong."""
    if isinstance(exc, EventError):
        return exc
    known = str(exc) if isinstance(exc, ThawError) else f"The event cannot be read: {exc!r}."
    return MalformedEventError(_misfit(document, fields) or known)


def _misfit(document: object, fields: Iterable[str]) -> str:
    """A sentence on the first of `fields` that is no text; "" when all are."""
    for field in fields:
        value, path = document, field.rstrip("?").split(".")
        while path and isinstance(value, dict):
            value = cast(JsonObject, value).get(path.pop(0))
        absent = value is None and field.endswith("?")
        if not absent and (path or not isinstance(value, str)):
            return _needs(field.rstrip("?"), value)
    return ""


def _parse_notification(record: JsonObject) -> ObjectEvent:
    name = record["eventName"].removeprefix("s3:")
    kind = _NOTIFICATION_KINDS.get(name)
    if kind is None:
        raise UnknownEventError(
            f"S3 event {name!r} is not followed; expected one of {', '.join(_NOTIFICATION_KINDS)}."
        )
    s3 = record["s3"]
    stored = s3["object"]
    at = times.parse(record["eventTime"])
    expires_at = ""
    if kind is _COMPLETED:
        glacier: JsonObject = record.get("glacierEventData") or {}
        restored: JsonObject = glacier.get("restoreEventData") or {}
        expires_at = _expiry(restored.get("lifecycleRestorationExpiryTime"))
    return ObjectEvent(
        kind,
        _text(s3["bucket"]["name"], "s3.bucket.name"),
        decode_key(stored["key"], _NOTIFICATION),
        _text(stored.get("versionId") or NO_VERSION, "s3.object.versionId"),
        _history(kind, at, expires_at),
    )


def _parse_eventbridge(event: JsonObject) -> ObjectEvent:
    kind = _EVENTBRIDGE_KINDS.get(event["detail-type"]) or _created(event)
    detail = event["detail"]
    stored = detail["object"]
    at = times.parse(event["time"])
    expires_at = _expiry(detail.get("restore-expiry-time")) if kind is _COMPLETED else ""
    return ObjectEvent(
        kind,
        _text(detail["bucket"]["name"], "detail.bucket.name"),
        check_key(stored["key"]),
        _text(stored.get("version-id") or NO_VERSION, "detail.object.version-id"),
        _failure(at, detail["error"]) if kind is _FAILED else _history(kind, at, expires_at),
    )


def _created(event: JsonObject) -> EventKind:
    """What an EventBridge event that is none of restores is about: copies and uploads share one type."""
    detail_type = event["detail-type"]
    if detail_type != "Object Created":
        expected = ", ".join((*_EVENTBRIDGE_KINDS, "Object Created"))
        raise UnknownEventError(
            f"EventBridge event {detail_type!r} is not followed; expected one of {expected}."
        )
    reason = _text(event["detail"]["reason"], "detail.reason")
    return _COPIED if reason in _COPY_REASONS else _CREATED


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise MalformedEventError(_needs(field, value))
    return value


def _needs(field: str, value: object) -> str:
    return f"The event needs text in `{field}`, got {'nothing' if value is None else repr(value)[:60]}."


def _expiry(text: object) -> str:
    """When the temporary copy ends; "" for an object restored out of an S3 Intelligent-Tiering archive
    tier, which is not subject to expiry:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3InitiateRestoreObjectOperation.html"""
    return "" if text is None else times.parse(text)


def _history(kind: EventKind, at: str, expires_at: str) -> History:
    if kind is _REQUESTED:
        return History(at)
    if kind is _COMPLETED:
        return History("", at, expires_at)
    if kind is _EXPIRED:
        return History(restore_expired_at=at)
    if kind is _COPIED:
        return History(copied_at=at)
    return NOTHING


def _failure(at: str, error: JsonObject) -> History:
    code, message = (_storable(_text(error[name], f"detail.error.{name}")) for name in ("code", "message"))
    return History(failure=Failure(at, code, message))


def _storable(text: str) -> str:
    """What of a text is kept; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    return text[:MAX_ERROR_TEXT].encode("utf-8", "replace").decode()
