"""Finds uploads of ours that were created and never written down, since their creator died between the two.

Exactly those at the key of the archive that were begun since it was written down that one would be, and by
our functions: an upload of anybody else at this key stays.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.core.times import to_iso
from thaw.core.watch_figures import hours_before
from thaw.store.error_codes import error_code
from thaw.vaults.landings import Landing

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import MultipartUploadTypeDef

NO_UPLOAD = "NoSuchUpload"

SKEW_HOURS = 1 / 12
"""By which our clock may be ahead of that of S3."""

_NO_BUCKET = "NoSuchBucket"
_PURPOSES = ("transfer-archives", "transfer-large")
_SECONDS = len("2026-11-21T03:04:05")


def makers(account: str, name_prefix: str) -> tuple[str, ...]:
    """What is in the ARN of every session of a function that creates uploads: its role has its name.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html
    """
    return tuple(f":sts::{account}:assumed-role/{name_prefix}-{purpose}/" for purpose in _PURPOSES)


def abort_upload(landing: Landing, upload_id: str) -> None:
    """Ends exactly this upload; harmless where it has ended. Raises ClientError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
    """
    try:
        landing.client.abort_multipart_upload(**cast("Any", landing.named), UploadId=upload_id)
    except ClientError as exc:
        if error_code(exc) not in (NO_UPLOAD, _NO_BUCKET):
            raise


def is_gone(landing: Landing, upload_id: str) -> bool:
    """Whether nothing is left of an upload that was ended: parts that were on their way may have arrived.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
    """
    try:
        landing.client.list_parts(**cast("Any", landing.named), UploadId=upload_id, MaxParts=1)
    except ClientError as exc:
        if error_code(exc) not in (NO_UPLOAD, _NO_BUCKET):
            raise
        return True
    return False


def abort_orphans(landing: Landing, since: str, made_by: Sequence[str], kept_id: str = "") -> None:
    """Ends what `made_by` (see `makers`) created at exactly this key since `since` (fixed-width ISO-8601),
    but the upload `kept_id`. Raises ClientError."""
    earliest = hours_before(since, SKEW_HOURS)[:_SECONDS]
    for upload in _uploads(landing):
        begun = "Initiated" in upload and to_iso(upload["Initiated"])[:_SECONDS] >= earliest
        if upload.get("UploadId") != kept_id and begun and is_made_by(upload, made_by):
            abort_upload(landing, upload.get("UploadId", ""))


def is_made_by(upload: "MultipartUploadTypeDef", made_by: Sequence[str]) -> bool:
    """Whether one of these created an upload."""
    initiator = upload.get("Initiator", {}).get("ID", "")
    return any(maker in initiator for maker in made_by)


def _uploads(landing: Landing) -> "list[MultipartUploadTypeDef]":
    pages = landing.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=landing.bucket, Prefix=landing.key, ExpectedBucketOwner=landing.owner
    )
    try:
        return [each for page in pages for each in page.get("Uploads", []) if each.get("Key") == landing.key]
    except ClientError as exc:
        if error_code(exc) != _NO_BUCKET:
            raise
        return []
