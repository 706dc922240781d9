"""Looks at the object of an archive in S3: whether it is there, is the archive's, and has its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.archive_metadata import ARCHIVE_ID, TREE_HASH
from thaw.core.archive_metadata import VAULT as VAULT_NAME
from thaw.core.tree_hash import LEAF_BYTES, TreeHash
from thaw.store.error_codes import error_code
from thaw.vaults import checksums
from thaw.vaults.verdicts import Doubt

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = frozenset({"404", "NoSuchKey", "405", "MethodNotAllowed"})
"""405 is what a delete marker answers."""

_PIECE_BYTES = 1024 * 1024


class Claim(NamedTuple):
    """What the manifest claims of an archive, its size and tree hash as the inventory has them."""

    archive_id: str
    bucket: str
    key: str
    version_id: str
    size_bytes: int
    sha256_tree_hash: str
    checksum: str


class Finding(NamedTuple):
    """What is wrong with a claim."""

    doubt: Doubt
    detail: str


@dataclass(frozen=True)
class ObjectChecker:
    """Checks claims of one vault; `client` is of the bucket's Region, `owner` the account that must own it
    ("": whoever). `read`: every byte is read, and its tree hash computed."""

    client: "S3Client"
    vault: str
    owner: str
    read: bool

    def check(self, claim: Claim) -> Finding | None:
        """What is wrong with the object of a claim; None: it is there, current, and has the archive's bytes.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        named: dict[str, Any] = {"Bucket": claim.bucket, "Key": claim.key}
        if self.owner:
            named["ExpectedBucketOwner"] = self.owner
        try:
            head: Mapping[str, Any] = self.client.head_object(**named, ChecksumMode="ENABLED")
            return self._told(claim, head) or self._content(claim, head, named)
        except ClientError as exc:
            if error_code(exc) in _MISSING:
                return Finding(Doubt.MISSING, f"Nothing is at s3://{claim.bucket}/{claim.key}.")
            if error_code(exc) == "InvalidObjectState":
                return Finding(Doubt.UNPROVEN, "It is archived: restore it first, or verify without reading.")
            return Finding(Doubt.NOT_CHECKED, str(exc))
        except BotoCoreError as exc:
            return Finding(Doubt.NOT_CHECKED, str(exc))

    def _told(self, claim: Claim, head: Mapping[str, Any]) -> Finding | None:
        """What S3 says of the object that cannot be."""
        if head["ContentLength"] != claim.size_bytes:
            return _differs("it has {} bytes, the archive {}", head["ContentLength"], claim.size_bytes)
        metadata = head.get("Metadata", {})
        named = (metadata.get(VAULT_NAME), metadata.get(ARCHIVE_ID), metadata.get(TREE_HASH))
        if named != (self.vault, claim.archive_id, claim.sha256_tree_hash):
            return _differs("its metadata name archive {} of vault {}", metadata.get(ARCHIVE_ID), named[0])
        if "Expiration" in head:
            return Finding(Doubt.EXPIRES, f"S3 deletes it by the bucket's lifecycle: {head['Expiration']}.")
        if self.read:
            return None
        if claim.version_id and head.get("VersionId") != claim.version_id:
            return _differs(
                "its current version is {}, transferred {}", head.get("VersionId"), claim.version_id
            )
        checksum = checksums.told(head)
        if claim.checksum and checksum and checksum != claim.checksum:
            return _differs("S3's checksum is {}, in the manifest {}", checksum, claim.checksum)
        return None

    def _content(self, claim: Claim, head: Mapping[str, Any], named: Mapping[str, Any]) -> Finding | None:
        if self.read:
            found = self._tree_hash(named, head["ETag"])
            same = found == claim.sha256_tree_hash
            return None if same else _differs("its tree hash is {}, in the inventory {}", found, claim[5])
        checksum = checksums.told(head)
        if claim.size_bytes <= LEAF_BYTES and checksum and "-" not in checksum:
            leaf = checksums.of_one(bytes.fromhex(claim.sha256_tree_hash))
            return (
                None
                if checksum == leaf
                else _differs("S3's checksum is {}, by its tree hash {}", checksum, leaf)
            )
        if claim.checksum and checksum:
            return None
        return Finding(Doubt.UNPROVEN, "S3 or the manifest has no SHA-256 checksum of it: verify by reading.")

    def _tree_hash(self, named: Mapping[str, Any], etag: str) -> str:
        tree = TreeHash()
        for piece in self.client.get_object(**named, IfMatch=etag)["Body"].iter_chunks(_PIECE_BYTES):
            tree.update(piece)
        return tree.hexdigest()


def _differs(words: str, *values: object) -> Finding:
    text = words.format(*values)
    return Finding(Doubt.DIFFERS, f"{text[0].upper()}{text[1:]}.")
