"""Finds uploads of ours that were created and never written down, since their creator died between the two.

Exactly those at the key of the archive that were begun since it was written down that one would be, and by
our functions: an upload of anybody else at this key stays.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.core.times import to_iso
from thaw.store.error_codes import error_code
from thaw.vaults.landings import Landing

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import MultipartUploadTypeDef

NO_UPLOAD = "NoSuchUpload"

_PURPOSE = "-transfer-"
"""In the names of the roles of our functions, after the stack's prefix."""

_SECONDS = len("2026-11-21T03:04:05")


def abort_upload(landing: Landing, upload_id: str) -> None:
    """Ends exactly this upload; harmless where it has ended. Raises ClientError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
    """
    try:
        landing.client.abort_multipart_upload(**cast("Any", landing.named), UploadId=upload_id)
    except ClientError as exc:
        if error_code(exc) != NO_UPLOAD:
            raise


def abort_orphans(landing: Landing, since: str, kept_id: str) -> None:
    """Ends what was created like the upload `kept_id` since `since` (fixed-width ISO-8601), and is not it."""
    found = list(_uploads(landing))
    makers = {_maker(upload) for upload in found if upload.get("UploadId") == kept_id}
    for upload in found:
        begun = "Initiated" in upload and to_iso(upload["Initiated"])[:_SECONDS] >= since[:_SECONDS]
        if upload.get("UploadId") != kept_id and _maker(upload) in makers and begun:
            abort_upload(landing, upload.get("UploadId", ""))


def abort_unknown(landing: Landing, since: str) -> None:
    """As `abort_orphans` where no upload of ours is known: one is created to tell ours by, and ended."""
    probe = landing.client.create_multipart_upload(**cast("Any", landing.named))["UploadId"]
    try:
        abort_orphans(landing, since, probe)
    finally:
        abort_upload(landing, probe)


def _uploads(landing: Landing) -> "Iterator[MultipartUploadTypeDef]":
    pages = landing.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=landing.bucket, Prefix=landing.key, ExpectedBucketOwner=landing.owner
    )
    for page in pages:
        yield from (each for each in page.get("Uploads", []) if each.get("Key") == landing.key)


def _maker(upload: "MultipartUploadTypeDef") -> str:
    """Who created it: of our functions' roles, what their names have in common."""
    return upload.get("Initiator", {}).get("ID", "").partition(_PURPOSE)[0]
