"""Rows in = objects + duplicates + filtered + rejects, and all of them as a naive reading finds them."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.manifests.inventories import inventory
from tests.manifests.naive import naive
from tests.manifests.outputs import prepared
from thaw.manifests.rules import judge_sql
from thaw.manifests.settings import ANY_STORAGE_CLASS, Filters, PrepareSettings

_SCHEMA = "Bucket, Key, VersionId, IsDeleteMarker, Size, LastModifiedDate, StorageClass"

_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["photos", "photos", "scans", "", "no/bucket"]),
        st.sampled_from(
            ["a", "a", "b/c", "a%20b", "a+b", "%zz", "", "x" * 1025, "%C3%A9", "%C3", "d%0Ae", "b%2Fd"]
        ),
        st.sampled_from(["", "null", "v1", "v1", "v 2"]),
        st.sampled_from(["false", "false", "", "true", "perhaps"]),
        st.sampled_from(
            ["1", "500", "", "1.5", "-3", "1e3", "9223372036854775807", "9223372036854775808", "01", " 1"]
        ),
        st.sampled_from(["2024-05-06T07:08:09.000Z", "2020-01-01T00:00:00.000Z", ""]),
        st.sampled_from(["GLACIER", "DEEP_ARCHIVE", "STANDARD", "GLACIER_IR", ""]),
    ),
    max_size=25,
)

_FILTERS = st.builds(
    Filters,
    prefixes=st.sampled_from([(), ("a",), ("b/", "é")]),
    storage_classes=st.sampled_from([None, ANY_STORAGE_CLASS, frozenset({"STANDARD", "GLACIER"})]),
    min_size_bytes=st.sampled_from([None, 0, 500]),
    max_size_bytes=st.sampled_from([None, 499, 500]),
    modified_from=st.sampled_from([None, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)]),
    modified_before=st.sampled_from([None, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)]),
)


def _inventory(folder: Path, files: Sequence[Sequence[Sequence[str]]]) -> str:
    texts = ["".join(",".join(f'"{field}"' for field in row) + "\n" for row in rows) for rows in files]
    data = {f"part-{n}.csv.gz": gzip.compress(text.encode()) for n, text in enumerate(texts)}
    return inventory(folder, "CSV", _SCHEMA, data)


@settings(max_examples=40, deadline=None)
@given(files=st.lists(_ROWS, min_size=1, max_size=3), filters=_FILTERS)
def test_the_engine_finds_what_a_naive_reading_finds(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[str, ...]]], filters: Filters
) -> None:
    folder = tmp_path_factory.mktemp("inventory")
    job = PrepareSettings("job-1", "Bulk", filters=filters)
    output = prepared(folder / "out", _inventory(folder, files), settings=job)
    expected = naive([row for rows in files for row in rows], filters)
    summary = output.summary

    found = [
        (item["bucket"], item["key"], item["version_id"], item.get("size_bytes"), item.get("storage_class"))
        for item in output.items()
    ]
    counted = {
        name: getattr(summary, name) for name in ("rows_in", "objects", "duplicates", "filtered", "rejects")
    }
    sizes = [size for *_, size, _ in expected.objects if size is not None]

    assert found == expected.objects
    assert counted == {name: expected.counts[name] for name in counted}
    assert summary.rows_in == summary.objects + summary.duplicates + summary.filtered + summary.rejects
    assert len(output.rejects()) == summary.rejects
    assert summary.size_bytes == sum(sizes)
    assert summary.objects_of_unknown_size == len(expected.objects) - len(sizes)
    for totals in (summary.by_bucket, summary.by_storage_class):
        assert sum(part.objects for part in totals.values()) == summary.objects
        assert sum(part.size_bytes for part in totals.values()) == summary.size_bytes
    assert sum(len(output.manifest(bucket)) for bucket in summary.manifests) == summary.objects


def test_of_rows_that_name_one_version_the_first_counts_across_files_and_formats(tmp_path: Path) -> None:
    first = _inventory(tmp_path / "1", [[("photos", "a%20b", "", "false", "5", "", "GLACIER")]])
    again = _inventory(tmp_path / "2", [[("photos", "a+b", "null", "false", "6", "", "DEEP_ARCHIVE")]])
    batch = tmp_path / "m.csv"
    batch.write_text("photos,a%20b\nphotos,a%20b,v1\n")
    output = prepared(tmp_path / "out", first, again, batch)

    assert [(item["version_id"], item.get("size_bytes")) for item in output.items()] == [
        ("null", 5),
        ("v1", None),
    ]
    assert output.summary.duplicates == 2


def test_two_objects_are_two_even_if_their_hashes_were_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thaw.manifests.first_pass.judge_sql", _judge_sql_with_one_hash)
    rows = [("photos", key, "", "false", "5", "", "GLACIER") for key in ("a", "b", "a", "c")]
    output = prepared(tmp_path / "out", _inventory(tmp_path, [rows]))

    assert [key for _, key, _ in output.identities()] == ["a", "b", "c"]
    assert output.summary.duplicates == 1


def _judge_sql_with_one_hash(batch: pa.Table, job: PrepareSettings, *, url_encoded: bool) -> str:
    sql = judge_sql(batch, job, url_encoded=url_encoded)
    assert "hash(bucket, decoded, version)" in sql
    return sql.replace("hash(bucket, decoded, version)", "hash(1)")
