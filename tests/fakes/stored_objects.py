"""Objects of the S3 in memory: what one version is, and how S3's answers show it."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

OWNER = "111122223333"
KMS = ("aws:kms", "aws:kms:dsse")


@dataclass
class Stored:
    """One object version. `parts` is 0 for an object that was not uploaded in parts."""

    content: str
    size: int
    version_id: str = ""
    storage_class: str = "STANDARD"
    modified: datetime = datetime(2019, 7, 1, tzinfo=UTC)
    restored_until: datetime | None = None
    restoring: bool = False
    headers: dict[str, str] = field(default_factory=dict[str, str])
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    missing_metadata: int = 0
    redirect: str = ""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    grants: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    canned_acl: str = ""
    sse: str = "AES256"
    kms_key: str = ""
    bucket_key: bool = False
    algorithm: str = "CRC64NVME"
    parts: int = 0
    composite: bool = False

    @property
    def etag(self) -> str:
        secret = f"{self.kms_key}{self.version_id}{self.modified}" if self.sse in KMS else ""
        plain = hashlib.md5((self.content + secret).encode(), usedforsecurity=False).hexdigest()
        return f'"{plain}-{self.parts}"' if self.parts else f'"{plain}"'

    @property
    def checksums(self) -> dict[str, Any]:
        if not self.algorithm:
            return {}
        suffix = f"-{self.parts}" if self.composite else ""
        kind = "COMPOSITE" if self.composite else "FULL_OBJECT"
        return {f"Checksum{self.algorithm}": f"{self.content}{suffix}", "ChecksumType": kind}


@dataclass
class Upload:
    request: dict[str, Any]
    parts: dict[int, tuple[str, int, int]] = field(default_factory=dict[int, tuple[str, int, int]])


@dataclass
class Bucket:
    """A bucket and its objects; every key has its versions, the current one last."""

    versioned: bool = False
    owner: str = OWNER
    keys: dict[str, list[Stored]] = field(default_factory=dict[str, list[Stored]])


def joined(pieces: list[tuple[str, int, int]]) -> str:
    """The content, if the pieces are of one object and leave nothing out."""
    expected = 0
    for _, first, last in pieces:
        if first != expected:
            return f"hole at {expected}"
        expected = last + 1
    contents = {content for content, _, _ in pieces}
    return contents.pop() if len(contents) == 1 else f"a mix of {sorted(contents)}"


def restore_header(one: Stored) -> str:
    if one.restoring:
        return 'ongoing-request="true"'
    if one.restored_until is None:
        return ""
    return f'ongoing-request="false", expiry-date="{format_datetime(one.restored_until, usegmt=True)}"'


def encryption(one: Stored) -> dict[str, Any]:
    return {"ServerSideEncryption": one.sse, **({"SSEKMSKeyId": one.kms_key} if one.kms_key else {})}


def version(one: Stored) -> dict[str, str]:
    return {"VersionId": one.version_id} if one.version_id else {}


def item(key: str, one: Stored) -> dict[str, Any]:
    item: dict[str, Any] = {
        "Key": key,
        "Size": one.size,
        "StorageClass": one.storage_class,
        "LastModified": one.modified,
    }
    if one.restoring:
        item["RestoreStatus"] = {"IsRestoreInProgress": True}
    elif one.restored_until:
        item["RestoreStatus"] = {"IsRestoreInProgress": False, "RestoreExpiryDate": one.restored_until}
    return item
