"""The input of `restore-bucket` is a job: the same input the same job, one run at a time."""

from dataclasses import replace
from typing import Any

import pytest

from tests.jobs.started import BUCKET, CREATED, NOW, World
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import Way
from thaw.core.job_rules import Destination
from thaw.core.job_states import JobState, JobStatus, Loaded, Wave
from thaw.jobs.accepting import Acceptor
from thaw.jobs.errors import JobRunningError, OtherBucketError, OtherCopyError

MACHINE = "arn:aws:states:eu-north-1:123456789012:stateMachine:thaw-create-job"
EXECUTION = "arn:aws:states:eu-north-1:123456789012:execution:thaw-restore-bucket:first"
INPUT = {"bucket_name": BUCKET}


def accepted(world: World, body: object = INPUT, execution: str = EXECUTION) -> JobState:
    return Acceptor(world.states, world.rules, MACHINE, lambda: NOW).accept(body, execution)


def end(world: World, job_id: str, **change: Any) -> JobState:
    ended = {"status": JobStatus.FAILED, "ended_at": NOW, "reason": "because", **change}
    return world.states.update(job_id, lambda state: replace(state, **ended))


def test_a_bucket_is_a_job_of_single_requests() -> None:
    world = World()
    state = accepted(world)
    assert state.job_id.startswith("bucket-archive-")
    assert (state.status, state.run, state.created_at) == (JobStatus.PREPARING, 1, NOW)
    assert (state.request.bucket, state.request.way, state.request.tier) == (BUCKET, Way.REQUESTS, "Bulk")
    assert state.request.selection is not None
    assert state.execution_arn == (
        f"arn:aws:states:eu-north-1:123456789012:execution:thaw-create-job:{state.job_id}-1"
    )


def test_the_same_input_is_the_same_job_and_another_input_another() -> None:
    first = accepted(World()).job_id
    assert accepted(World(), {"bucket_name": BUCKET, "tier": "BULK"}, "other").job_id == first
    assert accepted(World(), {"bucket_name": BUCKET, "prefix": "2019/"}).job_id != first
    assert accepted(World(), {"bucket_name": BUCKET, "dry_run": True}).job_id != first
    assert accepted(World(), {"bucket_name": BUCKET, "job_id": "mine"}).job_id == "mine"


def test_the_longest_bucket_name_gives_an_id_that_a_job_may_have() -> None:
    world = World()
    bucket = "b" * 63
    world.rules = replace(world.rules, restore_buckets=(bucket,))
    assert len(accepted(world, {"bucket_name": bucket}).job_id) <= 64


def test_an_ended_job_begins_its_next_run_as_new() -> None:
    world = World()
    job_id = accepted(world).job_id
    end(
        world,
        job_id,
        created_at=CREATED,
        loaded=Loaded(objects=3),
        waves=(Wave(1, 1, 1, "key"),),
        requested=True,
        requests_refused=2,
        cancel_requested_at=NOW,
        started_at=NOW,
        trouble=("stalled",),
    )
    second = accepted(world, execution="second")
    expected = JobState(
        job_id=job_id,
        request=second.request,
        status=JobStatus.PREPARING,
        created_at=CREATED,
        execution_arn=second.execution_arn,
        run=2,
        continues=True,
        revision=3,
    )
    assert second == expected
    assert second.execution_arn.endswith(f":{job_id}-2")


def test_a_job_that_has_not_ended_is_not_begun_again() -> None:
    world = World()
    job_id = accepted(world).job_id
    end(world, job_id, status=JobStatus.RESTORING)
    with pytest.raises(
        JobRunningError, match=f"Job {job_id} is Restoring; wait until it has ended, or cancel it"
    ):
        accepted(world, execution="second")


def test_the_same_execution_may_ask_again() -> None:
    world = World()
    first = accepted(world)
    assert accepted(world) == first
    end(world, first.job_id)
    assert accepted(world).run == 2


def test_two_executions_at_the_same_moment_are_one_job() -> None:
    world = World()

    def other(_: Any) -> None:
        world.dynamodb.on_call = lambda _: None
        accepted(world, execution="other")

    world.dynamodb.on_call = lambda call: other(call) if call.operation == "PutItem" else None
    with pytest.raises(JobRunningError):
        accepted(world)


def test_a_job_id_of_another_bucket_is_refused() -> None:
    world = World()
    world.rules = replace(world.rules, restore_buckets=(BUCKET, "vault"))
    accepted(world, {**INPUT, "job_id": "mine"})
    end(world, "mine")
    with pytest.raises(OtherBucketError, match="Job mine is of bucket archive, not of vault; choose another"):
        accepted(world, {"bucket_name": "vault", "job_id": "mine"})


def test_a_later_run_may_begin_to_copy_but_not_copy_otherwise() -> None:
    world = World()
    world.rules = replace(world.rules, copy_destinations=(Destination(BUCKET), Destination("live")))
    mine = {**INPUT, "job_id": "mine"}
    accepted(world, mine)
    end(world, "mine")
    assert accepted(world, {**mine, "copy": {}}, "second").run == 2
    end(world, "mine")
    with pytest.raises(OtherCopyError, match="Job mine was asked for with another copy"):
        accepted(world, {**mine, "copy": {"destination_bucket": "live"}}, "third")
    assert accepted(world, {**mine, "copy": {}}, "fourth").run == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"bucket_name": "private"}, "Bucket private is not among the stack's restore_buckets"),
        ({}, "lacks the field bucket_name"),
        ({**INPUT, "days": 0}, "days is 0"),
        ([], "must be a JSON object"),
    ],
)
def test_what_the_stack_does_not_allow_is_refused_and_leaves_nothing(body: object, reason: str) -> None:
    world = World()
    with pytest.raises(JobRefusedError, match=reason):
        accepted(world, body)
    assert world.dynamodb.items("jobs") == []
