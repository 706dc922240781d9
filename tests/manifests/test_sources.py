"""What the user names leads to the right data files, or to a sentence that says why not."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.manifests.inventories import csv_inventory, inventory, orc_inventory, parquet_inventory, row
from tests.manifests.outputs import NEW_JOB, batch_csv, prepared
from thaw.manifests.errors import ChecksumError, MissingColumnError, SettingsError, SourceError
from thaw.manifests.settings import Filters, PrepareSettings
from thaw.manifests.sources import data_files


@pytest.mark.parametrize(
    "place",
    [
        "data/part-0.csv.gz",
        "part-0.csv.gz",
        "../data/part-0.csv.gz",
        "inventories/photos/weekly/data/part-0.csv.gz",
    ],
)
def test_data_files_of_a_downloaded_inventory_are_found_beside_and_below_its_manifest(
    tmp_path: Path, place: str
) -> None:
    manifest = Path(csv_inventory(tmp_path / "mirror", [row("k")]))
    data = next((tmp_path / "mirror").rglob("part-0.csv.gz"))
    copy = tmp_path / "copy" / "2026-11-20T01-00Z"
    (copy / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(manifest, copy)
    shutil.copy(data, copy / place)

    assert prepared(tmp_path / "out", copy / "manifest.json").summary.objects == 1


def test_data_files_of_a_mirrored_bucket_are_found_from_the_folders_above(tmp_path: Path) -> None:
    (file,) = data_files([csv_inventory(tmp_path, [row("k")])], None)

    assert file.location == tmp_path / "inventories/photos/weekly/data/part-0.csv.gz"


def test_a_manifest_may_be_anywhere_below_the_mirror(tmp_path: Path) -> None:
    manifest = Path(csv_inventory(tmp_path, [row("k")]))
    moved = tmp_path / "chosen" / "today" / "manifest.json"
    moved.parent.mkdir(parents=True)
    manifest.rename(moved)

    assert prepared(tmp_path / "out", moved).summary.objects == 1


def test_a_data_file_that_is_nowhere_is_an_error_that_names_the_places(tmp_path: Path) -> None:
    source = csv_inventory(tmp_path, [row("k")])
    next(tmp_path.rglob("part-0.csv.gz")).unlink()

    with pytest.raises(
        SourceError, match=r"lists inventories/photos/weekly/data/part-0.csv.gz, which is not below"
    ):
        prepared(tmp_path / "out", source)


@pytest.mark.parametrize("write", [csv_inventory, parquet_inventory, orc_inventory])
def test_a_damaged_data_file_is_refused_by_its_checksum(tmp_path: Path, write: Callable[..., str]) -> None:
    source = write(tmp_path, [row("k")])
    path = next(tmp_path.rglob("part-0.*"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    with pytest.raises(ChecksumError, match=rf"{path.name} has MD5 [0-9a-f]{{32}}, but its inventory lists"):
        prepared(tmp_path / "out", source)
    assert not (tmp_path / "out").exists()


def test_a_truncated_gzip_without_checksum_is_an_error_and_not_a_short_job(tmp_path: Path) -> None:
    source = Path(csv_inventory(tmp_path, [row(f"k{n}") for n in range(1000)]))
    manifest = json.loads(source.read_text())
    del manifest["files"][0]["MD5checksum"]
    source.write_text(json.dumps(manifest))
    path = next(tmp_path.rglob("part-0.csv.gz"))
    path.write_bytes(path.read_bytes()[:-200])

    with pytest.raises(SourceError, match=r"part-0.csv.gz cannot be read to its end"):
        prepared(tmp_path / "out", source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "is not the manifest.json of an S3 Inventory"),
        ("[]", "is not the manifest.json of an S3 Inventory"),
        ('{"fileFormat": "CSV"}', "KeyError"),
        (
            '{"fileFormat": "CSV", "fileSchema": "Bucket, Size", "files": [], "destinationBucket": "b"}',
            "has no Bucket or no Key",
        ),
        (
            '{"fileFormat": "TSV", "fileSchema": "", "files": [], "destinationBucket": "b"}',
            "has fileFormat 'TSV'; S3 Inventory has CSV, Parquet and ORC",
        ),
        (
            '{"fileFormat": "ORC", "fileSchema": "", "files": [], "destinationBucket": "b"}',
            "There is nothing to read",
        ),
    ],
)
def test_a_json_that_is_no_inventory_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)

    with pytest.raises(SourceError, match=message):
        data_files([str(path)], None)


def test_sources_of_another_kind_and_missing_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"list.txt is neither an S3 Inventory manifest.json nor a Batch"):
        data_files(["list.txt"], None)
    with pytest.raises(SourceError, match=r"none.csv cannot be read: No such file"):
        prepared(tmp_path / "out", tmp_path / "none.csv")
    with pytest.raises(SourceError, match=r"manifest.json cannot be read: No such file"):
        data_files([str(tmp_path / "manifest.json")], None)
    with pytest.raises(SettingsError, match=r"s3://b/m.csv is in S3, and no S3 client was given"):
        prepared(tmp_path / "out", "s3://b/m.csv")


def test_parquet_that_is_none_is_refused(tmp_path: Path) -> None:
    source = inventory(tmp_path, "Parquet", "", {"part-0.parquet": b"not parquet"})

    with pytest.raises(SourceError, match=r"part-0.parquet cannot be read as Parquet"):
        prepared(tmp_path / "out", source)


@pytest.mark.parametrize(
    ("filters", "column"),
    [
        (Filters(storage_classes=frozenset({"GLACIER"})), "storage_class"),
        (Filters(max_size_bytes=1), "size"),
        (Filters(modified_from=datetime.fromisoformat("2024-01-01T00:00:00Z")), "last_modified_date"),
    ],
)
def test_a_filter_of_something_the_source_does_not_tell_is_refused(
    tmp_path: Path, filters: Filters, column: str
) -> None:
    path = batch_csv(tmp_path / "m.csv", "photos,a\n")
    job = PrepareSettings("job-1", "Bulk", filters=filters)

    with pytest.raises(MissingColumnError, match=rf"m.csv has no {column}, which a filter needs"):
        prepared(tmp_path / "out", path, settings=job)


def test_a_storage_class_filter_is_fine_with_a_default_class(tmp_path: Path) -> None:
    path = batch_csv(tmp_path / "m.csv", "photos,a\n")
    filters = Filters(storage_classes=frozenset({"GLACIER"}))
    job = PrepareSettings("job-1", "Bulk", filters=filters, default_storage_class="GLACIER")

    assert prepared(tmp_path / "out", path, settings=job).summary.objects == 1
    assert NEW_JOB.filters == Filters()
