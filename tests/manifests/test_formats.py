"""Every kind of source gives the objects it lists."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.manifests.inventories import csv_inventory, orc_inventory, parquet_inventory, row
from tests.manifests.outputs import NEW_JOB, batch_csv, prepared
from tests.strategies import AWKWARD_KEYS
from thaw.core.jobs import Job, Totals
from thaw.core.keys import object_path
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings

_FORMATS: dict[str, Callable[..., str]] = {
    "CSV": csv_inventory,
    "Parquet": parquet_inventory,
    "ORC": orc_inventory,
}


@pytest.fixture(params=_FORMATS)
def write_inventory(request: pytest.FixtureRequest) -> Callable[..., str]:
    return _FORMATS[request.param]


def test_awkward_keys_come_through_each_inventory_format(
    tmp_path: Path, write_inventory: Callable[..., str]
) -> None:
    output = prepared(tmp_path / "out", write_inventory(tmp_path, [row(key) for key in AWKWARD_KEYS]))

    assert output.identities() == [("photos", key, "null") for key in AWKWARD_KEYS]
    assert output.manifest("photos") == [("photos", key) for key in AWKWARD_KEYS]
    assert output.rejects() == []


def test_an_item_holds_what_the_inventory_tells_and_the_job(
    tmp_path: Path, write_inventory: Callable[..., str]
) -> None:
    rows = [row("a b", version_id="v1.x_y-z", size=5_000_000_000_000, storage_class="DEEP_ARCHIVE")]
    output = prepared(tmp_path / "out", write_inventory(tmp_path, rows))

    assert output.items() == [
        {
            "object_path": object_path("photos", "a b"),
            "version_id": "v1.x_y-z",
            "job_id": "job-1",
            "bucket": "photos",
            "key": "a b",
            "size_bytes": 5_000_000_000_000,
            "storage_class": "DEEP_ARCHIVE",
            "tier": "Bulk",
            "status": "PENDING",
        }
    ]
    assert output.manifest("photos") == [("photos", "a b", "v1.x_y-z")]


def test_each_format_leaves_out_delete_markers_and_what_is_not_archived(
    tmp_path: Path, write_inventory: Callable[..., str]
) -> None:
    rows = [
        row("kept"),
        row("kept too", storage_class="DEEP_ARCHIVE"),
        row("warm", storage_class="STANDARD"),
        row("deleted", is_delete_marker=True, size=None, storage_class=None, version_id="v2"),
    ]
    output = prepared(tmp_path / "out", write_inventory(tmp_path, rows))

    assert [key for _, key, _ in output.identities()] == ["kept", "kept too"]
    assert (output.summary.rows_in, output.summary.objects, output.summary.filtered) == (4, 2, 2)


def test_columns_of_a_csv_inventory_are_found_by_its_schema_not_by_position(tmp_path: Path) -> None:
    schema = "StorageClass, Key, Size, ETag, Bucket"
    output = prepared(tmp_path / "out", csv_inventory(tmp_path, [row("k", size=7)], schema=schema))

    assert output.identities() == [("photos", "k", "null")]
    assert output.summary.by_storage_class == {"GLACIER": Totals(1, 7)}


def test_an_inventory_of_bucket_and_key_alone_gives_items_without_the_rest(tmp_path: Path) -> None:
    drop = [name for name in row("") if name not in ("bucket", "key")]
    sources = (
        csv_inventory(tmp_path / "c", [row("from csv")], schema="Bucket, Key"),
        *(write(_made(tmp_path / name), [row(f"from {name}")], *drop) for name, write in _COLUMNAR.items()),
    )
    output = prepared(tmp_path / "out", *sources)

    assert [item.keys() & {"size_bytes", "storage_class"} for item in output.items()] == [set(), set(), set()]
    assert output.summary.by_storage_class == {"UNKNOWN": Totals(3, 0)}
    assert output.summary.objects_of_unknown_size == 3


_COLUMNAR = {"Parquet": parquet_inventory, "ORC": orc_inventory}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_batch_operations_csv_has_two_or_three_columns(tmp_path: Path) -> None:
    two = batch_csv(tmp_path / "two.csv", "photos,a%20b\nphotos,a+c\n")
    three = batch_csv(tmp_path / "three.csv", "scans,x,v1\nscans,y,\nscans,z,null\n")
    output = prepared(tmp_path / "out", two, three)

    assert output.identities() == [
        ("photos", "a b", "null"),
        ("photos", "a c", "null"),
        ("scans", "x", "v1"),
        ("scans", "y", "null"),
        ("scans", "z", "null"),
    ]
    assert output.summary.manifests == {"photos": "manifest-photos.csv", "scans": "manifest-scans.csv"}
    assert output.manifest("photos") == [("photos", "a b"), ("photos", "a c")]
    assert output.manifest("scans") == [("scans", "x", "v1"), ("scans", "y", "null"), ("scans", "z", "null")]


def test_a_batch_operations_csv_may_be_gzip_have_dos_line_ends_and_lack_the_last_one(tmp_path: Path) -> None:
    path = batch_csv(
        tmp_path / "m.csv.gz", gzip.compress(b'"photos","a"\r\n"photos","b"\r\n\r\n"photos","c"')
    )

    assert prepared(tmp_path / "out", path).manifest("photos") == [("photos", key) for key in "abc"]


def test_a_default_storage_class_fills_in_what_the_source_does_not_tell(tmp_path: Path) -> None:
    path = batch_csv(tmp_path / "m.csv", "photos,a\n")
    settings = PrepareSettings("job-1", "Bulk", default_storage_class="DEEP_ARCHIVE")
    output = prepared(tmp_path / "out", path, settings=settings)

    assert output.items()[0]["storage_class"] == "DEEP_ARCHIVE"
    assert "size_bytes" not in output.items()[0]
    assert output.summary.objects_of_unknown_size == 1


def test_a_noncurrent_null_version_is_named_in_the_manifest_or_batch_would_restore_the_current_one(
    tmp_path: Path,
) -> None:
    output = prepared(tmp_path / "out", csv_inventory(tmp_path, [row("old", is_latest=False)]))

    assert output.manifest("photos") == [("photos", "old", "null")]


def test_the_summary_is_what_a_job_is_registered_from(tmp_path: Path) -> None:
    rows = [
        row("a", size=1),
        row("b", size=2, storage_class="DEEP_ARCHIVE"),
        row("c", bucket="scans", size=4),
    ]
    source = csv_inventory(tmp_path, rows)
    moment = datetime(2026, 11, 21, 3, 4, 5, 678_000, tzinfo=UTC)
    summary = prepare([source], str(tmp_path / "out"), NEW_JOB, now=moment)
    written = json.loads((tmp_path / "out" / "summary.json").read_text())

    assert json.loads(summary.to_json()) == written
    assert written == {
        "schema": 1,
        "job_id": "job-1",
        "tier": "Bulk",
        "created_at": "2026-11-21T03:04:05.678Z",
        "sources": [source],
        "rows_in": 3,
        "duplicates": 0,
        "filtered": 0,
        "rejects": 0,
        "objects": 3,
        "size_bytes": 7,
        "objects_of_unknown_size": 0,
        "by_storage_class": {
            "DEEP_ARCHIVE": {"objects": 1, "size_bytes": 2},
            "GLACIER": {"objects": 2, "size_bytes": 5},
        },
        "by_bucket": {
            "photos": {"objects": 2, "size_bytes": 3},
            "scans": {"objects": 1, "size_bytes": 4},
        },
        "import_prefix": "import/",
        "manifests": {"photos": "manifest-photos.csv", "scans": "manifest-scans.csv"},
    }
    assert Job.from_summary(written).totals == Totals(3, 7)
