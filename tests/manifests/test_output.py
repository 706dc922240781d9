"""The output is whole or not there, in parts of the asked size, and over nobody else's files."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from tests.manifests.inventories import csv_inventory, row
from tests.manifests.outputs import NEW_JOB, batch_csv, prepared
from thaw.core.jobs import Totals
from thaw.manifests.errors import CountError, OutputError, SourceError, TierError
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import Filters, PrepareSettings

_AGAIN = PrepareSettings("job-2", "Bulk", overwrite=True)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return batch_csv(tmp_path / "m.csv", "".join(f"photos,k{n}\n" for n in range(25)))


def test_import_files_hold_as_many_items_as_asked(tmp_path: Path, manifest: Path) -> None:
    output = prepared(tmp_path / "out", manifest, settings=PrepareSettings("j", "Bulk", rows_per_part=10))
    parts = sorted((output.folder / "import").iterdir())

    assert [part.name for part in parts] == [f"part-0000{n}.json.gz" for n in range(3)]
    assert [gzip.decompress(part.read_bytes()).count(b"\n") for part in parts] == [10, 10, 5]
    assert [item["key"] for item in output.items()] == [f"k{n}" for n in range(25)]


def test_import_files_are_filled_up_across_sources(tmp_path: Path, manifest: Path) -> None:
    more = batch_csv(tmp_path / "more.csv", "".join(f"scans,k{n}\n" for n in range(9)))
    job = PrepareSettings("j", "Bulk", rows_per_part=10)
    output = prepared(tmp_path / "out", more, manifest, settings=job)
    parts = sorted((output.folder / "import").iterdir())

    assert [gzip.decompress(part.read_bytes()).count(b"\n") for part in parts] == [10, 10, 10, 4]
    assert [key for _, key, _ in output.identities()][7:11] == ["k7", "k8", "k0", "k1"]


def test_objects_are_sorted_as_s3_lists_them_where_that_is_asked(tmp_path: Path) -> None:
    keys = ["b", "a/b", "a", "B", "%C3%A9", "%F0%9F%98%80", "%EE%80%80", "a%20b", "a"]
    source = batch_csv(tmp_path / "m.csv", "".join(f"{name},{key}\n" for name in ("y", "x") for key in keys))
    job = PrepareSettings("j", "Bulk", rows_per_part=5, sort=True)
    output = prepared(tmp_path / "out", source, settings=job)

    assert [(bucket, key) for bucket, key, _ in output.identities()] == [
        (bucket, key)
        for bucket in ("x", "y")
        for key in ("B", "a", "a b", "a/b", "b", "\u00e9", "\ue000", "\U0001f600")
    ]
    assert output.manifest("x") == [(bucket, key) for bucket, key, _ in output.identities()[:8]]
    assert output.summary.duplicates == 2


def test_many_objects_are_sorted_with_their_versions_sizes_and_classes(tmp_path: Path) -> None:
    rows = [row(f"{n * 7919 % 70_001:06}", size=n, version_id=f"v{n}") for n in range(70_000)]
    source = csv_inventory(tmp_path / "inv", rows)
    job = PrepareSettings("j", "Bulk", rows_per_part=40_000, sort=True)
    items = prepared(tmp_path / "out", source, settings=job).items()

    assert [item["key"] for item in items] == sorted(each["key"] for each in rows)
    by_key = {each["key"]: each for each in rows}
    assert all(item["version_id"] == by_key[item["key"]]["version_id"] for item in items)
    assert all(int(item["size_bytes"]) == by_key[item["key"]]["size"] for item in items)


def test_the_same_input_gives_the_same_files(tmp_path: Path, manifest: Path) -> None:
    one, two = (prepared(tmp_path / name, manifest).folder for name in ("one", "two"))

    for path in (path for path in one.rglob("*") if path.is_file() and path.name != "summary.json"):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), f"{path} differs"


def test_nothing_to_restore_gives_an_output_without_items(tmp_path: Path) -> None:
    output = prepared(tmp_path / "out", batch_csv(tmp_path / "m.csv", "photos,%\n"))

    assert output.items() == []
    assert (output.summary.objects, output.summary.rejects, output.summary.manifests) == (0, 1, {})


def test_an_earlier_output_is_replaced_only_when_allowed(tmp_path: Path, manifest: Path) -> None:
    out = prepared(tmp_path / "out", manifest).folder
    other = batch_csv(tmp_path / "other.csv", "scans,z\n")

    with pytest.raises(OutputError, match=r"out is not empty .*choose another place, or allow overwriting"):
        prepared(out, other)
    assert prepared(out, other, settings=_AGAIN).identities() == [("scans", "z", "null")]
    assert not (out / "manifest-photos.csv").exists(), "a file of the earlier output stayed"


def test_files_of_somebody_else_are_never_replaced(tmp_path: Path, manifest: Path) -> None:
    out = prepared(tmp_path / "out", manifest).folder
    (out / "import" / "notes.txt").write_text("mine")

    with pytest.raises(OutputError, match=r"has import/notes.txt, which Thaw did not write"):
        prepared(out, manifest, settings=_AGAIN)
    assert (out / "import" / "notes.txt").read_text() == "mine"


def test_an_output_that_is_a_file_is_refused(manifest: Path) -> None:
    with pytest.raises(OutputError, match=r"m.csv is a file; the output is a folder"):
        prepared(manifest, manifest)


def test_an_output_below_a_file_is_refused(manifest: Path) -> None:
    with pytest.raises(OutputError, match=r"m.csv/out cannot be written: (Not a directory|File exists)"):
        prepared(manifest / "out", manifest)


def test_a_failure_leaves_no_output_and_no_temporary_files(tmp_path: Path, manifest: Path) -> None:
    missing = tmp_path / "missing.csv"
    before = set(tmp_path.iterdir())

    with pytest.raises(SourceError):
        prepared(tmp_path / "out", manifest, missing)
    assert set(tmp_path.iterdir()) == before


def test_success_leaves_no_temporary_files(tmp_path: Path, manifest: Path) -> None:
    prepared(tmp_path / "deep" / "out", manifest)

    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_expedited_is_refused_when_a_deep_archive_object_is_left(tmp_path: Path) -> None:
    source = csv_inventory(tmp_path, [row("a"), row("b", storage_class="DEEP_ARCHIVE")])
    only_glacier = Filters(storage_classes=frozenset({"GLACIER"}))

    with pytest.raises(TierError, match="Expedited does not exist for DEEP_ARCHIVE, the class of photos/b"):
        prepared(tmp_path / "out", source, settings=PrepareSettings("j", "Expedited"))
    job = PrepareSettings("j", "Expedited", filters=only_glacier)
    assert prepared(tmp_path / "out", source, settings=job).summary.objects == 1


def test_more_import_files_than_dynamodb_takes_are_refused(
    tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thaw.manifests.writing.MAX_PARTS", 2)

    with pytest.raises(OutputError, match=r"More than 2 import files.*set rows_per_part above 10"):
        prepared(tmp_path / "out", manifest, settings=PrepareSettings("j", "Bulk", rows_per_part=10))
    assert not (tmp_path / "out").exists()


def test_progress_tells_rows_read_then_objects_written(tmp_path: Path, manifest: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    prepare([str(manifest)], str(tmp_path / "out"), NEW_JOB, progress=tell)

    assert told == [("read", 25, 0), ("write", 25, 25)]


def test_a_summary_that_does_not_add_up_cannot_be_made(tmp_path: Path, manifest: Path) -> None:
    written = prepared(tmp_path / "out", manifest).summary

    with pytest.raises(CountError, match="24 rows came in, but objects"):
        replace(written, rows_in=24)
    with pytest.raises(CountError, match="and 24 objects have a storage class"):
        replace(written, by_storage_class={"UNKNOWN": Totals(24, 0)})
