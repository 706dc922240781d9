"""States of jobs: made once, changed by one at a time, listed, and gone without a trace."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from benchmarks.tables import create_tables
from tests.fakes.dynamodb import JOBS, Call, FakeDynamoDB
from tests.store.loads import job_state, states
from thaw.core.job_states import JobState, JobStatus
from thaw.store.backoff import MAX_ATTEMPTS
from thaw.store.errors import ContentionError, JobExistsError, JobNotFoundError, PageError
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def _with_reason(state: JobState) -> JobState:
    return replace(state, reason=state.reason + "!")


def _created_at(job_id: str, day: int) -> JobState:
    return replace(job_state(job_id), created_at=f"2026-11-{day:02}T00:00:00.000Z")


def test_a_state_is_read_as_it_was_created() -> None:
    jobs = states(FakeDynamoDB())
    created = jobs.create(job_state("july"))
    assert created == replace(job_state("july"), revision=1)
    assert jobs.read("july") == jobs.find("july") == created


def test_a_job_is_created_once() -> None:
    jobs = states(FakeDynamoDB())
    jobs.create(job_state("july"))
    with pytest.raises(JobExistsError, match="Job july exists already in jobs; choose another"):
        jobs.create(job_state("july", copies=True))
    assert jobs.read("july").request.copy is None


def test_a_job_that_was_never_asked_for_is_told_by_name() -> None:
    jobs = states(FakeDynamoDB())
    assert jobs.find("july") is None
    with pytest.raises(JobNotFoundError, match="No job 'july' is in jobs"):
        jobs.read("july")
    with pytest.raises(JobNotFoundError):
        jobs.update("july", _with_reason)


def test_a_change_is_stored_with_the_next_revision() -> None:
    fake = FakeDynamoDB()
    jobs = states(fake)
    jobs.create(job_state("july"))
    changed = jobs.update("july", _with_reason)
    assert (changed.reason, changed.revision) == ("!", 2)
    assert jobs.read("july") == changed
    (item,) = fake.items(JOBS)
    assert (item["revision"], item["status"], item["active"]) == ({"N": "2"}, {"S": "Loading"}, {"S": "yes"})


def test_a_change_that_changes_nothing_is_not_written() -> None:
    fake = FakeDynamoDB()
    jobs = states(fake)
    created = jobs.create(job_state("july"))
    assert jobs.update("july", lambda state: state) == created
    assert fake.count("UpdateItem") == 0


def test_a_change_that_raises_changes_nothing() -> None:
    jobs = states(FakeDynamoDB())
    created = jobs.create(job_state("july"))
    with pytest.raises(ZeroDivisionError):
        jobs.update("july", lambda state: replace(state, run=1 // 0))
    assert jobs.read("july") == created


def test_of_two_changes_at_once_both_are_in_the_end() -> None:
    fake = FakeDynamoDB()
    jobs = states(fake)
    jobs.create(job_state("july"))
    others = [lambda: states(fake).update("july", lambda state: replace(state, run=7))]

    def on_call(call: Call) -> None:
        if call.operation == "UpdateItem" and others:
            others.pop()()

    fake.on_call = on_call
    changed = jobs.update("july", _with_reason)
    assert (changed.run, changed.reason, changed.revision) == (7, "!", 3)
    assert jobs.read("july") == changed


def test_who_is_always_too_late_gives_up_and_says_so() -> None:
    fake = FakeDynamoDB()
    pauses: list[float] = []
    jobs = JobStates(fake.client, JOBS, pauses.append)
    jobs.create(job_state("july"))

    def on_call(call: Call) -> None:
        if call.operation == "UpdateItem":
            item = fake.tables[JOBS]["july", "state"]
            item["revision"] = {"N": str(int(item["revision"]["N"]) + 1)}
            document = item["document"]["S"]
            item["document"] = {"S": document.replace('"run":1', '"run":2')}

    fake.on_call = on_call
    with pytest.raises(ContentionError, match="The state of job july was changed by others in each of 8"):
        jobs.update("july", _with_reason)
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_a_job_that_has_ended_is_active_again_in_its_next_run() -> None:
    fake = FakeDynamoDB()
    jobs = states(fake)
    jobs.create(job_state("july"))
    for status, active in ((JobStatus.FAILED, False), (JobStatus.PREPARING, True)):
        jobs.update("july", lambda state, status=status: replace(state, status=status))
        assert ("active" in fake.items(JOBS)[0]) == active
        assert [state.job_id for state in jobs.active()] == (["july"] if active else [])


def test_a_job_without_an_end_is_active_from_the_beginning_and_a_dry_run_is_not() -> None:
    jobs = states(FakeDynamoDB())
    for number, status in enumerate(JobStatus):
        jobs.create(job_state(f"job-{number}", status=status))
    active = {JobStatus.PREPARING, JobStatus.LOADING, JobStatus.RESTORING, JobStatus.COPYING}
    assert {state.status for state in jobs.active()} == active


def test_jobs_are_listed_from_the_newest_page_by_page() -> None:
    fake = FakeDynamoDB()
    fake.page_size = 100
    jobs = states(fake)
    for day in (3, 1, 5, 2, 4):
        jobs.create(_created_at(f"job-{day}", day))
    first = jobs.list(2)
    assert [state.job_id for state in first.states] == ["job-5", "job-4"]
    second = jobs.list(2, first.next)
    assert [state.job_id for state in second.states] == ["job-3", "job-2"]
    last = jobs.list(2, second.next)
    assert ([state.job_id for state in last.states], last.next) == (["job-1"], "")


@pytest.mark.parametrize("start", ["x", "2026-11-21T00:00:00.000Z"])
def test_a_place_in_no_list_is_refused(start: str) -> None:
    with pytest.raises(PageError, match=f"'{start}' is no place in the list of jobs"):
        states(FakeDynamoDB()).list(2, start)


def test_a_job_is_deleted_with_its_events_and_what_it_loaded_stays_counted() -> None:
    fake = FakeDynamoDB()
    jobs = states(fake)
    jobs.create(job_state("july"))
    jobs.create(job_state("june"))
    for item in ("event#1", "event#2", "event#3", "loaded#0"):
        fake.put_item(TableName=JOBS, Item={"job_id": {"S": "july"}, "item": {"S": item}})
    jobs.delete("july")
    jobs.delete("july")
    assert sorted(fake.tables[JOBS]) == [("july", "loaded#0"), ("june", "state")]


@pytest.fixture(scope="module")
def moto_client() -> "Iterator[DynamoDBClient]":
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_tables(client)
        yield client


def test_the_calls_are_such_as_dynamodb_takes(moto_client: "DynamoDBClient") -> None:
    jobs = JobStates(moto_client, JOBS)
    for day in (1, 2, 3):
        jobs.create(_created_at(f"job-{day}", day))
    with pytest.raises(JobExistsError):
        jobs.create(_created_at("job-1", 1))
    jobs.update("job-2", lambda state: replace(state, status=JobStatus.COMPLETE))
    assert jobs.update("job-3", _with_reason).reason == "!"
    assert [state.job_id for state in jobs.active()] == ["job-1", "job-3"]
    page = jobs.list(2)
    assert [state.job_id for state in page.states] == ["job-3", "job-2"]
    assert [state.job_id for state in jobs.list(2, page.next).states] == ["job-1"]
    jobs.delete("job-1")
    assert jobs.find("job-1") is None
