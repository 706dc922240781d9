"""S3 in memory, as a bucket that files are put into: with metadata, ETags and conditional writes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tests.fakes.dynamodb import client_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class File(NamedTuple):
    """An object as stored."""

    body: bytes
    metadata: dict[str, str]
    content_type: str

    @property
    def etag(self) -> str:
        """Of the content alone."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


class StoredS3:
    """Buckets by name. `puts` are the keys in the order of writing; `on_put` may raise before one."""

    def __init__(self, *buckets: str) -> None:
        self.buckets: dict[str, dict[str, File]] = {bucket: {} for bucket in buckets}
        self.puts: list[str] = []
        self.on_put: Callable[[str], None] = lambda _: None

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        file = self.buckets[Bucket].get(Key)
        if file is None:
            raise client_error("HeadObject", "404", "Not Found")
        return {"Metadata": file.metadata, "ETag": file.etag, "ContentType": file.content_type}

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 (boto3's names)
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        ContentType: str,  # noqa: N803
        Metadata: dict[str, str],  # noqa: N803
        IfMatch: str | None = None,  # noqa: N803
        IfNoneMatch: str | None = None,  # noqa: N803
    ) -> None:
        self.on_put(Key)
        held = self.buckets[Bucket].get(Key)
        if (IfMatch and (held is None or held.etag != IfMatch)) or (IfNoneMatch and held):
            raise client_error("PutObject", "PreconditionFailed")
        self.buckets[Bucket][Key] = File(Body, Metadata, ContentType)
        self.puts.append(Key)
