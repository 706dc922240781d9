"""From what the user names to the data files to read: S3 Inventory manifests and Batch Operations CSV.

S3 Inventory: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thaw.manifests.errors import SettingsError, SourceError
from thaw.manifests.s3 import SCHEME, S3Uri, parse_uri, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COLUMNS = (
    "bucket",
    "key",
    "version_id",
    "is_latest",
    "is_delete_marker",
    "size",
    "last_modified_date",
    "storage_class",
)
"""The columns of an inventory that Thaw reads, as Parquet and ORC spell them; CSV says `VersionId`."""

CSV, PARQUET, ORC = "CSV", "Parquet", "ORC"

_BY_LETTERS = {column.replace("_", ""): column for column in COLUMNS}
_BATCH_COLUMNS = ("bucket", "key", "version_id")
_BATCH_WIDTHS = frozenset({2, 3})


@dataclass(frozen=True)
class DataFile:
    """One file of rows.

    `name` is how messages and rejects call it. `columns` are those of a CSV file in their order, ""
    for one that Thaw does not read; `widths` are the numbers of columns a row may have. A Parquet or
    ORC file has its own schema. `md5` is the hex digest it must have, "" when nobody tells.
    """

    name: str
    location: Path | S3Uri
    format: str
    columns: tuple[str, ...] = ()
    widths: frozenset[int] = frozenset()
    md5: str = ""


def canonical_column(name: str) -> str:
    """The column of `COLUMNS` that an inventory calls `name` (`VersionId`, `version_id`), or ""."""
    return _BY_LETTERS.get(re.sub("[^a-z]", "", name.lower()), "")


def data_files(sources: Iterable[str], s3: "S3Client | None") -> list[DataFile]:
    """The files behind the sources, in their order. Raises SourceError, SettingsError."""
    found = [file for source in sources for file in _files_of(source, s3)]
    if not found:
        raise SourceError("There is nothing to read: no source was given, or its inventory lists no files.")
    return found


def client_for(s3: "S3Client | None", uri: S3Uri) -> "S3Client":
    """The S3 client, which `uri` cannot do without. Raises SettingsError when there is none."""
    if s3 is None:
        raise SettingsError(f"{uri} is in S3, and no S3 client was given.")
    return s3


def _files_of(source: str, s3: "S3Client | None") -> Iterator[DataFile]:
    location = parse_uri(source) if source.startswith(SCHEME) else Path(source)
    if source.endswith(".json"):
        yield from _inventory_files(source, location, s3)
    elif source.endswith((".csv", ".csv.gz")):
        yield DataFile(source, location, CSV, _BATCH_COLUMNS, _BATCH_WIDTHS)
    else:
        raise SourceError(
            f"{source} is neither an S3 Inventory manifest.json nor a Batch Operations .csv (or .csv.gz)."
        )


def _inventory_files(source: str, location: Path | S3Uri, s3: "S3Client | None") -> Iterator[DataFile]:
    try:
        manifest = json.loads(_read(location, s3))
        file_format, columns = manifest["fileFormat"], _csv_columns(manifest)
        listed = [(str(file["key"]), str(file.get("MD5checksum", ""))) for file in manifest["files"]]
        destination = str(manifest["destinationBucket"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise SourceError(
            f"{source} is not the manifest.json of an S3 Inventory ({exc!r});"
            " it has fileFormat, fileSchema, destinationBucket and files."
        ) from exc
    if file_format not in (CSV, PARQUET, ORC):
        raise SourceError(f"{source} has fileFormat {file_format!r}; S3 Inventory has CSV, Parquet and ORC.")
    for key, md5 in listed:
        place = _local_copy(location, key) if isinstance(location, Path) else S3Uri(destination, key)
        yield DataFile(str(place), place, file_format, columns, frozenset({len(columns)}), md5.lower())


def _read(location: Path | S3Uri, s3: "S3Client | None") -> bytes:
    if isinstance(location, S3Uri):
        return read_object(client_for(s3, location), location)
    try:
        return location.read_bytes()
    except OSError as exc:
        raise SourceError(f"{location} cannot be read: {exc.strerror}.") from exc


def _csv_columns(manifest: dict[str, Any]) -> tuple[str, ...]:
    """The columns that a CSV inventory's `fileSchema` ("Bucket, Key, VersionId, ...") lists."""
    if manifest["fileFormat"] != CSV:
        return ()
    columns = tuple(canonical_column(name) for name in manifest["fileSchema"].split(","))
    if not {"bucket", "key"} <= set(columns):
        raise ValueError(f"fileSchema {manifest['fileSchema']!r} has no Bucket or no Key")
    return columns


def _local_copy(manifest: Path, key: str) -> Path:
    """Where the data file `key` of a downloaded inventory is.

    The first that exists of: `key` below the manifest's folder or below one of the folders above it
    (a mirror of the destination bucket, `aws s3 sync`); `data/NAME` beside the manifest's folder, as
    S3 lays it out; `data/NAME` or `NAME` in the manifest's folder. Raises SourceError for none.
    """
    folder = manifest.absolute().parent
    relative = Path(key.lstrip("/"))
    places = [above / relative for above in (folder, *folder.parents)]
    places += [
        folder.parent / "data" / relative.name,
        folder / "data" / relative.name,
        folder / relative.name,
    ]
    for place in places:
        if place.is_file():
            return place
    raise SourceError(
        f"{manifest} lists {key}, which is not below {folder} or a folder above it,"
        f" nor in {folder.parent / 'data'}, {folder / 'data'} or {folder}."
    )
