"""A job that selects by listing: what is chosen, in how many calls, however often it is interrupted."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.bucket_s3 import Archived, BucketS3
from tests.jobs.preparations import (
    BUCKET,
    BY_SELECTION,
    JOB,
    RULES,
    Stack,
    assert_adds_up,
    keys_of,
)
from thaw.core.history import Status
from thaw.core.job_requests import Selection, Way
from thaw.core.job_states import JobStatus
from thaw.core.jobs import Job, Totals
from thaw.jobs.selecting import MARGIN_SECONDS


def stack(*objects: Archived, versioned: bool = False, page_size: int = 1000) -> Stack:
    made = Stack(s3=BucketS3("jobs", page_size=page_size))
    made.s3.put_archive(BUCKET, objects, versioned=versioned)
    return made


def chosen(selection: Selection, *objects: Archived) -> list[str]:
    made = stack(*objects)
    made.ask(replace(BY_SELECTION, selection=selection))
    made.prepare()
    assert_adds_up(made.found)
    return keys_of(made.records())


def test_archived_objects_are_found_and_all_is_counted() -> None:
    made = stack(
        Archived("a", size=10),
        Archived("b", size=5, storage_class="DEEP_ARCHIVE"),
        Archived("c", 3, "STANDARD"),
    )
    made.ask(BY_SELECTION)
    prepared = made.prepare()
    assert (prepared.done, prepared.refused, prepared.parts, prepared.list_calls) == (True, False, 1, 1)
    found = made.found
    assert (found.rows_in, found.objects, found.filtered, found.size_bytes) == (3, 2, 1, 15)
    assert found.by_storage_class == {"DEEP_ARCHIVE": Totals(1, 5), "GLACIER": Totals(1, 10)}
    assert made.state.status is JobStatus.PREPARING
    assert made.raw_lines()[0] == {
        "Item": {
            "object_path": {"S": "photos/a"},
            "version_id": {"S": "null"},
            "job_id": {"S": JOB},
            "bucket": {"S": "photos"},
            "key": {"S": "a"},
            "size_bytes": {"N": "10"},
            "storage_class": {"S": "GLACIER"},
            "tier": {"S": "Bulk"},
            "status": {"S": "PENDING"},
            "last_modified": {"S": "2020-01-01T00:00:00.000Z"},
        }
    }


def test_the_summary_registers_the_job_and_only_what_is_needed_is_left() -> None:
    made = stack(Archived("a", size=10))
    made.ask(BY_SELECTION)
    made.prepare()
    job = Job.from_summary(made.summary())
    assert (job.job_id, job.totals, job.buckets) == (JOB, Totals(1, 10), (BUCKET,))
    assert made.left() == ["preparing.json", "rejects.csv", "summary.json"]
    assert made.rejects() == []


def test_restores_under_way_and_readable_copies_are_seen_in_the_listing() -> None:
    made = stack(
        Archived("a", restore="in progress"), Archived("b", restore="2026-11-30T00:00:00Z"), Archived("c")
    )
    made.ask(BY_SELECTION)
    made.prepare()
    one, other, third = made.records()
    assert [record.status for record in (one, other, third)] == [
        Status.RESTORING,
        Status.RESTORED,
        Status.PENDING,
    ]
    assert one.history.observation.at == "2026-11-21T09:30:00.000Z"
    assert other.history.restore_expires_at == "2026-11-30T00:00:00.000Z"


def test_the_prefix_is_listed_and_nothing_else() -> None:
    others = [Archived(f"b/{number:05}") for number in range(3000)]
    made = stack(Archived("a/1"), *others)
    made.ask(replace(BY_SELECTION, selection=Selection(prefix="a/")))
    made.prepare()
    assert keys_of(made.records()) == ["a/1"]
    assert (made.found.rows_in, made.s3.list_calls) == (1, 1)


def test_classes_sizes_and_times_choose() -> None:
    objects = [
        Archived("a", 1, modified="2020-01-01T00:00:00Z"),
        Archived("b", 2, "DEEP_ARCHIVE", modified="2020-02-01T00:00:00Z"),
        Archived("c", 3, modified="2020-03-01T00:00:00Z"),
    ]
    assert chosen(Selection(storage_classes=("DEEP_ARCHIVE",)), *objects) == ["b"]
    assert chosen(Selection(min_size_bytes=2), *objects) == ["b", "c"]
    assert chosen(Selection(max_size_bytes=2), *objects) == ["a", "b"]
    assert chosen(Selection(modified_from="2020-02-01T00:00:00.000Z"), *objects) == ["b", "c"]
    assert chosen(Selection(modified_before="2020-02-01T00:00:00.000Z"), *objects) == ["a"]


def test_of_a_versioned_bucket_the_latest_versions_are_taken() -> None:
    made = stack(
        Archived("a", version_id="v2"),
        Archived("a", version_id="v1", is_latest=False),
        Archived("b", version_id="d", is_delete_marker=True),
        Archived("b", version_id="v1", is_latest=False),
        versioned=True,
    )
    made.ask(BY_SELECTION)
    made.prepare()
    assert [(record.entry.key, record.id.version_id) for record in made.records()] == [("a", "v2")]
    assert (made.found.rows_in, made.found.filtered) == (4, 3)


@pytest.mark.parametrize("objects", [1, 1000, 1001, 2500])
def test_a_thousand_objects_are_one_call(objects: int) -> None:
    made = stack(*(Archived(f"{number:05}") for number in range(objects)))
    made.ask(BY_SELECTION)
    made.prepare()
    assert made.s3.list_calls == -(-objects // 1000)
    assert made.found.objects == objects


@pytest.mark.parametrize(("way", "rows"), [(Way.REQUESTS, 500), (Way.BATCH_OPERATIONS, 10_000)])
def test_parts_are_as_long_as_the_way_takes_them(way: Way, rows: int) -> None:
    made = stack(*(Archived(f"{number:05}") for number in range(12_300)))
    made.ask(replace(BY_SELECTION, way=way))
    assert made.prepare().parts == -(-12_300 // rows)
    *whole, last = [len(part) for part in made.parts()]
    assert set(whole) == {rows}
    assert last == 12_300 % rows


@settings(max_examples=25, deadline=None)
@given(
    objects=st.integers(1, 60),
    page_size=st.integers(1, 9),
    every=st.integers(1, 5),
    versioned=st.booleans(),
)
def test_however_often_it_is_interrupted_the_job_is_the_same(
    *, objects: int, page_size: int, every: int, versioned: bool
) -> None:
    archive = [
        Archived(f"{number:03}", size=number, version_id=f"v{number}" if versioned else "null")
        for number in range(objects)
    ]
    whole, pieces = (stack(*archive, versioned=versioned, page_size=page_size) for _ in range(2))
    whole.ask(BY_SELECTION)
    pieces.ask(BY_SELECTION)
    whole.prepare()
    asked = 0

    def seconds_left() -> float:
        nonlocal asked
        asked += 1
        return MARGIN_SECONDS - 1 if asked % every == 0 else MARGIN_SECONDS

    while not pieces.preparation.run(JOB, seconds_left).done:
        pass
    assert pieces.records() == whole.records()
    assert replace(pieces.found, parts=whole.found.parts) == whole.found
    assert pieces.s3.list_calls == whole.s3.list_calls == -(-objects // page_size)


def test_what_an_invocation_wrote_before_it_broke_is_written_again_and_counted_once() -> None:
    made = stack(*(Archived(f"{number:05}") for number in range(2600)))
    made.ask(BY_SELECTION)
    assert not made.preparation.run(JOB, lambda: 0.0).done
    before = made.s3.files["jobs", f"jobs/{JOB}/preparing.json"]
    assert not made.preparation.run(JOB, lambda: 0.0).done
    made.s3.files["jobs", f"jobs/{JOB}/preparing.json"] = before
    made.s3.files["jobs", f"jobs/{JOB}/import/part-00099.json.gz"] = b"of an attempt that went farther"
    made.prepare()
    assert keys_of(made.records()) == [f"{number:05}" for number in range(2600)]
    assert made.found.objects == 2600


def test_asking_again_when_all_is_done_changes_nothing() -> None:
    made = stack(Archived("a"))
    made.ask(BY_SELECTION)
    first = made.prepare()
    files, revision = dict(made.s3.files), made.state.revision
    assert made.prepare() == first
    assert (made.s3.files, made.state.revision, made.s3.list_calls) == (files, revision, 1)


def test_a_second_run_begins_anew_and_leaves_no_file_of_the_first() -> None:
    made = stack(*(Archived(f"{number:05}") for number in range(1200)))
    made.ask(BY_SELECTION)
    made.prepare()
    made.s3.files["jobs", f"jobs/{JOB}/loaded/part-00002.json"] = b"{}"
    made.s3.files["jobs", "jobs/job-10/import/part-00000.json.gz"] = b"of another job"
    made.s3.put_archive(BUCKET, [Archived("a", restore="in progress")])
    made.again(2)
    assert made.prepare().parts == 1
    assert keys_of(made.records()) == ["a"]
    assert made.left() == ["preparing.json", "rejects.csv", "summary.json"]
    assert made.s3.keys("jobs", "jobs/job-10/"), "it is not ours"


def test_a_second_run_that_finds_all_copied_in_place_is_no_refusal() -> None:
    made = stack(Archived("a"))
    made.ask(BY_SELECTION)
    made.prepare()
    made.s3.put_archive(BUCKET, [Archived("a", storage_class="STANDARD")])
    made.again(2)
    prepared = made.prepare()
    assert (prepared.refused, prepared.parts, made.found.objects) == (False, 0, 0)


def test_a_dry_run_ends_with_its_figures_and_the_list_of_rejects() -> None:
    made = stack(Archived("a", size=2**30))
    made.ask(replace(BY_SELECTION, dry_run=True))
    prepared = made.prepare()
    assert (prepared.done, prepared.refused) == (True, False)
    assert (made.state.status, made.state.ended_at) == (JobStatus.DRY_RUN, "2026-11-21T09:30:00.000Z")
    assert made.found.objects == 1
    assert made.s3.keys("jobs", f"jobs/{JOB}/import/") == []
    assert made.left() == ["preparing.json", "rejects.csv", "summary.json"]
    assert made.prepare().done, "and asking again is harmless"


def test_ten_million_objects_are_refused_as_soon_as_they_are_too_many() -> None:
    made = stack(*(Archived(f"{number:05}") for number in range(9000)))
    made.rules = replace(RULES, max_objects=2000)
    made.ask(BY_SELECTION)
    assert made.prepare().refused
    assert made.s3.list_calls == 3
    assert made.state.refusal == 413
    assert made.state.reason == (
        "The selection has 3,000 objects or more, but a job of this stack takes 2,000 at most: select fewer"
        " (by prefix, class, size or date), or raise the stack's setting job_max_objects."
    )
