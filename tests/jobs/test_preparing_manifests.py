"""A job with a manifest: sorted, looked up within a few calls, and every row accounted for."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.bucket_s3 import Archived
from tests.jobs.preparations import (
    BUCKET,
    BY_MANIFEST,
    JOB,
    MANIFEST,
    Stack,
    assert_adds_up,
    keys_of,
)
from tests.manifests.inventories import csv_inventory, row
from thaw.core.history import Status
from thaw.core.job_requests import CopyRequest, Way
from thaw.core.job_rules import Destination
from thaw.core.jobs import Job, Totals
from thaw.core.keys import Spelling, encode_key
from thaw.jobs import manifest_reading
from thaw.jobs.manifest_phases import MARGIN_SECONDS
from thaw.jobs.refining import MAX_CALLS_A_PART, budget, share

KEYS = st.text(st.sampled_from("/ab+ é~\U0001f600"), min_size=1, max_size=3)


def stack(*rows: str) -> Stack:
    made = Stack()
    made.manifest(*rows)
    made.s3.put_archive(BUCKET, [])
    return made


def test_what_a_csv_does_not_tell_is_looked_up_in_the_bucket() -> None:
    made = stack("photos,b", "photos,a")
    made.s3.put_archive(
        BUCKET,
        [
            Archived("a", 5, "DEEP_ARCHIVE", restore="in progress"),
            Archived("b", 7, restore="2026-12-01T00:00:00Z"),
        ],
    )
    made.ask(BY_MANIFEST)
    assert made.prepare().parts == 1
    one, other = made.records()
    assert (one.entry.key, one.entry.size_bytes, one.entry.storage_class) == ("a", 5, "DEEP_ARCHIVE")
    assert (other.entry.key, other.entry.size_bytes, other.entry.storage_class) == ("b", 7, "GLACIER")
    assert (one.status, other.status) == (Status.RESTORING, Status.RESTORED)
    assert one.modified_at == other.modified_at == "2020-01-01T00:00:00.000Z"
    assert made.found.by_storage_class == {"DEEP_ARCHIVE": Totals(1, 5), "GLACIER": Totals(1, 7)}
    assert made.s3.list_calls == 1
    assert Job.from_summary(made.summary()).totals == Totals(2, 12)
    assert made.left() == ["preparing.json", "rejects.csv", "summary.json"]


def test_a_row_that_names_a_version_is_looked_up_among_versions() -> None:
    made = stack("photos,k,v1", "photos,k,v3", "photos,l,", "photos,m,", "photos,n,null", "photos,o,")
    made.s3.put_archive(
        BUCKET,
        [
            Archived("k", 1, version_id="v2"),
            Archived("k", 2, version_id="v1", is_latest=False),
            Archived("l", 3, version_id="v9"),
            Archived("m", 4, version_id="null"),
            Archived("n", 5, version_id="v8"),
            Archived("n", 6, version_id="null", is_latest=False),
        ],
        versioned=True,
    )
    made.ask(BY_MANIFEST)
    made.prepare()
    assert [(record.id.version_id, record.entry.size_bytes) for record in made.records()] == [
        ("v1", 2),
        ("null", 4),
        ("null", 6),
    ]
    unnamed = "the row names no version, but others of the manifest do: name one (the latest is v9)"
    assert made.rejects() == [
        {"file": MANIFEST, "line": "", "reason": "the bucket has no such version", "row": "photos,k,v3"},
        {"file": MANIFEST, "line": "", "reason": unnamed, "row": "photos,l"},
        {"file": MANIFEST, "line": "", "reason": "the bucket has no such object", "row": "photos,o"},
    ]
    assert made.s3.calls["ListObjectVersions"] == 1


def test_a_manifest_without_versions_is_looked_up_among_the_latest_alone() -> None:
    made = stack("photos,k")
    made.s3.put_archive(BUCKET, [Archived("k", version_id="v2")], versioned=True)
    made.ask(BY_MANIFEST)
    made.prepare()
    assert made.s3.calls["ListObjectsV2"] == 1
    assert made.s3.calls["ListObjectVersions"] == 0


def test_rows_of_no_object_or_of_none_that_is_archived_are_rejects_and_the_rest_goes_on() -> None:
    made = stack("photos,gone", "photos,a%20b", "photos,ready", "photos", "photos,a+b", "photos,%zz")
    made.s3.put_archive(BUCKET, [Archived("a b", 1), Archived("ready", 1, "STANDARD")])
    made.ask(BY_MANIFEST)
    made.prepare()
    assert keys_of(made.records()) == ["a b"]
    found = made.found
    assert (found.rows_in, found.objects, found.duplicates, found.rejects) == (6, 1, 1, 4)
    assert_adds_up(found)
    assert [(each["line"], each["reason"]) for each in made.rejects()] == [
        ("4", "the row has 1 columns, not 2 or 3"),
        ("6", "the key is not URL-encoded UTF-8"),
        ("", "the bucket has no such object"),
        ("", "the object is not archived: its storage class is STANDARD"),
    ]
    assert {each["file"] for each in made.rejects()} == {MANIFEST}


@settings(max_examples=20, deadline=None)
@given(
    asked=st.lists(KEYS, min_size=1, max_size=40),
    there=st.dictionaries(KEYS, st.sampled_from(["GLACIER", "DEEP_ARCHIVE", "STANDARD"]), max_size=40),
    page_size=st.integers(1, 9),
)
def test_every_row_is_accounted_for(asked: list[str], there: dict[str, str], page_size: int) -> None:
    made = stack("photos,*", *(f"photos,{encode_key(key, Spelling.BATCH_OPERATIONS)}" for key in asked))
    made.s3.page_size = page_size
    archived = {key for key, storage_class in there.items() if storage_class != "STANDARD"}
    made.s3.put_archive(BUCKET, [Archived("*"), *(Archived(key, 3, each) for key, each in there.items())])
    made.ask(BY_MANIFEST)
    made.prepare()
    found = made.found
    assert_adds_up(found)
    assert found.rows_in == len(asked) + 1
    assert found.duplicates == len(asked) - len(set(asked))
    assert found.rejects == len(made.rejects())
    assert made.s3.list_calls <= 10
    if not found.objects_of_unknown_size:
        assert keys_of(made.records()) == sorted({"*", *(archived & set(asked))})


def test_the_objects_of_a_dense_manifest_cost_a_call_a_thousand() -> None:
    keys = [f"{number:06}" for number in range(12_000)]
    made = stack(*(f"photos,{key}" for key in reversed(keys)))
    made.s3.put_archive(BUCKET, [Archived(key) for key in keys])
    made.ask(BY_MANIFEST)
    assert made.prepare().parts == 2
    assert keys_of(made.records()) == keys
    assert made.s3.list_calls == 12
    assert made.found.objects_of_unknown_size == 0


def test_the_objects_of_a_sparse_manifest_may_stay_unknown_but_cost_no_more_than_a_call_for_200() -> None:
    keys = [f"{number:06}" for number in range(3000)]
    made = stack(*(f"photos,{key}" for key in keys))
    made.s3.page_size = 1
    made.s3.put_archive(BUCKET, [Archived(key) for key in keys])
    made.ask(BY_MANIFEST)
    made.prepare()
    assert made.s3.list_calls == 3000 // 200
    found = made.found
    assert (found.objects, found.objects_of_unknown_size, found.rejects) == (3000, 2985, 0)
    assert found.by_storage_class["UNKNOWN"] == Totals(2985, 0)
    assert found.cost_usd == "", "who knows"


def inventory(tmp_path: Path, made: Stack, *rows: dict[str, str]) -> str:
    """An inventory in the bucket of manifests; returns the URI of its manifest.json."""
    csv_inventory(tmp_path / "inv", list(rows))
    for path in (path for path in (tmp_path / "inv").rglob("*") if path.is_file()):
        name = path.relative_to(tmp_path / "inv").as_posix()
        made.s3.files["inventories-of-photos", name] = path.read_bytes()
    return (
        f"s3://inventories-of-photos/{next(key for _, key in made.s3.files if key.endswith('manifest.json'))}"
    )


def test_an_inventory_tells_all_and_nothing_is_listed(tmp_path: Path) -> None:
    made = stack()
    uri = inventory(
        tmp_path, made, row("b", size="7"), row("a", size="2"), row("c", storage_class="STANDARD")
    )
    made.ask(replace(BY_MANIFEST, manifest=uri))
    made.prepare()
    assert [(record.entry.key, record.entry.size_bytes) for record in made.records()] == [("a", 2), ("b", 7)]
    assert {record.modified_at for record in made.records()} == {"2024-05-06T07:08:09.000Z"}
    assert made.s3.list_calls == 0
    assert [each["reason"] for each in made.rejects()] == [
        "the object is not archived: its storage class is STANDARD"
    ]


def test_import_parts_for_requests_are_short() -> None:
    made = stack(*(f"photos,{number:05}" for number in range(1300)))
    made.s3.put_archive(BUCKET, [Archived(f"{number:05}") for number in range(1300)])
    made.ask(replace(BY_MANIFEST, way=Way.REQUESTS))
    assert made.prepare().parts == 3
    assert [len(part) for part in made.parts()] == [500, 500, 300]


@pytest.mark.parametrize("seconds", [MARGIN_SECONDS - 1, MARGIN_SECONDS])
def test_interrupted_after_each_part_the_job_is_the_same(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(manifest_reading, "ROWS_PER_PART", 10)
    made = stack(*(f"photos,{number:03}" for number in range(95)), "photos,x")
    made.s3.page_size = 25
    made.s3.put_archive(BUCKET, [Archived(f"{number:03}", 1) for number in range(95) if number % 7])
    made.ask(BY_MANIFEST)
    invocations = 1
    while not made.preparation.run(JOB, lambda: seconds).done:
        invocations += 1
    assert invocations == (10 if seconds < MARGIN_SECONDS else 1)
    assert keys_of(made.records()) == [f"{number:03}" for number in range(95) if number % 7]
    assert (made.found.rows_in, made.found.rejects) == (96, 15)
    assert len(made.rejects()) == 15


def test_a_part_that_was_done_when_the_function_broke_is_done_again_and_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifest_reading, "ROWS_PER_PART", 10)
    made = stack(*(f"photos,{number:03}" for number in range(30)))
    made.s3.put_archive(BUCKET, [Archived(f"{number:03}") for number in range(15)])
    made.ask(BY_MANIFEST)
    cursor = f"jobs/{JOB}/preparing.json"
    assert not made.preparation.run(JOB, lambda: 0.0).done
    kept = made.s3.files["jobs", cursor]
    assert not made.preparation.run(JOB, lambda: 0.0).done
    made.s3.files["jobs", cursor] = kept
    made.prepare()
    assert keys_of(made.records()) == [f"{number:03}" for number in range(15)]
    assert (made.found.objects, made.found.rejects, len(made.rejects())) == (15, 15, 15)


def test_the_calls_are_shared_by_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest_reading, "ROWS_PER_PART", 1000)
    rows = [f"{number:05}" for number in range(4000)]
    made = stack(*(f"photos,{key}" for key in rows))
    made.s3.page_size = 1
    made.s3.put_archive(BUCKET, [Archived(key) for key in rows])
    made.ask(BY_MANIFEST)
    made.prepare()
    known = [sum(bool(record.entry.storage_class) for record in part) for part in made.parts()]
    assert known == [5, 5, 5, 5]


def test_bytes_that_mark_utf_8_do_not_cost_the_first_row() -> None:
    made = stack()
    made.s3.files["manifests", "m.csv"] = b"\xef\xbb\xbfphotos,a\nphotos,b\n"
    made.s3.put_archive(BUCKET, [Archived("a"), Archived("b")])
    made.ask(BY_MANIFEST)
    made.prepare()
    assert keys_of(made.records()) == ["a", "b"]


@pytest.mark.parametrize(("rows", "calls"), [(1, 10), (2000, 10), (2400, 12), (5_000_000, 25_000)])
def test_looking_up_may_take_a_call_for_200_rows_and_ten_in_any_case(rows: int, calls: int) -> None:
    assert budget(rows) == calls


def test_a_part_never_takes_longer_than_an_invocation_has() -> None:
    assert share(25_000, 10_000, 20_000) == MAX_CALLS_A_PART < MARGIN_SECONDS * 3


def test_two_versions_of_a_key_are_restored_in_one_job_but_not_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One row a part, so that a part ends between the two."""
    monkeypatch.setattr(manifest_reading, "ROWS_PER_PART", 1)
    there = [Archived("k", 1, version_id="v2"), Archived("k", 1, version_id="v1", is_latest=False)]
    for copy in (None, CopyRequest()):
        made = stack("photos,k,v1", "photos,k,v2")
        made.rules = replace(made.rules, copy_destinations=(Destination(BUCKET),))
        made.s3.put_archive(BUCKET, there, versioned=True)
        made.ask(replace(BY_MANIFEST, copy=copy))
        made.prepare()
        assert (made.state.refusal, made.state.reason[:41]) == (
            (422, "photos/k is named in several versions, wh") if copy else (0, "")
        )
