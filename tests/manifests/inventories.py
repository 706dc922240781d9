"""Inventories and manifests as S3 writes them, small, for tests."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as parquet

CSV_SCHEMA = (
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass,"
    " IsMultipartUploaded, EncryptionStatus"
)
_CSV_COLUMNS = {
    "Bucket": "bucket",
    "Key": "key",
    "VersionId": "version_id",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
    "Size": "size",
    "LastModifiedDate": "last_modified_date",
    "ETag": "e_tag",
    "StorageClass": "storage_class",
    "IsMultipartUploaded": "is_multipart_uploaded",
    "EncryptionStatus": "encryption_status",
}
_ARROW_SCHEMA = pa.schema(
    [
        ("bucket", pa.string()),
        ("key", pa.string()),
        ("version_id", pa.string()),
        ("is_latest", pa.bool_()),
        ("is_delete_marker", pa.bool_()),
        ("size", pa.int64()),
        ("last_modified_date", pa.timestamp("ms", tz="UTC")),
        ("e_tag", pa.string()),
        ("storage_class", pa.string()),
        ("is_multipart_uploaded", pa.bool_()),
        ("encryption_status", pa.string()),
    ]
)

Row = Mapping[str, Any]


def row(key: str, **fields: Any) -> dict[str, Any]:
    """One archived object of bucket `photos`, unless `fields` say otherwise; the key is canonical."""
    return {
        "bucket": "photos",
        "key": key,
        "version_id": None,
        "is_latest": True,
        "is_delete_marker": False,
        "size": 1_000,
        "last_modified_date": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        "e_tag": "9e107d9d372bb6826bd81d3542a419d6",
        "storage_class": "GLACIER",
        "is_multipart_uploaded": False,
        "encryption_status": "SSE-S3",
        **fields,
    }


def csv_text(rows: Sequence[Row], schema: str = CSV_SCHEMA) -> str:
    """The rows as an inventory's CSV: every field quoted, keys URL-encoded."""
    columns = [_CSV_COLUMNS[name.strip()] for name in schema.split(",")]
    return "".join(
        ",".join(f'"{_csv_field(column, line[column])}"' for column in columns) + "\n" for line in rows
    )


def _csv_field(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "key":
        return quote(value, safe="/")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return str(value).replace('"', '""')


def csv_inventory(folder: Path, *files: Sequence[Row], schema: str = CSV_SCHEMA) -> str:
    """A CSV inventory with these data files, as `aws s3 sync` brings it; returns its manifest.json."""
    texts = [gzip.compress(csv_text(rows, schema).encode()) for rows in files]
    return inventory(folder, "CSV", schema, {f"part-{n}.csv.gz": text for n, text in enumerate(texts)})


def parquet_inventory(folder: Path, rows: Sequence[Row], *drop: str) -> str:
    """A Parquet inventory without the columns `drop`; returns its manifest.json."""
    return _columnar_inventory(folder, "Parquet", rows, drop)


def orc_inventory(folder: Path, rows: Sequence[Row], *drop: str) -> str:
    """An ORC inventory without the columns `drop`; returns its manifest.json."""
    return _columnar_inventory(folder, "ORC", rows, drop)


def _columnar_inventory(folder: Path, file_format: str, rows: Sequence[Row], drop: Sequence[str]) -> str:
    table = pa.Table.from_pylist([dict(line) for line in rows], schema=_ARROW_SCHEMA).drop_columns(list(drop))
    path = folder / "written"
    if file_format == "ORC":
        orc.write_table(table, path)
    else:
        parquet.write_table(table, path, row_group_size=100)
    data = path.read_bytes()
    path.unlink()
    return inventory(folder, file_format, "unused", {f"part-0.{file_format.lower()}": data})


def inventory(folder: Path, file_format: str, schema: str, files: Mapping[str, bytes]) -> str:
    """Writes manifest.json (its path is returned) and data files below `folder`, where S3 puts them."""
    base = "inventories/photos/weekly"
    listed: list[dict[str, Any]] = []
    for name, data in files.items():
        key = f"{base}/data/{name}"
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        listed.append({"key": key, "size": len(data), "MD5checksum": checksum})
    manifest = folder / base / "2026-11-20T01-00Z" / "manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "sourceBucket": "photos",
        "destinationBucket": "arn:aws:s3:::inventories-of-photos",
        "version": "2016-11-30",
        "creationTimestamp": "1795136400000",
        "fileFormat": file_format,
        "fileSchema": schema,
        "files": listed,
    }
    manifest.write_text(json.dumps(content))
    return str(manifest)
