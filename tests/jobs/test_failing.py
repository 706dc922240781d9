"""A job that cannot go on: undone where nothing was asked of S3, stopped where something was."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from tests.fakes.dynamodb import Call, Fault
from tests.jobs.started import (
    BY_REQUESTS,
    CHANGES,
    COPYING,
    JOB,
    JOBS_BUCKET,
    NOW,
    TABLES,
    DiedError,
    World,
)
from thaw.core.job_requests import JobRequest
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.jobs.failing import JobFailer
from thaw.jobs.registering import register
from thaw.store.jobs import list_jobs

CAUSE = json.dumps({"errorMessage": "S3 did not want to.", "errorType": "ClientError", "stackTrace": ["x"]})
ERROR = {"Error": "ClientError", "Cause": CAUSE}

OF_VAULT = parse_vault_transfer({"vault": "photos", "destination_bucket": "live"})


@dataclass
class Ends:
    """What ends jobs, and who was told; `left` are the seconds that every look at the time shows."""

    world: World = field(default_factory=World)
    told: list[JobState] = field(default_factory=list[JobState])
    left: Callable[[], float] = lambda: 900.0

    def fail(self) -> bool:
        world = self.world
        failer = JobFailer(
            states=world.states,
            batch=world.batch,
            loader=world.loader,
            dynamodb=world.dynamodb.client,
            tables=TABLES,
            s3=world.s3.client,
            jobs_bucket=JOBS_BUCKET,
            announce=self.told.append,
            now=lambda: NOW,
        )
        return failer.fail(JOB, ERROR, self.left)

    def loaded(self, *parts: list[str], request: JobRequest = COPYING) -> None:
        self.world.prepared(*parts, request=request)
        self.world.load()
        client = self.world.dynamodb.client
        register(self.world.states, client, TABLES, self.world.s3.client, JOBS_BUCKET, JOB)

    def records(self) -> list[str]:
        return [item["key"]["S"] for item in self.world.dynamodb.items(TABLES.objects)]


def test_a_job_that_asked_nothing_of_s3_leaves_nothing_but_its_state() -> None:
    ends = Ends()
    ends.loaded(["a", "b"], ["c"])
    assert ends.fail()
    state = ends.world.state
    assert (state.status, state.reason, state.ended_at) == (JobStatus.FAILED, "S3 did not want to.", NOW)
    assert ends.records() == []
    assert ends.world.dynamodb.items(TABLES.rollups) == []
    assert [told.status for told in ends.told] == [JobStatus.FAILED]
    assert list_jobs(ends.world.dynamodb.client, TABLES.rollups) == []


def test_of_the_end_of_a_refused_job_nobody_is_told_but_its_caller() -> None:
    ends = Ends()
    ends.world.begin(status=JobStatus.LOADING)
    ends.world.states.update(JOB, lambda state: replace(state, refusal=409, reason="Others have it."))
    assert ends.fail()
    assert (ends.world.state.status, ends.world.state.reason) == (JobStatus.FAILED, "Others have it.")
    assert ends.told == []


def test_what_other_jobs_have_stays_with_them() -> None:
    ends = Ends()
    ends.world.prepared(["a"], job_id="june")
    ends.world.load("june")
    ends.loaded(["a", "b"])
    ends.fail()
    assert [item["job_id"]["S"] for item in ends.world.dynamodb.items(TABLES.objects)] == ["june"]


def test_a_job_that_failed_while_it_was_prepared_has_nothing_to_undo() -> None:
    ends = Ends()
    ends.world.begin(status=JobStatus.PREPARING)
    assert ends.fail()
    assert ends.world.state.status is JobStatus.FAILED


def test_undoing_goes_on_in_the_next_call_when_time_is_short() -> None:
    ends = Ends()
    ends.loaded(["a"], ["b"], ["c"])
    times = iter([900.0, 100.0, 900.0, 900.0])
    ends.left = lambda: next(times)
    assert not ends.fail()
    assert ends.records() == ["b", "c"]
    assert (ends.world.state.status, ends.told) == (JobStatus.LOADING, [])
    assert ends.fail()
    assert ends.records() == []
    assert next(times, None) is None, "the first part is not undone again"


def test_what_a_part_came_to_before_it_died_is_undone_too() -> None:
    ends = Ends()
    ends.world.prepared(["a", "b"])
    key = f"jobs/{JOB}/import/part-00000.json.gz"
    puts: list[str] = []

    def die(operation: str, _: object) -> None:
        if operation == "PutObject":
            puts.append(operation)
            raise DiedError

    ends.world.s3.on_call = die
    with pytest.raises(DiedError):
        ends.world.loader.load(JOB, key)
    ends.world.s3.on_call = lambda _, __: None
    assert ends.records() == ["a", "b"]
    assert ends.fail()
    assert ends.records() == []


def test_a_job_that_was_sent_to_s3_is_stopped_and_keeps_its_records() -> None:
    ends = Ends()
    ends.loaded(["a", "b"])
    ends.world.submitter.submit(JOB)
    assert ends.fail()
    assert ends.world.control.jobs[0].status == "Cancelled"
    assert ends.world.state.status is JobStatus.FAILED
    assert ends.records() == ["a", "b"]
    assert list_jobs(ends.world.dynamodb.client, TABLES.rollups) == [JOB]


def test_a_batch_operations_job_that_has_ended_is_not_in_the_way() -> None:
    ends = Ends()
    ends.loaded(["a"])
    ends.world.submitter.submit(JOB)
    ends.world.control.jobs[0].status = "Complete"
    assert ends.fail()
    assert ends.world.control.jobs[0].status == "Complete"


def test_a_batch_operations_job_whose_id_nobody_wrote_down_is_found_and_stopped() -> None:
    ends = Ends()
    ends.loaded(["a"])
    world = ends.world

    def lose(call: Call) -> Fault | None:
        return Fault(before=DiedError()) if world.control.jobs and call.operation in CHANGES else None

    world.dynamodb.on_call = lose
    with pytest.raises(DiedError):
        world.submitter.submit(JOB)
    world.dynamodb.on_call = lambda _: None
    assert world.state.waves[0].batch_job_id == ""
    assert ends.fail()
    assert world.control.jobs[0].status == "Cancelled"
    assert world.state.waves[0].batch_job_id == "batch-1"
    assert ends.records() == ["a"], "S3 may have begun to restore it"


def test_a_job_of_single_requests_that_has_begun_keeps_its_records() -> None:
    ends = Ends()
    ends.loaded(["a"], request=BY_REQUESTS)
    ends.world.submitter.submit(JOB)
    assert ends.fail()
    assert ends.world.state.status is JobStatus.FAILED
    assert ends.records() == ["a"]


def test_a_job_of_single_requests_that_has_not_begun_is_undone() -> None:
    ends = Ends()
    ends.loaded(["a"], request=BY_REQUESTS)
    assert ends.fail()
    assert ends.records() == []


def test_the_reason_that_a_step_noted_is_the_jobs() -> None:
    ends = Ends()
    ends.loaded(["a"])
    ends.world.states.update(JOB, lambda state: replace(state, reason="S3 refused 10 of 200."))
    ends.fail()
    assert ends.world.state.reason == "S3 refused 10 of 200."


def test_a_job_that_somebody_cancelled_ends_cancelled() -> None:
    ends = Ends()
    ends.loaded(["a"])
    ends.world.states.update(JOB, lambda state: replace(state, cancel_requested_at=NOW))
    assert ends.fail()
    assert ends.world.state.status is JobStatus.CANCELLED
    assert [told.status for told in ends.told] == [JobStatus.CANCELLED]


def test_a_job_that_has_ended_stays_as_it_is() -> None:
    ends = Ends()
    ends.loaded(["a"])
    before = ends.world.states.update(JOB, lambda state: replace(state, status=JobStatus.COMPLETE))
    assert ends.fail()
    assert ends.world.state == before
    assert (ends.records(), ends.told) == (["a"], [])


def test_a_job_that_nobody_knows_is_no_work() -> None:
    assert Ends().fail()


def test_a_failure_that_dies_half_way_is_repeated() -> None:
    ends = Ends()
    ends.loaded(["a"], ["b"])
    turns = [0]

    def die(call: Call) -> Fault | None:
        turns[0] += call.operation == "TransactWriteItems"
        return Fault(after=DiedError()) if turns[0] == 2 else None

    ends.world.dynamodb.on_call = die
    with pytest.raises(DiedError):
        ends.fail()
    ends.world.dynamodb.on_call = lambda _: None
    assert ends.fail()
    assert ends.records() == []
    assert ends.world.dynamodb.items(TABLES.rollups) == []


def test_a_transfer_that_does_not_begin_is_undone() -> None:
    ends = Ends()
    ends.loaded(["a", "b"], request=OF_VAULT)
    assert ends.fail()
    assert (ends.world.state.status, ends.records()) == (JobStatus.FAILED, [])


def test_a_transfer_that_has_begun_goes_on_without_its_workflow() -> None:
    ends = Ends()
    ends.loaded(["a", "b"], request=OF_VAULT)
    begun = ends.world.states.update(
        JOB, lambda state: replace(state, status=JobStatus.RESTORING, started_at=NOW)
    )
    assert ends.fail()
    assert ends.world.state == begun
    assert len(ends.records()) == 2
    assert ends.told == []


def test_the_reason_is_written_before_anything_is_undone() -> None:
    ends = Ends()
    ends.loaded(["a"])

    def look(call: Call) -> Fault | None:
        if call.operation == "TransactWriteItems":
            ends.world.dynamodb.on_call = lambda _: None
            assert ends.world.state.reason == "S3 did not want to."
            assert ends.world.state.status is JobStatus.LOADING
        return None

    ends.world.dynamodb.on_call = look
    assert ends.fail()
