"""A job is read from its summary, and its progress adds up to its registered totals."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import records
from thaw.core.errors import SummaryError, TotalsError
from thaw.core.history import Status
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.records import ObjectRecord
from thaw.core.rollups import contributions

SUMMARY: dict[str, Any] = {
    "schema": 1,
    "job_id": "job-1",
    "tier": "Bulk",
    "created_at": "2026-11-21T03:04:05.678Z",
    "objects": 3,
    "size_bytes": 600,
    "by_storage_class": {
        "GLACIER": {"objects": 2, "size_bytes": 500},
        "DEEP_ARCHIVE": {"objects": 1, "size_bytes": 100},
    },
    "by_bucket": {
        "tapes": {"objects": 1, "size_bytes": 100},
        "archive": {"objects": 2, "size_bytes": 500},
    },
}
JOB = Job(
    "job-1",
    "2026-11-21T03:04:05.678Z",
    "Bulk",
    Totals(3, 600),
    {"GLACIER": Totals(2, 500), "DEEP_ARCHIVE": Totals(1, 100)},
    ("archive", "tapes"),
)


def test_a_summary_is_read_as_a_job() -> None:
    assert Job.from_summary(SUMMARY | {"rows_in": 4, "duplicates": 1}) == JOB


@pytest.mark.parametrize("schema", [0, 2, None, "1"])
def test_a_summary_of_another_schema_is_refused_with_a_way_out(schema: object) -> None:
    with pytest.raises(SummaryError, match=r"has schema .*; this version reads 1: prepare the manifest"):
        Job.from_summary(SUMMARY | {"schema": schema})


@pytest.mark.parametrize(
    "field", ["job_id", "tier", "created_at", "objects", "size_bytes", "by_storage_class", "by_bucket"]
)
def test_a_summary_that_lacks_a_field_is_refused_and_the_field_named(field: str) -> None:
    summary = {name: value for name, value in SUMMARY.items() if name != field}
    with pytest.raises(SummaryError, match=f"lacks a field or has a wrong one .*'{field}'"):
        Job.from_summary(summary)


@pytest.mark.parametrize(
    "change",
    [
        {"objects": "many"},
        {"size_bytes": None},
        {"by_storage_class": []},
        {"by_storage_class": {"GLACIER": 5}},
        {"by_storage_class": {"GLACIER": {"objects": 2}}},
    ],
)
def test_a_summary_with_a_wrong_field_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SummaryError, match="The summary lacks a field or has a wrong one"):
        Job.from_summary(SUMMARY | change)


def test_what_no_counter_holds_is_pending() -> None:
    assert Progress.of(JOB, {}).by_status == {
        status: Totals(3, 600) if status is Status.PENDING else Totals(0, 0) for status in Status
    }


def test_progress_is_read_from_the_status_counters_alone() -> None:
    counters = {
        ("status", "restored_objects"): 1,
        ("status", "restored_bytes"): 400,
        ("status", "failed_objects"): 2,
        ("status", "failed_bytes"): 200,
        ("hour#2026-11-21T03", "restored_objects"): 7,
    }
    by_status = Progress.of(JOB, counters).by_status
    assert by_status[Status.RESTORED] == Totals(1, 400)
    assert by_status[Status.FAILED] == Totals(2, 200)
    assert by_status[Status.PENDING] == Totals(0, 0)


@given(st.lists(records(), max_size=12))
def test_progress_adds_up_to_the_totals_and_tells_every_status(some: list[ObjectRecord]) -> None:
    counters: Counter[tuple[str, str]] = Counter()
    for record in some:
        for key, amount in contributions(record).items():
            counters[key.metric, key.attribute] += amount
    sizes = [record.entry.size_bytes or 0 for record in some]
    job = Job("job-1", JOB.created_at, "Bulk", Totals(len(some), sum(sizes)))
    by_status = Progress.of(job, counters).by_status
    assert sum(part.objects for part in by_status.values()) == len(some)
    assert sum(part.size_bytes for part in by_status.values()) == sum(sizes)
    for status in Status:
        members = [record for record in some if record.status is status]
        assert by_status[status] == Totals(len(members), sum(r.entry.size_bytes or 0 for r in members))


@pytest.mark.parametrize(
    ("counters", "wrong"),
    [
        ({("status", "copied_objects"): 4}, "-1 objects and 600 bytes PENDING"),
        (
            {("status", "copied_objects"): 1, ("status", "copied_bytes"): 601},
            "2 objects and -1 bytes PENDING",
        ),
        ({("status", "restoring_objects"): -1}, "-1 objects and 0 bytes RESTORING"),
        ({("status", "failed_bytes"): -5}, "0 objects and -5 bytes FAILED"),
    ],
)
def test_counters_that_contradict_the_totals_are_refused_with_a_way_out(
    counters: dict[tuple[str, str], int], wrong: str
) -> None:
    with pytest.raises(TotalsError) as refusal:
        Progress.of(JOB, counters)
    assert str(refusal.value) == (
        f"Job job-1 has {wrong} of 3 objects and 600 bytes registered: its counters contradict its totals;"
        " run `thaw verify --job job-1`."
    )
