"""Records as import lines are what `thaw manifest prepare` writes, and come back as they were."""

import gzip
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.manifests.inventories import csv_inventory, row
from tests.strategies import histories
from thaw.core.history import History
from thaw.core.keys import ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.jobs.import_lines import import_file, records_of
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings


@given(
    key=st.text(min_size=1, max_size=9).filter(lambda key: key.isprintable()),
    size=st.none() | st.integers(0, 5 * 2**40),
    storage_class=st.sampled_from(["", "GLACIER"]),
    history=histories(),
    modified_at=st.sampled_from(["", "2026-11-21T03:04:05.000Z"]),
)
def test_a_record_comes_back_as_it_was(
    key: str, size: int | None, storage_class: str, history: History, modified_at: str
) -> None:
    entry = ManifestEntry("job-1", "photos", key, size, storage_class, "Bulk")
    record = ObjectRecord(ObjectId(f"photos/{key}", "v1"), entry, history, 0, modified_at=modified_at)
    assert list(records_of(import_file([record, record]))) == [record, record]


def test_what_the_preparation_of_a_manifest_wrote_is_written_alike(tmp_path: Path) -> None:
    manifest = csv_inventory(tmp_path, [row('ä "b'), row("c", version_id="v1", size="0")])
    prepare([manifest], str(tmp_path / "out"), PrepareSettings("job-1", "Bulk"))
    written = (tmp_path / "out/import/part-00000.json.gz").read_bytes()
    again = import_file(records_of(written))
    lines = [[json.loads(line) for line in gzip.decompress(each).splitlines()] for each in (written, again)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 2


def test_the_same_records_are_the_same_bytes() -> None:
    entry = ManifestEntry("job-1", "photos", "a", 1, "GLACIER", "Bulk")
    record = ObjectRecord(ObjectId("photos/a", "null"), entry, History(), 0)
    assert import_file([record]) == import_file([record])
    assert list(records_of(import_file([]))) == []
