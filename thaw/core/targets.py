"""Which tracked object an event is about, when only its records can tell."""

from collections.abc import Sequence
from typing import NamedTuple

from thaw.core.copies import CopyRule, sources
from thaw.core.errors import KeySpellingError
from thaw.core.events import EventKind, ObjectEvent
from thaw.core.history import restored_at
from thaw.core.keys import NO_VERSION, ObjectId, object_path
from thaw.core.records import ObjectRecord

MAX_BUCKET_NAME = 255
"""Bytes; buckets made today have at most 63, old ones up to 255, all of them ASCII.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

MAX_VERSION_ID_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html; as much as a DynamoDB
sort key takes."""

_COPIED = EventKind.COPIED
"""Looked up once: Python 3.11 is slow to find a member of an enum, and every event asks."""

_SECOND_WIDTH = len("2026-11-21T03:04:05")


class Target(NamedTuple):
    """Where to look for the record of an event: the first of `ids` that exists; else, if `paths` are
    given (for a copy, whose event does not name its source's version), the version of the first tracked
    path that may have been copied at `copied_at`."""

    ids: tuple[ObjectId, ...]
    paths: tuple[str, ...] = ()
    copied_at: str = ""


def target_of(event: ObjectEvent, rules: Sequence[CopyRule]) -> Target:
    """Where the record of `event` may be.

    A manifest without versions on a versioned bucket still matches: the exact version comes first, then
    `null`. Copies made at different times are different targets, since each may have another source.
    Raises KeySpellingError for a bucket name or version id that S3 would not have and no table can hold.
    """
    kind, bucket, key, version_id, history = event
    _check_storable(bucket, version_id)
    if kind is _COPIED:
        paths = [object_path(*source) for source in sources(rules, bucket, key)]
        ids = [ObjectId(path, NO_VERSION) for path in paths]
        return Target(tuple(ids), tuple(paths), history.copied_at)
    path = object_path(bucket, key)
    unversioned = ObjectId(path, NO_VERSION)
    if version_id == NO_VERSION:
        return Target((unversioned,))
    return Target((ObjectId(path, version_id), unversioned))


def copied_versions(versions: Sequence[ObjectRecord], copied_at: str) -> list[ObjectRecord]:
    """The tracked versions of one object that may be the source of a copy made at `copied_at`.

    One, if only one is tracked, or one has been marked with this very copy (to the second, which is all
    that EventBridge tells), or one was readable and not copied yet. Otherwise all that remain possible.
    """
    second = copied_at[:_SECOND_WIDTH]
    marked = [record for record in versions if record.history.copied_at[:_SECOND_WIDTH] == second]
    if len(marked) == 1:
        return marked
    readable = [record for record in versions if _readable_uncopied(record, copied_at)]
    return readable or list(versions)


def _readable_uncopied(record: ObjectRecord, at: str) -> bool:
    restored, expired = restored_at(record.history), record.history.restore_expired_at
    lapsed = restored <= expired <= at
    return not record.history.copied_at and bool(restored) and restored <= at and not lapsed


def _check_storable(bucket: str, version_id: str) -> None:
    """One key that DynamoDB refuses would have it refuse all that are read with it."""
    if len(bucket) > MAX_BUCKET_NAME or not bucket.isascii():
        raise KeySpellingError(
            f"{bucket[:60]!r} is no bucket name; it must be at most {MAX_BUCKET_NAME} ASCII characters."
        )
    if not version_id.isascii() or len(version_id) > MAX_VERSION_ID_BYTES:
        raise KeySpellingError(
            f"Version id {version_id[:60]!r} has {len(version_id)} characters; S3 version ids have at most"
            f" {MAX_VERSION_ID_BYTES}, all of them ASCII."
        )
