"""What HeadObject says of an object, typed: its content, and all that a copy of it should have too.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.copy_checks import Content
from thaw.core.keys import NO_VERSION
from thaw.core.listing import ARCHIVED
from thaw.core.times import to_iso
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_HEADERS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType")
"""Named alike in the answers to HeadObject and in requests that make an object."""

WHOLE_OBJECT_CRCS = ("CRC64NVME", "CRC32C", "CRC32")
"""Checksum algorithms that S3 computes of whole objects even if they come in parts.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html"""

_CHECKSUM = "Checksum"
_MISSING = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
_EXPIRY = re.compile(r'ongoing-request="false"(?:, expiry-date="([^"]+)")?').search


class Encryption(NamedTuple):
    """`algorithm` is "" for an object from before S3 encrypted all, `key_id` "" without a KMS key."""

    algorithm: str
    key_id: str
    bucket_key: bool


class Checksums(NamedTuple):
    """`values` by algorithm; `whole`: of the object's bytes, not of its parts' checksums."""

    values: Mapping[str, str]
    whole: bool


@dataclass(frozen=True)
class Head:
    """One object version. `version_id` is "" in a bucket that never had versions; times are fixed-width
    ISO-8601; `expires` is the HTTP header of that name, which means nothing to S3.

    `readable` is False for an archived object without a temporary copy, which `readable_until` tells.
    """

    version_id: str
    content: Content
    checksums: Checksums
    storage_class: str
    last_modified: str
    readable: bool
    readable_until: str
    encryption: Encryption
    headers: Mapping[str, str]
    expires: str
    metadata: Mapping[str, str]
    unreadable_metadata: int
    redirect: str

    @property
    def size_bytes(self) -> int:
        return self.content.size_bytes or 0


def find_head(client: "S3Client", bucket: str, key: str, version_id: str, owner: str) -> Head | None:
    """The head of an object version (of the current one for "" and `null`), None where there is none.

    `owner` is the account that must own the bucket. Raises ClientError.
    """
    request: dict[str, Any] = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}
    if version_id not in ("", NO_VERSION):
        request["VersionId"] = version_id
    try:
        answer = client.head_object(**request, ExpectedBucketOwner=owner)
    except ClientError as exc:
        if error_code(exc) in _MISSING:
            return None
        raise
    return _head(answer)


def content_of(answer: Mapping[str, Any], result: Mapping[str, Any], size_bytes: int | None) -> Content:
    """The content that `result` tells, the encryption being told by the `answer` around it."""
    checksums = checksums_of(result)
    return Content(
        size_bytes,
        result.get("ETag", ""),
        answer.get("ServerSideEncryption", ""),
        checksums.values if checksums.whole else {},
    )


def checksums_of(answer: Mapping[str, Any]) -> Checksums:
    """The checksums in an answer."""
    values = {
        name.removeprefix(_CHECKSUM): str(value)
        for name, value in answer.items()
        if name.startswith(_CHECKSUM) and name not in ("ChecksumType", "ChecksumAlgorithm")
    }
    kind = answer.get("ChecksumType", "")
    of_parts = kind == "COMPOSITE" or any("-" in value for value in values.values())
    return Checksums(values, not of_parts)


def _head(answer: Mapping[str, Any]) -> Head:
    storage_class = answer.get("StorageClass", "STANDARD")
    readable, until = _readable(answer, storage_class)
    return Head(
        version_id=answer.get("VersionId", ""),
        content=content_of(answer, answer, answer["ContentLength"]),
        checksums=checksums_of(answer),
        storage_class=storage_class,
        last_modified=to_iso(answer["LastModified"]),
        readable=readable,
        readable_until=until,
        encryption=Encryption(
            answer.get("ServerSideEncryption", ""),
            answer.get("SSEKMSKeyId", ""),
            answer.get("BucketKeyEnabled", False),
        ),
        headers={name: answer[name] for name in CONTENT_HEADERS if name in answer},
        expires=answer.get("ExpiresString", ""),
        metadata=answer.get("Metadata", {}),
        unreadable_metadata=answer.get("MissingMeta", 0),
        redirect=answer.get("WebsiteRedirectLocation", ""),
    )


def _readable(answer: Mapping[str, Any], storage_class: str) -> tuple[bool, str]:
    """Objects in the archive tiers of Intelligent-Tiering are moved out of them, not copied."""
    restored = _EXPIRY(answer.get("Restore", ""))
    until = to_iso(parsedate_to_datetime(restored[1])) if restored and restored[1] else ""
    archived = storage_class in ARCHIVED or bool(answer.get("ArchiveStatus"))
    return not archived or restored is not None, until
