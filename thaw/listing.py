"""Buckets as listings show them, with the status of restores: one call for a thousand objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from thaw.core.keys import ObjectId, object_path, version
from thaw.core.listing import Listed
from thaw.core.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Marker(NamedTuple):
    """A listing goes on behind this key or, with a version, behind that version of it."""

    key: str = ""
    version_id: str = ""


class Page(NamedTuple):
    """The answer to one call: objects in the order of their keys, how many delete markers were among them,
    and where the next call goes on (None: that was all)."""

    items: list[Listed]
    delete_markers: int
    next: Marker | None

    def covers(self, key: str) -> bool:
        """Whether all that the listing has of `key`, which is behind its beginning, has been shown."""
        if self.next is None or key < self.next.key:
            return True
        return key == self.next.key and not self.next.version_id


@dataclass(frozen=True)
class Listing:
    """The listing of a bucket below `prefix`; `versions` says whether with all versions of each object.

    `now` is the UTC clock: a page is as old as its request, so that what happens meanwhile looks newer.
    """

    s3: "S3Client"
    bucket: str
    prefix: str
    versions: bool
    now: Callable[[], datetime]

    def page(self, after: Marker) -> Page:
        """One call. Raises ClientError."""
        asked_at = to_iso(self.now())
        return self._of_versions(after, asked_at) if self.versions else self._of_objects(after, asked_at)

    def _of_objects(self, after: Marker, asked_at: str) -> Page:
        behind: dict[str, Any] = {"StartAfter": after.key} if after.key else {}
        answer = self.s3.list_objects_v2(
            Bucket=self.bucket, Prefix=self.prefix, OptionalObjectAttributes=["RestoreStatus"], **behind
        )
        items = [listed(self.bucket, item, asked_at) for item in answer.get("Contents", ())]
        return Page(items, 0, Marker(items[-1].key) if answer["IsTruncated"] and items else None)

    def _of_versions(self, after: Marker, asked_at: str) -> Page:
        markers = {"KeyMarker": after.key, "VersionIdMarker": after.version_id}
        behind: dict[str, Any] = {name: marker for name, marker in markers.items() if marker}
        answer = self.s3.list_object_versions(
            Bucket=self.bucket, Prefix=self.prefix, OptionalObjectAttributes=["RestoreStatus"], **behind
        )
        items = [listed(self.bucket, item, asked_at) for item in answer.get("Versions", ())]
        more = answer["IsTruncated"]
        following = Marker(answer.get("NextKeyMarker", ""), answer.get("NextVersionIdMarker", ""))
        return Page(items, len(answer.get("DeleteMarkers", ())), following if more else None)


def has_versions(s3: "S3Client", bucket: str) -> bool:
    """Whether the bucket has, or once had, versions: a plain listing would not tell them."""
    return bool(s3.get_bucket_versioning(Bucket=bucket).get("Status"))


def listed(bucket: str, item: Mapping[str, Any], listed_at: str) -> Listed:
    """An item of a listing that was asked for at `listed_at`."""
    restore = item.get("RestoreStatus", {})
    expires = restore.get("RestoreExpiryDate")
    return Listed(
        id=ObjectId(object_path(bucket, item["Key"]), version(item.get("VersionId"))),
        bucket=bucket,
        key=item["Key"],
        is_latest=item.get("IsLatest", True),
        size_bytes=item["Size"],
        storage_class=item.get("StorageClass", "STANDARD"),
        last_modified=to_iso(item["LastModified"]),
        restore_in_progress=bool(restore.get("IsRestoreInProgress")),
        restore_expires_at=to_iso(expires) if expires else "",
        listed_at=listed_at,
    )
