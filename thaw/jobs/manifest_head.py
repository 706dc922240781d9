"""The beginning of a manifest: that it is there, and which bucket's objects it names."""

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.core.job_request_errors import JobRefusedError
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEAD_BYTES = 65_536
"""Enough for the first row, whose key has at most 1,024 bytes (3,072 encoded), and for the first fields of
an inventory's manifest.json."""

INVENTORY = "manifest.json"
"""How S3 Inventory calls its manifests:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html"""

_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_EMPTY = frozenset({"InvalidRange", "416"})
_SOURCE_BUCKET = re.compile(r'"sourceBucket"\s*:\s*"([^"\\]+)"')


def named_bucket(s3: "S3Client", bucket: str, key: str) -> str:
    """The bucket that the manifest at `bucket`/`key` names first.

    Raises JobRefusedError (422) for a manifest that is missing, empty, unreadable or none.
    """
    text = _head(s3, bucket, key)
    if key.endswith(INVENTORY):
        found = _SOURCE_BUCKET.search(text)
        if found is None:
            raise JobRefusedError(
                f"s3://{bucket}/{key} is no manifest of S3 Inventory: it has no sourceBucket."
            )
        return found[1]
    row = next((row for row in csv.reader(StringIO(text, newline="")) if row), None)
    if row is None:
        raise _empty(bucket, key)
    if not 2 <= len(row) <= 3:
        raise JobRefusedError(
            f"s3://{bucket}/{key} is no manifest of S3 Batch Operations: its first row has {len(row)}"
            " columns, not two (bucket, key) or three (and version)."
        )
    return row[0]


def _head(s3: "S3Client", bucket: str, key: str) -> str:
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{HEAD_BYTES - 1}")
        return answer["Body"].read().decode("utf-8-sig", errors="replace")
    except ClientError as exc:
        code = error_code(exc)
        if code in _EMPTY:
            raise _empty(bucket, key) from exc
        if code in _MISSING:
            raise JobRefusedError(f"There is no manifest at s3://{bucket}/{key}.") from exc
        if code in ("AccessDenied", "403", "InvalidObjectState"):
            raise JobRefusedError(
                f"The manifest s3://{bucket}/{key} cannot be read ({code}): the stack's functions need"
                " s3:GetObject there, and the object must not be archived itself."
            ) from exc
        raise


def _empty(bucket: str, key: str) -> JobRefusedError:
    return JobRefusedError(f"The manifest s3://{bucket}/{key} is empty.")
