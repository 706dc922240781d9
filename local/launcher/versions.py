"""Finds the record of one object version in the emulator's S3, and lets a handler work on it."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

NO_VERSION = "null"

SUBJECT: ContextVar[dict[str, Any] | None] = ContextVar("subject", default=None)
"""The record that a restore, and the events that come of it, are about."""


def find(s3: Any, bucket: str, key: str, version_id: str | None) -> dict[str, Any] | None:
    """The record of a version (of the current object without one); None if there is none."""
    if bucket not in s3._buckets:
        return None
    current = s3._buckets[bucket]["objects"].get(key)
    if not version_id or (current and version_id_of(current) == version_id):
        return current
    return next((v for v in stored(s3, bucket, key) if v["version_id"] == version_id), None)


def stored(s3: Any, bucket: str, key: str) -> list[dict[str, Any]]:
    """The versions that a versioned bucket keeps of a key, without delete markers."""
    return [v for v in s3._object_versions.get((bucket, key), []) if not v.get("is_delete_marker")]


def version_id_of(record: dict[str, Any]) -> str:
    """The version id of a record, `null` where there is none."""
    return record.get("version_id") or NO_VERSION


def is_alive(s3: Any, bucket: str, key: str, record: dict[str, Any]) -> bool:
    """Whether this very version is still in its bucket."""
    found = find(s3, bucket, key, version_id_of(record))
    return found is record or (
        found is not None
        and record.get("restore") is not None
        and found.get("restore") is record.get("restore")
    )


@contextmanager
def standing_in(s3: Any, bucket: str, key: str, record: dict[str, Any]) -> Generator[None]:
    """Shows `record` as the key's current object: the emulator's handlers only look there.

    Handlers run one at a time on the emulator's loop, so nobody else sees it.
    """
    objects = s3._buckets[bucket]["objects"]
    present = objects.get(key)
    objects[key] = record
    try:
        yield
    finally:
        if present is None:
            del objects[key]
        else:
            objects[key] = present
