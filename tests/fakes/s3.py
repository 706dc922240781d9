"""S3 in memory, as a bucket listing shows it: what `thaw reconcile` reads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class FakeS3:
    """Buckets whose listings are `pages` of items in the shape of ListObjectsV2 or ListObjectVersions."""

    def __init__(
        self, pages: dict[str, list[list[dict[str, Any]]]], versioned: frozenset[str] = frozenset()
    ) -> None:
        self._pages = pages
        self._versioned = versioned
        self.listings: list[dict[str, Any]] = []

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def get_bucket_versioning(self, **request: Any) -> dict[str, str]:
        return {"Status": "Enabled"} if request["Bucket"] in self._versioned else {}

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator(self, operation)

    def list(self, operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self.listings.append({"operation": operation, **request})
        member = "Versions" if operation == "list_object_versions" else "Contents"
        for page in self._pages[request["Bucket"]]:
            yield {member: page} if page else {}


class _Paginator:
    def __init__(self, s3: FakeS3, operation: str) -> None:
        self._s3 = s3
        self._operation = operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        return self._s3.list(self._operation, request)
