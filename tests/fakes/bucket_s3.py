"""S3 in memory as the preparation of a job meets it: our files, and archives that are listed page by page.

Held to the truth by tests/fakes/test_bucket_s3.py, which asks other implementations the same.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tests.fakes.dynamodb import client_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Archived(NamedTuple):
    """An object version of an archive; `restore` is "", "in progress", or when its temporary copy lapses."""

    key: str
    size: int = 1
    storage_class: str = "GLACIER"
    version_id: str = "null"
    is_latest: bool = True
    is_delete_marker: bool = False
    restore: str = ""
    modified: str = "2020-01-01T00:00:00Z"


class BucketS3:
    """`files` by (bucket, key); `archives` by bucket: what listings show, the newest version of a key first.

    `calls` counts what was asked; `page_size` is 1,000 as in S3.
    """

    def __init__(self, *buckets: str, page_size: int = 1000) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.buckets = set(buckets)
        self.archives: dict[str, list[Archived]] = {}
        self.versioned: set[str] = set()
        self.page_size = page_size
        self.calls: Counter[str] = Counter()
        self.asked: list[dict[str, Any]] = []

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def put_archive(self, bucket: str, objects: Sequence[Archived], *, versioned: bool = False) -> None:
        """Fills an archive, in whatever order."""
        self.archives[bucket] = sorted(objects, key=lambda each: each.key.encode())
        if versioned:
            self.versioned.add(bucket)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Of the files there."""
        return sorted(key for where, key in self.files if where == bucket and key.startswith(prefix))

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        self.calls["GetObject"] += 1
        return {"Body": io.BytesIO(self._file("GetObject", "NoSuchKey", Bucket, Key))}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self.calls["HeadObject"] += 1
        return {"ContentLength": len(self._file("HeadObject", "404", Bucket, Key))}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.calls["PutObject"] += 1
        self.files[Bucket, Key] = Body

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=Path(path).read_bytes())

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_bytes(self._file("GetObject", "404", bucket, key))

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.calls["DeleteObjects"] += 1
        for each in Delete["Objects"]:
            self.files.pop((Bucket, each["Key"]), None)
        return {}

    def get_bucket_versioning(self, *, Bucket: str) -> dict[str, str]:  # noqa: N803
        self.calls["GetBucketVersioning"] += 1
        self._check_bucket("GetBucketVersioning", Bucket)
        return {"Status": "Enabled"} if Bucket in self.versioned else {}

    def get_paginator(self, operation: str) -> "_Files":
        assert operation == "list_objects_v2"
        return _Files(self)

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        OptionalObjectAttributes: list[str],  # noqa: N803
        StartAfter: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        assert OptionalObjectAttributes == ["RestoreStatus"]
        self._listed("ListObjectsV2", Bucket, (StartAfter,))
        items = [each for each in self._below(Bucket, Prefix) if each.is_latest and not each.is_delete_marker]
        items = [each for each in items if each.key > StartAfter]
        page = items[: self.page_size]
        answer: dict[str, Any] = {"IsTruncated": len(items) > len(page)}
        return {**answer, "Contents": [_item(each) for each in page]} if page else answer

    def list_object_versions(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        OptionalObjectAttributes: list[str],  # noqa: N803
        KeyMarker: str = "",  # noqa: N803
        VersionIdMarker: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        assert OptionalObjectAttributes == ["RestoreStatus"]
        self._listed("ListObjectVersions", Bucket, (KeyMarker, VersionIdMarker))
        items = self._below(Bucket, Prefix)
        first = next((at for at, each in enumerate(items) if each.key > KeyMarker), len(items))
        if VersionIdMarker:
            wanted = (KeyMarker, VersionIdMarker)
            first = 1 + [(each.key, each.version_id) for each in items].index(wanted)
        page = items[first : first + self.page_size]
        answer: dict[str, Any] = {"IsTruncated": len(items) > first + len(page)}
        if answer["IsTruncated"]:
            answer |= {"NextKeyMarker": page[-1].key, "NextVersionIdMarker": page[-1].version_id}
        shown = [{**_item(each), "VersionId": each.version_id, "IsLatest": each.is_latest} for each in page]
        for name, markers in (("Versions", False), ("DeleteMarkers", True)):
            some = [item for item, each in zip(shown, page, strict=True) if each.is_delete_marker is markers]
            answer |= {name: some} if some else {}
        return answer

    @property
    def list_calls(self) -> int:
        """Of both kinds, on archives."""
        return self.calls["ListObjectsV2"] + self.calls["ListObjectVersions"]

    def _listed(self, operation: str, bucket: str, after: tuple[str, ...]) -> None:
        self.calls[operation] += 1
        self.asked.append({"operation": operation, "bucket": bucket, "after": after})
        self._check_bucket(operation, bucket)

    def _below(self, bucket: str, prefix: str) -> list[Archived]:
        return [each for each in self.archives.get(bucket, []) if each.key.startswith(prefix)]

    def _check_bucket(self, operation: str, bucket: str) -> None:
        if bucket not in self.archives and bucket not in self.buckets:
            raise client_error(operation, "NoSuchBucket")

    def _file(self, operation: str, code: str, bucket: str, key: str) -> bytes:
        if (bucket, key) not in self.files:
            raise client_error(operation, code, "Not Found")
        return self.files[bucket, key]


class _Files:
    """The listing of our own files."""

    def __init__(self, s3: BucketS3) -> None:
        self._s3 = s3

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"Contents": [{"Key": key} for key in self._s3.keys(Bucket, Prefix)]}


def _item(each: Archived) -> dict[str, Any]:
    item: dict[str, Any] = {
        "Key": each.key,
        "Size": each.size,
        "StorageClass": each.storage_class,
        "LastModified": datetime.fromisoformat(each.modified).astimezone(UTC),
    }
    if each.restore == "in progress":
        item["RestoreStatus"] = {"IsRestoreInProgress": True}
    elif each.restore:
        expiry = datetime.fromisoformat(each.restore)
        item["RestoreStatus"] = {"IsRestoreInProgress": False, "RestoreExpiryDate": expiry}
    return item
