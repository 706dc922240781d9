"""A loaded job is sent to S3 once, in waves, whatever dies on the way."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.dynamodb import Call, Fault
from tests.jobs.started import (
    BUCKET,
    BY_REQUESTS,
    CHANGES,
    COPYING,
    JOB,
    JOBS_BUCKET,
    NOW,
    QUEUE,
    REQUEST,
    ROLE,
    DiedError,
    World,
    line,
)
from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, JobStatus, Wave
from thaw.core.notifications import RESTORE_EVENTS, queue_entry
from thaw.core.waves import MAX_WAVES
from thaw.jobs.errors import (
    CancelledError,
    LostRequestsError,
    TooManyWavesError,
    UnheardEventsError,
)
from thaw.jobs.submitting import Submitted, start_next_wave

A, B, C = line("a", 60), line("b", 60), line("c", 60)


def next_wave(world: World, uncopied: int, now: str = NOW) -> Wave | None:
    return start_next_wave(
        world.states,
        world.batch,
        JOB,
        uncopied,
        jobs_bucket=JOBS_BUCKET,
        rules=world.rules,
        now=lambda: now,
    )


def test_a_job_is_one_batch_operations_job_of_all_its_parts() -> None:
    world = World()
    world.loaded([line("with space, comma.txt"), line("é+%")], [line("c")])
    assert world.submitter.submit(JOB) == Submitted(Way.BATCH_OPERATIONS, 0, 1)
    state = world.state
    assert (state.status, state.started_at, state.requested) == (JobStatus.RESTORING, NOW, True)
    (wave,) = state.waves
    assert (wave.number, wave.objects, wave.size_bytes) == (1, 3, 300)
    assert (wave.batch_job_id, wave.created_at) == ("batch-1", NOW)
    assert world.file(wave.manifest_key) == (
        b"archive,with%20space%2C%20comma.txt\narchive,%C3%A9%2B%25\narchive,c\n"
    )


def test_what_is_asked_of_s3_is_what_the_job_asks_for() -> None:
    world = World()
    world.loaded([A], request=replace(REQUEST, client_tag="team=media"))
    world.submitter.submit(JOB)
    asked: dict[str, Any] = dict(world.control.jobs[0].request)
    token, etag = asked.pop("ClientRequestToken"), world.state.waves[0].manifest_etag
    assert len(token) == 64
    assert asked == {
        "AccountId": "123456789012",
        "ConfirmationRequired": False,
        "Operation": {"S3InitiateRestoreObject": {"GlacierJobTier": "BULK", "ExpirationInDays": 7}},
        "Manifest": {
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
            "Location": {"ObjectArn": "arn:aws:s3:::thaw-jobs-files/jobs/july/waves/00001.csv", "ETag": etag},
        },
        "Report": {
            "Enabled": True,
            "Bucket": "arn:aws:s3:::thaw-jobs-files",
            "ExpectedBucketOwner": "123456789012",
            "Prefix": "jobs/july/reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": "AllTasks",
        },
        "Description": "Thaw job july of 2026-11-21T08:00:00.000Z, wave 1 of 1: team=media",
        "Priority": 10,
        "RoleArn": ROLE,
        "Tags": [{"Key": "thaw:job", "Value": "july"}, {"Key": "client_tag", "Value": "team=media"}],
    }


def test_without_an_expiration_s3_is_told_none() -> None:
    world = World()
    world.loaded([A], request=replace(REQUEST, expiration_days=None, tier="Standard"))
    world.submitter.submit(JOB)
    assert world.control.jobs[0].request["Operation"] == {
        "S3InitiateRestoreObject": {"GlacierJobTier": "STANDARD"}
    }


def test_versions_are_told_where_an_object_has_one_and_null_is_one_of_them_then() -> None:
    world = World()
    world.loaded([A], [line("b", version_id="v1")])
    world.submitter.submit(JOB)
    assert world.file(world.state.waves[0].manifest_key) == b"archive,a,null\narchive,b,v1\n"
    assert world.control.jobs[0].request["Manifest"]["Spec"]["Fields"] == ["Bucket", "Key", "VersionId"]


def test_a_paced_job_begins_with_the_first_of_its_waves_and_goes_on_as_there_is_room() -> None:
    world = World()
    world.loaded([A, B], [C, line("huge", 5000)], request=replace(COPYING, max_uncopied_bytes=120))
    world.submitter.submit(JOB)
    state = world.state
    assert [(wave.objects, wave.size_bytes) for wave in state.waves] == [(2, 120), (1, 60), (1, 5000)]
    assert (len(world.control.jobs), state.requested) == (1, False)
    assert next_wave(world, 61) is None, "60 of 120 bytes are free at most"
    second = next_wave(world, 60)
    assert second is not None
    assert (second.number, second.batch_job_id) == (2, "batch-2")
    assert next_wave(world, 1) is None, "what is larger than the limit goes alone"
    assert next_wave(world, 0) is not None
    assert world.state.requested
    assert next_wave(world, 0) is None
    assert [world.file(wave.manifest_key) for wave in world.state.waves] == [
        b"archive,a\narchive,b\n",
        b"archive,c\n",
        b"archive,huge\n",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"cancel_requested_at": NOW},
        {"status": JobStatus.FAILED},
    ],
)
def test_no_wave_follows_in_a_job_that_is_cancelled_or_has_ended(change: dict[str, Any]) -> None:
    world = World()
    world.loaded([A], [B], request=replace(COPYING, max_uncopied_bytes=60))
    world.submitter.submit(JOB)
    world.states.update(JOB, lambda state: replace(state, **change))
    assert next_wave(world, 0) is None
    assert len(world.control.jobs) == 1


def test_two_who_start_the_same_wave_at_once_create_one_batch_operations_job() -> None:
    world = World()
    world.loaded([A], [B], request=replace(COPYING, max_uncopied_bytes=60))
    world.submitter.submit(JOB)

    def other(operation: str) -> None:
        world.control.on_call = lambda _: None
        assert operation == "CreateJob"
        assert next_wave(world, 0) is not None

    world.control.on_call = other
    assert next_wave(world, 0, now="2026-11-21T09:00:09.000Z") is not None
    assert [wave.batch_job_id for wave in world.state.waves] == ["batch-1", "batch-2"]
    assert world.state.waves[1].created_at == NOW, "what the first wrote stays"
    assert len(world.control.jobs) == 2


def test_a_job_with_nothing_to_request_has_no_wave_and_is_under_way() -> None:
    world = World()
    world.loaded([])
    assert world.submitter.submit(JOB) == Submitted(Way.BATCH_OPERATIONS, 0, 1)
    state = world.state
    assert (state.status, state.requested, state.waves) == (JobStatus.RESTORING, True, ())
    assert world.control.jobs == []


@pytest.mark.parametrize(("request_", "concurrency"), [(BY_REQUESTS, 10), (COPYING, 1)])
def test_by_the_way_of_requests_the_parts_are_counted_and_a_paced_job_takes_one_at_a_time(
    request_: Any, concurrency: int
) -> None:
    world = World()
    world.loaded([A], [B], request=replace(request_, way=Way.REQUESTS, max_uncopied_bytes=100))
    assert world.submitter.submit(JOB) == Submitted(Way.REQUESTS, 2, concurrency)
    state = world.state
    assert (state.status, state.started_at, state.requested) == (JobStatus.RESTORING, NOW, False)
    assert world.control.jobs == []


def test_by_the_way_of_requests_nothing_to_request_is_no_part() -> None:
    world = World()
    world.loaded([], [], request=BY_REQUESTS)
    assert world.submitter.submit(JOB) == Submitted(Way.REQUESTS, 0, 10)
    assert world.state.requested


class Crash:
    """Ends the function at its `turn`th call that changes something, before or after the call took effect."""

    def __init__(self, world: World, turn: int, *, after: bool) -> None:
        self.turn = turn
        self.calls = 0
        self._after = after
        hook = "after_call" if after else "on_call"
        setattr(world.s3, hook, self._at_s3)
        setattr(world.control, hook, self._at_s3)
        world.dynamodb.on_call = self._at_dynamodb

    def _at_s3(self, *_: object) -> None:
        if self._turned():
            raise DiedError

    def _at_dynamodb(self, call: Call) -> Fault | None:
        if call.operation not in CHANGES or not self._turned():
            return None
        return Fault(after=DiedError()) if self._after else Fault(before=DiedError())

    def _turned(self) -> bool:
        self.calls += 1
        return self.calls == self.turn


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("turn", range(1, 12))
def test_wherever_a_submission_dies_the_next_one_ends_with_one_batch_operations_job(
    turn: int, *, after: bool
) -> None:
    world = World()
    world.loaded([A], [B], request=replace(COPYING, max_uncopied_bytes=60))
    crash = Crash(world, turn, after=after)
    try:
        world.submitter.submit(JOB)
    except DiedError:
        world.submitter.submit(JOB)
    world.submitter.submit(JOB)
    assert [job.job_id for job in world.control.jobs] == ["batch-1"]
    assert world.state.waves[0].batch_job_id == "batch-1"
    assert world.state.status is JobStatus.RESTORING
    location = world.control.jobs[0].request["Manifest"]["Location"]
    assert location["ETag"] == world.state.waves[0].manifest_etag
    assert crash.calls >= 6, "the submission makes more calls than that"


def test_another_life_of_the_job_and_another_stack_have_tokens_of_their_own() -> None:
    tokens: set[str] = set()
    for change in ({}, {"created_at": NOW}, {"run": 2}):
        world = World()
        world.loaded([A])
        world.states.update(JOB, lambda state, change=change: replace(state, **change))
        world.submitter.submit(JOB)
        tokens.add(world.control.jobs[0].request["ClientRequestToken"])
    world = World()
    world.loaded([A])
    start = replace(world.submitter, jobs_bucket="other-jobs-files")
    world.s3.files |= {("other-jobs-files", key): body for (_, key), body in world.s3.files.items()}
    start.submit(JOB)
    tokens.add(world.control.jobs[0].request["ClientRequestToken"])
    assert len(tokens) == 4


def test_requests_that_are_not_those_loaded_are_not_sent() -> None:
    world = World()
    state = world.loaded([A, B])
    assert state.loaded is not None
    fewer = replace(state.loaded, requests=3)
    world.states.update(JOB, lambda state: replace(state, loaded=fewer))
    with pytest.raises(
        LostRequestsError, match="has 3 objects to request and 2 in its requests/ files: load"
    ):
        world.submitter.submit(JOB)
    assert world.control.jobs == []


def test_more_waves_than_a_state_can_hold_are_refused() -> None:
    world = World()
    many = [line(f"{number}", 10) for number in range(MAX_WAVES + 1)]
    world.loaded(many, request=replace(COPYING, max_uncopied_bytes=10))
    with pytest.raises(
        TooManyWavesError, match=f"more than {MAX_WAVES} waves: set max_uncopied_bytes larger"
    ):
        world.submitter.submit(JOB)
    assert world.control.jobs == []


def test_keys_whose_events_nobody_hears_are_not_restored() -> None:
    world = World()
    entry = queue_entry("thaw-events-of-thaw", QUEUE, RESTORE_EVENTS, "2019/")
    world.s3.configurations[BUCKET] = {"QueueConfigurations": [entry]}
    world.loaded([line("2019/a"), line("2020/b")])
    with pytest.raises(
        UnheardEventsError, match="events of archive/2020/b would not reach this stack's queue"
    ):
        world.submitter.submit(JOB)
    assert world.control.jobs == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cancel_requested_at": NOW}, f"Job july was cancelled at {NOW}"),
        ({"status": JobStatus.TIMEOUT}, "Job july has ended already, as Timeout"),
    ],
)
def test_a_job_that_is_cancelled_or_over_is_not_sent(change: dict[str, Any], reason: str) -> None:
    def ended(state: JobState) -> JobState:
        return replace(state, **change)

    world = World()
    world.loaded([A])
    world.states.update(JOB, ended)
    with pytest.raises(CancelledError, match=reason):
        world.submitter.submit(JOB)
    assert world.control.jobs == []


@pytest.mark.parametrize("change", [{"cancel_requested_at": NOW}, {"status": JobStatus.FAILED}])
def test_a_batch_operations_job_that_is_created_while_the_job_ends_is_cancelled(
    change: dict[str, Any],
) -> None:
    world = World()
    world.loaded([A])

    def end(_: str) -> None:
        world.control.on_call = lambda _: None
        world.states.update(JOB, lambda state: replace(state, **change))

    world.control.on_call = end
    world.submitter.submit(JOB)
    assert [job.status for job in world.control.jobs] == ["Cancelled"]
