"""Registering jobs and reading their counters."""

from collections.abc import Callable

import pytest

from tests.fakes.dynamodb import ROLLUPS, FakeDynamoDB
from tests.store.tables import COMPLETION, COPY, REQUEST, record, tables
from thaw.core.errors import TotalsError
from thaw.core.history import Status, merge
from thaw.core.jobs import Job, Totals
from thaw.store.backoff import MAX_ATTEMPTS
from thaw.store.errors import JobExistsError, JobNotFoundError
from thaw.store.jobs import (
    find_progress,
    list_jobs,
    read_counters,
    read_job,
    read_possible_counters,
    read_progress,
    register_job,
)

JOB = Job(
    "job-1", "2026-11-21T00:00:00.000Z", "Bulk", Totals(4, 4000), {"GLACIER": Totals(4, 4000)}, ("archive",)
)


def four_objects() -> FakeDynamoDB:
    fake = tables(
        [
            record("a"),
            record("b", history=REQUEST),
            record("c", history=merge(REQUEST, COMPLETION)),
            record("d", history=merge(merge(REQUEST, COMPLETION), COPY)),
        ]
    )
    register_job(fake.client, ROLLUPS, JOB)
    return fake


def test_a_job_is_read_as_it_was_registered() -> None:
    assert read_job(four_objects().client, ROLLUPS, "job-1") == JOB


def test_registering_again_changes_nothing() -> None:
    fake = four_objects()
    before = fake.items(ROLLUPS)
    register_job(fake.client, ROLLUPS, JOB)
    assert fake.items(ROLLUPS) == before


def test_other_totals_under_the_same_id_are_refused_and_nothing_is_written() -> None:
    fake = four_objects()
    before = fake.items(ROLLUPS)
    other = Job("job-1", JOB.created_at, "Bulk", Totals(5, 5000))
    with pytest.raises(JobExistsError, match=r"4 objects and 4000 bytes.*not 5 and 5000.*another job id"):
        register_job(fake.client, ROLLUPS, other)
    assert fake.items(ROLLUPS) == before


def test_all_jobs_are_listed() -> None:
    fake = four_objects()
    register_job(fake.client, ROLLUPS, Job("another", JOB.created_at, "Bulk", Totals(0, 0)))
    assert list_jobs(fake.client, ROLLUPS) == ["another", "job-1"]


def test_progress_counts_pending_down_from_the_totals() -> None:
    progress = read_progress(four_objects().client, ROLLUPS, "job-1", lambda _: None)
    assert {status: part.objects for status, part in progress.by_status.items()} == {
        Status.PENDING: 1,
        Status.RESTORING: 1,
        Status.RESTORED: 1,
        Status.COPIED: 1,
        Status.FAILED: 0,
        Status.EXPIRED: 0,
    }
    assert sum(part.size_bytes for part in progress.by_status.values()) == JOB.totals.size_bytes


def test_progress_is_one_query_that_reads_no_other_counters() -> None:
    fake = four_objects()
    fake.page_size = 100
    fake.calls.clear()
    read_progress(fake.client, ROLLUPS, "job-1", lambda _: None)
    assert [call.operation for call in fake.calls] == ["Query"]


def test_a_job_nobody_registered_is_named() -> None:
    with pytest.raises(JobNotFoundError, match="No job 'nobody' is registered in rollups"):
        read_progress(four_objects().client, ROLLUPS, "nobody", lambda _: None)
    assert find_progress(four_objects().client, ROLLUPS, "nobody", lambda _: None) is None


@pytest.mark.parametrize("read", [read_progress, read_possible_counters])
def test_impossible_counters_are_read_again_and_then_reported(read: Callable[..., object]) -> None:
    fake = four_objects()
    fake.tables[ROLLUPS]["job-1", "status#0"]["copied_objects"] = {"N": "9"}
    pauses: list[float] = []
    with pytest.raises(TotalsError, match=r"-7 objects.*thaw verify --job job-1"):
        read(fake.client, ROLLUPS, "job-1", pauses.append)
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_a_number_that_was_impossible_for_a_moment_is_not() -> None:
    fake = four_objects()
    row = fake.tables[ROLLUPS]["job-1", "status#0"]
    right, row["copied_objects"] = row["copied_objects"], {"N": "9"}

    def heal(_: float) -> None:
        row["copied_objects"] = right

    job, counters = read_possible_counters(fake.client, ROLLUPS, "job-1", heal)
    assert (job, counters) == read_counters(fake.client, ROLLUPS, "job-1")


def test_counters_add_up_over_the_slots() -> None:
    fake = four_objects()
    row = dict(fake.tables[ROLLUPS]["job-1", "status#0"], metric={"S": "status#1"})
    fake.tables[ROLLUPS]["job-1", "status#1"] = row
    _, counters = read_counters(fake.client, ROLLUPS, "job-1")
    assert counters["status", "copied_objects"] == 2
