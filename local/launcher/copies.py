"""Mends of the emulator's CopyObject and copies in parts, and objects that only pretend to be large."""

import contextlib
from collections.abc import Callable
from typing import Any, Self, SupportsIndex
from urllib.parse import unquote

import shapes
import versions

PRETENDED_SIZE = "x-amz-meta-thaw-local-size"
"""Bytes that an object with this metadata says it has; it holds none."""

_MOST_BYTES = 5 * 2**30
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsUsingAPIs.html"""


def copies_obey_their_conditions(s3: Any) -> None:
    """CopyObject ignores If-Match and If-None-Match of its destination.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """

    def make(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, headers: Any) -> Any:
            present = s3._buckets.get(bucket, {}).get("objects", {}).get(key)
            return s3._check_put_preconditions(headers, present) or original(bucket, key, headers)

        return copy

    shapes.replace(s3, "_copy_object", "ce47e73298be", make)


def more_than_5_gib_are_not_copied_at_once(s3: Any) -> None:
    """CopyObject and UploadPartCopy copy any number of bytes."""

    def refusal(size: int) -> Any:
        message = f"The specified copy source is larger than the maximum allowable size: {_MOST_BYTES}"
        return s3._error("InvalidRequest", message, 400) if size > _MOST_BYTES else None

    def make_copy(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, headers: Any) -> Any:
            return refusal(_source_size(s3, headers)) or original(bucket, key, headers)

        return copy

    def make_part(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, query: Any, headers: Any) -> Any:
            first, _, last = headers.get("x-amz-copy-source-range", "").removeprefix("bytes=").partition("-")
            with contextlib.suppress(ValueError):
                if refused := refusal(int(last) - int(first) + 1):
                    return refused
            return original(bucket, key, query, headers)

        return copy

    shapes.replace(s3, "_copy_object", "ce47e73298be", make_copy)
    shapes.replace(s3, "_upload_part_copy", "890950db69f2", make_part)


def objects_may_pretend_to_be_large(s3: Any) -> None:
    """No machine of ours holds objects of terabytes: one with the metadata says that it does."""

    def make_put(original: Any) -> Callable[..., Any]:
        def put(bucket: str, key: str, body: bytes, headers: Any) -> Any:
            size = headers.get(PRETENDED_SIZE)
            return original(bucket, key, Pretence.of(int(size)) if size else body, headers)

        return put

    def make_record(original: Any) -> Callable[..., Any]:
        def record(bucket: str, key: str, prior: Any, stored: dict[str, Any], data: bytes) -> Any:
            size = sum(part["Size"] for part in stored.get("parts", ()))
            if size > len(data):
                data = Pretence.of(size)
                stored.update(body=data, size=size)
            return original(bucket, key, prior, stored, data)

        return record

    shapes.replace(s3, "_put_object", "cf5861e4d999", make_put)
    shapes.replace(s3, "_record_object_version", "9af490c3d6ff", make_record)


class Pretence(bytes):
    """Bytes that are not there, of any number."""

    size = 0

    @classmethod
    def of(cls, size: int) -> Self:
        pretence = cls()
        pretence.size = size
        return pretence

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, wanted: SupportsIndex | slice) -> Any:
        """A slice, as for a part of a copy."""
        chosen = range(self.size)[wanted]
        return Pretence.of(len(chosen)) if isinstance(chosen, range) else 0


def _source_size(s3: Any, headers: Any) -> int:
    """Bytes of the source of a copy; 0 if there is none."""
    path, _, query = headers.get("x-amz-copy-source", "").lstrip("/").partition("?")
    bucket, _, key = unquote(path).partition("/")
    record = versions.find(s3, bucket, key, query.removeprefix("versionId="))
    return record["size"] if record else 0
