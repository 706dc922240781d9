"""Records as DynamoDB items, and back: the attribute names of the design, absent where unknown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from thaw.core.errors import ThawError
from thaw.core.history import Failure, History, Observation, Status, status
from thaw.core.keys import ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import parse
from thaw.store.errors import MalformedItemError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]

REVISION = "revision"
SINCE = "since"
RUN = "run"
"""The run of its job that loaded a record; absent of one that a table import brought."""

MODIFIED = "last_modified"
"""When S3 last wrote an object: of import lines, as evidence for loading, which does not store it."""

STATUS = "status"

DESTINATION = "destination"
"""Of an archive that was transferred: the s3:// URI of its object, whose version is DESTINATION_VERSION
(absent where the bucket has none) and whose checksum CHECKSUM: `SHA256:BASE64`, or `SHA256:BASE64-N` of N
parts."""

DESTINATION_VERSION = "destination_version"
CHECKSUM = "checksum"


def key_of(object_id: ObjectId) -> "dict[str, AttributeValueTypeDef]":
    """The primary key of a record."""
    return {"object_path": {"S": object_id.object_path}, "version_id": {"S": object_id.version_id}}


def described(record: ObjectRecord) -> "dict[str, AttributeValueTypeDef]":
    """The record as a line of an import file has it: without revision, which the tables give it."""
    return {**key_of(record.id), **entry_attributes(record.entry), **history_attributes(record.history)}


def id_of(item: "Item") -> ObjectId:
    """The identity that any item of the objects table has."""
    return ObjectId(_text(item, "object_path"), _text(item, "version_id"))


def to_record(item: "Item") -> ObjectRecord:
    """The record that an item of the objects table holds; a stored status is derived again, not read.

    Raises MalformedItemError.
    """
    try:
        return ObjectRecord(
            ObjectId(_required(item, "object_path"), _required(item, "version_id")),
            _entry(item),
            _history(item),
            _number(item, REVISION) or 0,
            _time(item, SINCE),
            _time(item, MODIFIED),
        )
    except (KeyError, ValueError, ThawError) as exc:
        key = {name: item.get(name) for name in ("object_path", "version_id")}
        raise MalformedItemError(f"Item {key} of the objects table is no record: {exc!r}.") from exc


def record_or_error(item: "Item") -> ObjectRecord | MalformedItemError:
    """The record that an item holds, or why it holds none: the error concerns this item alone."""
    try:
        return to_record(item)
    except MalformedItemError as exc:
        return exc


def history_attributes(history: History) -> "dict[str, AttributeValueTypeDef]":
    """What is known of `history`, and the status derived from it, as attributes."""
    texts = {
        "restore_requested_at": history.restore_requested_at,
        "restore_completed_at": history.restore_completed_at,
        "restore_expires_at": history.restore_expires_at,
        "restore_expired_at": history.restore_expired_at,
        "copied_at": history.copied_at,
        "failed_at": history.failure.at,
        "error_code": history.failure.error_code,
        "error_message": history.failure.error_message,
        "observed_at": history.observation.at,
        "observed_status": history.observation.status,
        STATUS: status(history),
    }
    return {name: {"S": text} for name, text in texts.items() if text}


def entry_attributes(entry: ManifestEntry) -> "dict[str, AttributeValueTypeDef]":
    """What the manifest says of an object, as attributes."""
    texts = {
        "job_id": entry.job_id,
        "bucket": entry.bucket,
        "key": entry.key,
        "storage_class": entry.storage_class,
        "tier": entry.tier,
    }
    attributes: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in texts.items() if text}
    if entry.size_bytes is not None:
        attributes["size_bytes"] = {"N": str(entry.size_bytes)}
    return attributes


def _entry(item: "Item") -> ManifestEntry:
    return ManifestEntry(
        _required(item, "job_id"),
        _required(item, "bucket"),
        _required(item, "key"),
        _number(item, "size_bytes"),
        _text(item, "storage_class"),
        _text(item, "tier"),
    )


def _history(item: "Item") -> History:
    return History(
        _time(item, "restore_requested_at"),
        _time(item, "restore_completed_at"),
        _time(item, "restore_expires_at"),
        _time(item, "restore_expired_at"),
        _time(item, "copied_at"),
        Failure(_time(item, "failed_at"), _text(item, "error_code"), _text(item, "error_message")),
        Observation(_time(item, "observed_at"), _observed_status(item)),
    )


def _time(item: "Item", name: str) -> str:
    text = _text(item, name)
    if text and parse(text) != text:
        raise ValueError(f"{name} is {text!r}, not a time like 2026-11-21T03:04:05.678Z")
    return text


def _observed_status(item: "Item") -> str:
    text = _text(item, "observed_status")
    return Status(text) if text else ""


def _text(item: "Item", name: str) -> str:
    return item.get(name, {}).get("S", "")


def _required(item: "Item", name: str) -> str:
    text = _text(item, name)
    if not text:
        raise KeyError(name)
    return text


def _number(item: "Item", name: str) -> int | None:
    text = item.get(name, {}).get("N")
    return None if text is None else int(text)
