"""One object of S3 made of others behind one another; what is large enough is copied within S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

LEAST_PART_BYTES = 5 * 2**20
"""Of every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""


def join(s3: "S3Client", bucket: str, keys: Iterable[str], to: str, beginning: bytes = b"") -> None:
    """Writes `to`: `beginning`, and then the objects `keys` of the same bucket, each of at most 5 GB.

    The object is there once it is complete. Raises ClientError.
    """
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key=to)["UploadId"]
    upload = _Upload(s3, bucket, to, upload_id, beginning)
    try:
        for key in keys:
            upload.add(key)
        upload.complete()
    except BaseException:
        s3.abort_multipart_upload(Bucket=bucket, Key=to, UploadId=upload_id)
        raise


class _Upload:
    """An upload with what waits to become its next part."""

    def __init__(self, s3: "S3Client", bucket: str, key: str, upload_id: str, beginning: bytes) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._upload_id = upload_id
        self._held = bytearray(beginning)
        self._parts: list[CompletedPartTypeDef] = []

    def add(self, key: str) -> None:
        size = self._s3.head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        if self._held or size < LEAST_PART_BYTES:
            self._held += self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            if len(self._held) >= LEAST_PART_BYTES:
                self._send()
            return
        answer = self._s3.upload_part_copy(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=len(self._parts) + 1,
            CopySource={"Bucket": self._bucket, "Key": key},
        )
        self._add_part(answer["CopyPartResult"].get("ETag", ""))

    def complete(self) -> None:
        if self._held or not self._parts:
            self._send()
        self._s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            MultipartUpload={"Parts": self._parts},
        )

    def _send(self) -> None:
        answer = self._s3.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=len(self._parts) + 1,
            Body=bytes(self._held),
        )
        self._held.clear()
        self._add_part(answer["ETag"])

    def _add_part(self, etag: str) -> None:
        self._parts.append({"PartNumber": len(self._parts) + 1, "ETag": etag})
