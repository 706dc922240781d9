"""Looks at the key of an archive: whether its object is there already, proven, or something else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import ClientError

from thaw.core.archive_metadata import is_of
from thaw.core.archives import PlannedArchive
from thaw.core.tree_hash import LEAF_BYTES, TreeHash
from thaw.store.error_codes import error_code
from thaw.vaults import checksums
from thaw.vaults.errors import ArchiveRefusedError, UnprovenObjectError
from thaw.vaults.landings import Landing

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

CONFLICT = "ObjectConflict"
"""The error code of an archive at whose key something else is."""

READ_BYTES = 64 * 2**20
"""An object that nothing else proves is read if it has at most so many bytes."""

_MISSING = frozenset({"404", "NoSuchKey"})
_UNSEEN = frozenset({"400", "403", "AccessDenied"})
"""Under a key of KMS, SSE-C or a policy of the bucket: HeadObject has no body that could tell a code."""

_PIECE_BYTES = 1024 * 1024


class Found(NamedTuple):
    """The object of an archive. `version_id` is "" in a bucket without versions."""

    version_id: str
    checksum: str


def already_there(landing: Landing, vault: str, archive: PlannedArchive, checksum: str = "") -> Found | None:
    """The object of the archive; None where nothing is at its key.

    It must say that it is this archive, and have its size and its bytes: `checksum` is what S3 would tell of
    them, "" if unknown; then S3's checksum must be the tree hash (up to 1 MiB it is), or the object is read.
    Raises ArchiveRefusedError (ObjectConflict) where something else is, UnprovenObjectError where the object
    is too large to be read, or archived, or may not be looked at; ClientError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    head = _head(landing)
    if head is None:
        return None
    found = Found(head.get("VersionId", ""), checksums.told(cast("Mapping[str, Any]", head)))
    if head["ContentLength"] != archive.size_bytes or not is_of(head.get("Metadata", {}), vault, archive):
        raise _conflict(landing, f"is no object of archive {archive.archive_id} of vault {vault}")
    if not _has_content(landing, archive, found, head["ETag"], checksum):
        raise _conflict(landing, f"says it is archive {archive.archive_id}, and its bytes are others")
    return found


def _has_content(landing: Landing, archive: PlannedArchive, found: Found, etag: str, checksum: str) -> bool:
    if checksum and found.checksum:
        return found.checksum == checksum
    if archive.size_bytes <= LEAF_BYTES and found.checksum:
        return found.checksum == checksums.of_one(bytes.fromhex(archive.sha256_tree_hash))
    if archive.size_bytes > READ_BYTES:
        raise _unproven(landing, f"has {archive.size_bytes:,} bytes, more than are read to prove it")
    return _tree_hash(landing, etag) == archive.sha256_tree_hash


def _head(landing: Landing) -> "HeadObjectOutputTypeDef | None":
    try:
        return landing.client.head_object(**cast("Any", landing.named), ChecksumMode="ENABLED")
    except ClientError as exc:
        if error_code(exc) in _MISSING:
            return None
        if error_code(exc) in _UNSEEN:
            raise UnprovenObjectError(f"{landing.uri} may not be looked at: {error_code(exc)}.") from exc
        raise


def _tree_hash(landing: Landing, etag: str) -> str:
    try:
        answer = landing.client.get_object(**cast("Any", landing.named), IfMatch=etag)
    except ClientError as exc:
        if error_code(exc) not in ("InvalidObjectState", *_UNSEEN):
            raise
        raise _unproven(landing, f"cannot be read to prove it ({error_code(exc)})") from exc
    tree = TreeHash()
    for piece in answer["Body"].iter_chunks(_PIECE_BYTES):
        tree.update(piece)
    return tree.hexdigest()


def settled(landing: Landing, vault: str, archive: PlannedArchive, checksum: str) -> Found | None:
    """As `already_there` of an archive that was sent, and S3 says that something is at its key: what cannot
    be proven to be the archive is in its way. Raises ArchiveRefusedError (ObjectConflict), ClientError."""
    try:
        return already_there(landing, vault, archive, checksum)
    except UnprovenObjectError as exc:
        raise _conflict(landing, f"cannot be proven to be archive {archive.archive_id} ({exc})") from exc


def _conflict(landing: Landing, what: str) -> ArchiveRefusedError:
    return ArchiveRefusedError(
        CONFLICT,
        f"{landing.uri} {what}: it stays as it is; move it away, or give the archive another key, then"
        " resume.",
    )


def _unproven(landing: Landing, why: str) -> UnprovenObjectError:
    return UnprovenObjectError(
        f"{landing.uri} says it is the archive, and {why}: the archive is retrieved and compared."
    )
