"""The user's side of the demo: buckets with archived objects and their inventory, restores and copies."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from local.demo.objects import ARCHIVE, LIVE, LIVE_PREFIX, SILENT, TAPES, DemoObject, Fate
from thaw.core.keys import NO_VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

MANIFESTS = "thaw-demo-manifests"
INVENTORY_KEY = "inventory/manifest.json"

_DAYS = 30
_DAYS_OF_THE_EXPIRING = 1
_INVENTORY_COLUMNS = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, StorageClass"
_LAST_MODIFIED = "2019-07-01T12:00:00.000Z"
_THREADS = 8

T = TypeVar("T")
Versions = Mapping[DemoObject, str]


def make_buckets(s3: "S3Client") -> None:
    """Creates the demo's buckets; TAPES keeps versions."""
    for bucket in (ARCHIVE, TAPES, SILENT, LIVE, MANIFESTS):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=TAPES, VersioningConfiguration={"Status": "Enabled"})


def store(s3: "S3Client", objects: Sequence[DemoObject]) -> Versions:
    """Stores the real objects; returns the version id of every object, as a replayed one would have."""

    def put(stored: DemoObject) -> str:
        answer = s3.put_object(
            Bucket=stored.bucket,
            Key=stored.key,
            Body=stored.body,
            StorageClass="GLACIER" if stored.storage_class == "GLACIER" else "DEEP_ARCHIVE",
        )
        return answer.get("VersionId", NO_VERSION)

    real = [one for one in objects if one.real]
    versions = dict(zip(real, _all(put, real), strict=True))
    for one in objects:
        if not one.real:
            versions[one] = (
                hashlib.sha256(one.key.encode()).hexdigest()[:32] if one.bucket == TAPES else NO_VERSION
            )
    return versions


def write_inventory(s3: "S3Client", objects: Sequence[DemoObject], versions: Versions) -> None:
    """An S3 Inventory of all objects, with a duplicate, a readable object and a bad row among them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
    """
    text = io.StringIO()
    rows = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for one in (*objects, objects[0]):
        version = "" if versions[one] == NO_VERSION else versions[one]
        key = quote(one.key, safe="/")
        rows.writerow(
            [one.bucket, key, version, "true", "false", one.size_bytes, _LAST_MODIFIED, one.storage_class]
        )
    rows.writerow([ARCHIVE, "readable.txt", "", "true", "false", 10, _LAST_MODIFIED, "STANDARD"])
    rows.writerow([ARCHIVE, "bad%escape", "", "true", "false", 10, _LAST_MODIFIED, "GLACIER"])
    data = gzip.compress(text.getvalue().encode(), mtime=0)
    file = {
        "key": "inventory/data/part-0.csv.gz",
        "size": len(data),
        "MD5checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
    manifest = {
        "sourceBucket": ARCHIVE,
        "destinationBucket": f"arn:aws:s3:::{MANIFESTS}",
        "version": "2016-11-30",
        "creationTimestamp": "1562025600000",
        "fileFormat": "CSV",
        "fileSchema": _INVENTORY_COLUMNS,
        "files": [file],
    }
    s3.put_object(Bucket=MANIFESTS, Key="inventory/data/part-0.csv.gz", Body=data)
    s3.put_object(Bucket=MANIFESTS, Key=INVENTORY_KEY, Body=json.dumps(manifest).encode())


def request_restores(s3: "S3Client", objects: Sequence[DemoObject], versions: Versions) -> None:
    """Asks S3 for every object's restore: Bulk, and a temporary copy for a day where it shall expire."""

    def restore(one: DemoObject) -> None:
        days = _DAYS_OF_THE_EXPIRING if one.fate is Fate.EXPIRED else _DAYS
        s3.restore_object(
            Bucket=one.bucket,
            Key=one.key,
            VersionId=versions[one],
            RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": "Bulk"}},
        )

    _all(restore, objects)


def make_copies(s3: "S3Client", objects: Sequence[DemoObject], versions: Versions) -> None:
    """Copies restored objects to STANDARD: from ARCHIVE to LIVE, elsewhere in place."""

    def copy(one: DemoObject) -> None:
        in_place = one.bucket != ARCHIVE
        source: CopySourceTypeDef = {"Bucket": one.bucket, "Key": one.key}
        if versions[one] != NO_VERSION:
            source["VersionId"] = versions[one]
        s3.copy_object(
            Bucket=one.bucket if in_place else LIVE,
            Key=one.key if in_place else LIVE_PREFIX + one.key,
            CopySource=source,
            StorageClass="STANDARD",
        )

    _all(copy, objects)


def restored_keys(s3: "S3Client", bucket: str) -> set[str]:
    """Keys of `bucket` whose temporary copy is readable, as S3 lists them."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, OptionalObjectAttributes=["RestoreStatus"]
    )
    return {
        item.get("Key", "")
        for page in pages
        for item in page.get("Contents", ())
        if "RestoreExpiryDate" in item.get("RestoreStatus", {})
    }


def _all(act: Callable[[DemoObject], T], objects: Sequence[DemoObject]) -> list[T]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(act, objects))
