"""The requests that make a copy with all that is to be kept of its source."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from thaw.copying.heads import WHOLE_OBJECT_CRCS, Head
from thaw.core.copy_plan import CopyRefusedError, Place
from thaw.core.job_requests import CopyRequest
from thaw.core.keys import NO_VERSION

MAX_TAGGING_HEADER = 2048
"""Bytes: the headers of a request have at most 8 KB together, and metadata may take 2 KB of them.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""

_KMS = ("aws:kms", "aws:kms:dsse")
_MULTI_REGION = "key/mrk-"
"""https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html"""


class Source(NamedTuple):
    """What is copied: one version of an object in a bucket of the stack's account and Region."""

    bucket: str
    key: str
    head: Head

    def reference(self) -> dict[str, str]:
        """As CopyObject and UploadPartCopy name it: the exact version, where it has one."""
        named = {"Bucket": self.bucket, "Key": self.key}
        version_id = self.head.version_id
        return named if version_id in ("", NO_VERSION) else {**named, "VersionId": version_id}


class Owners(NamedTuple):
    """The accounts that must own the buckets."""

    source: str
    destination: str


def copy_object(
    source: Source, place: Place, copy: CopyRequest, grants: Mapping[str, str], owners: Owners
) -> dict[str, Any]:
    """The parameters of CopyObject.

    A copy elsewhere is made only where nothing is, one in place only over what was read.
    """
    head = source.head
    request: dict[str, Any] = {
        "Bucket": place.bucket,
        "Key": place.key,
        "CopySource": source.reference(),
        "CopySourceIfMatch": head.content.etag,
        "StorageClass": copy.storage_class,
        "MetadataDirective": "COPY" if copy.keep_metadata else "REPLACE",
        "TaggingDirective": "COPY" if copy.keep_tags else "REPLACE",
        "ExpectedBucketOwner": owners.destination,
        "ExpectedSourceBucketOwner": owners.source,
        **condition(place, head),
        **_encryption(head, place, copy),
        **access(grants, owners),
    }
    if copy.keep_metadata and head.redirect:
        request["WebsiteRedirectLocation"] = head.redirect
    return request


def create_upload(
    source: Source,
    place: Place,
    copy: CopyRequest,
    grants: Mapping[str, str],
    tags: Mapping[str, str],
    owners: Owners,
) -> dict[str, Any]:
    """The parameters of CreateMultipartUpload, which keeps nothing by itself."""
    head = source.head
    request: dict[str, Any] = {
        "Bucket": place.bucket,
        "Key": place.key,
        "StorageClass": copy.storage_class,
        "ExpectedBucketOwner": owners.destination,
        **checksum(head),
        **_encryption(head, place, copy),
        **access(grants, owners),
    }
    if copy.keep_metadata:
        request |= _metadata(source)
    if tags_fit(tags):
        request["Tagging"] = urlencode(tags)
    return request


def tags_fit(tags: Mapping[str, str]) -> bool:
    """Whether tags go with the request that makes the object; others are put on it afterwards."""
    return 0 < len(urlencode(tags)) <= MAX_TAGGING_HEADER


def condition(place: Place, head: Head) -> dict[str, str]:
    """What must be at the destination when the copy is made."""
    return {"IfMatch": head.content.etag} if place.in_place else {"IfNoneMatch": "*"}


def access(grants: Mapping[str, str], owners: Owners) -> dict[str, str]:
    """Grants, or all control for the owner of a bucket of another account.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if grants:
        return dict(grants)
    return {} if owners.source == owners.destination else {"ACL": "bucket-owner-full-control"}


def checksum(head: Head) -> dict[str, str]:
    """The checksum that S3 computes of an upload: the source's, of the whole object if it can be."""
    algorithm = next(iter(head.checksums.values), "CRC64NVME")
    whole = algorithm in WHOLE_OBJECT_CRCS and (head.checksums.whole or algorithm == "CRC64NVME")
    return {"ChecksumAlgorithm": algorithm, "ChecksumType": "FULL_OBJECT" if whole else "COMPOSITE"}


def _encryption(head: Head, place: Place, copy: CopyRequest) -> dict[str, Any]:
    encryption = head.encryption
    if not copy.keep_encryption or not encryption.algorithm:
        return {}
    request: dict[str, Any] = {"ServerSideEncryption": encryption.algorithm}
    if encryption.algorithm in _KMS:
        request["SSEKMSKeyId"] = _key_there(encryption.key_id, place)
    if encryption.bucket_key:
        request["BucketKeyEnabled"] = True
    return request


def _key_there(key_arn: str, place: Place) -> str:
    """The KMS key in the destination's Region: only a multi-Region key has a replica there."""
    region = key_arn.split(":")[3:4]
    if not place.region or region in ([], [place.region]):
        return key_arn
    if _MULTI_REGION not in key_arn:
        raise CopyRefusedError(
            "EncryptionNotKept",
            f"KMS key {key_arn} is in Region {region[0]}, the copy's bucket in {place.region}; use a"
            " multi-Region key, or ask for a job with keep_encryption false.",
        )
    return key_arn.replace(f":{region[0]}:", f":{place.region}:", 1)


def _metadata(source: Source) -> dict[str, Any]:
    head = source.head
    if head.unreadable_metadata or not _is_time(head.expires):
        raise CopyRefusedError(
            "MetadataNotKept",
            f"{source.key} has {head.unreadable_metadata} metadata entries that are no HTTP headers, and"
            f" Expires {head.expires!r}: a copy in parts cannot have them; ask for a job with"
            " keep_metadata false.",
        )
    request: dict[str, Any] = {**head.headers, "Metadata": dict(head.metadata)}
    if head.expires:
        request["Expires"] = head.expires
    if head.redirect:
        request["WebsiteRedirectLocation"] = head.redirect
    return request


def _is_time(expires: str) -> bool:
    """Whether a request can have the header: S3 holds any text, boto3 sends times."""
    try:
        return not expires or bool(parsedate_to_datetime(expires))
    except ValueError:
        return False
