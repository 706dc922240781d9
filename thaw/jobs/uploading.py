"""One object of S3 written as it comes, so that no more than a part of it is ever in memory.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 2**20
"""At most 10,000 parts, so 80 GB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""


class StreamedObject:
    """An object that is there only once it is complete; leaving by an exception leaves nothing behind.

    The same content written again has the same ETag, unless the bucket encrypts with KMS.
    """

    def __init__(self, s3: "S3Client", bucket: str, key: str, part_bytes: int = PART_BYTES) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._part_bytes = part_bytes
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[CompletedPartTypeDef] = []
        self.etag = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._complete()
        elif self._upload_id:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)

    def write(self, content: bytes) -> None:
        """Adds to the object."""
        self._buffer += content
        if len(self._buffer) >= self._part_bytes:
            self._send()

    def _send(self) -> None:
        if not self._upload_id:
            answer = self._s3.create_multipart_upload(Bucket=self._bucket, Key=self._key)
            self._upload_id = answer["UploadId"]
        number = len(self._parts) + 1
        part = self._s3.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=bytes(self._buffer),
        )
        self._parts.append({"PartNumber": number, "ETag": part["ETag"]})
        self._buffer.clear()

    def _complete(self) -> None:
        if not self._upload_id:
            whole = self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=bytes(self._buffer))
            self.etag = whole["ETag"].strip('"')
            return
        if self._buffer:
            self._send()
        answer = self._s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            MultipartUpload={"Parts": self._parts},
        )
        self.etag = answer.get("ETag", "").strip('"')
