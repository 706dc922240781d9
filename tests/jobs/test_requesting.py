"""Restores requested object by object: where needed, once, at the held rate, within what is tolerated."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.job_s3 import refused
from tests.jobs.started import (
    BUCKET,
    BY_REQUESTS,
    COPYING,
    JOB,
    JOBS_BUCKET,
    NOW,
    RULES,
    TABLES,
    DiedError,
    World,
    line,
)
from tests.store.tables import assert_exact, item_of
from thaw.core import job_files
from thaw.core.history import NOTHING, Failure, History, Status
from thaw.core.job_requests import JobRequest, Way
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Job, Totals
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.errors import (
    CancelledError,
    RestoreThrottledError,
    TooManyRefusedError,
    UnappliedNewsError,
)
from thaw.jobs.job_records import JobRecords
from thaw.jobs.pacing import Pacer
from thaw.jobs.refused_requests import finish_requests
from thaw.jobs.request_lines import RequestLine, to_lines
from thaw.jobs.requesting import WAIT_SECONDS, PartProgress, PartRequester
from thaw.jobs.restoring import MAX_ATTEMPTS, RestoreSender
from thaw.store.jobs import read_progress, register_job
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter

PART = f"{job_files.requests_folder(JOB)}part-00000.jsonl"
EXPIRES = "2026-11-28T00:00:00.000Z"
PACED = replace(COPYING, way=Way.REQUESTS, max_uncopied_bytes=250)


@dataclass
class Requests:
    """A job of `lines`, all of them with a record, and what requests its restores."""

    lines: list[RequestLine]
    request: JobRequest = BY_REQUESTS
    histories: Mapping[str, History] = field(default_factory=dict[str, History])
    world: World = field(default_factory=World)
    left: float = 900.0
    now: str = NOW
    per_second: float = 1000.0

    def __post_init__(self) -> None:
        world = self.world
        world.begin(self.request, JobStatus.RESTORING, started_at=NOW)
        world.put(PART, to_lines(self.lines))
        for each in self.lines:
            self.add(each, self.histories.get(each.key, NOTHING))
        sizes = sum(each.size_bytes or 0 for each in self.lines)
        job = Job(JOB, NOW, "Bulk", Totals(len(self.lines), sizes), buckets=(BUCKET,))
        register_job(world.dynamodb.client, TABLES.rollups, job)

    def add(self, each: RequestLine, history: History, job_id: str = JOB) -> None:
        entry = ManifestEntry(job_id, BUCKET, each.key, each.size_bytes, each.storage_class, "Bulk")
        one = ObjectRecord(ObjectId(object_path(BUCKET, each.key), each.version_id), entry, NOTHING, 0)
        self.world.dynamodb.tables[TABLES.objects][one.id] = item_of(one)
        if history != NOTHING:
            self.news(each.key, history)

    def news(self, key: str, history: History) -> None:
        self.writer.apply({Target((ObjectId(object_path(BUCKET, key), "null"),)): history})

    @property
    def writer(self) -> RecordWriter:
        client = self.world.dynamodb.client
        return RecordWriter(
            client, TABLES.objects, TABLES.rollups, slot=lambda: 0, pause=self.world.pauses.append
        )

    def sender(self, state: JobState) -> RestoreSender:
        return RestoreSender(
            s3=self.world.s3.client,
            bucket=state.request.bucket,
            tier="Bulk",
            days=state.request.expiration_days,
            pacer=Pacer(self.per_second, lambda: 0.0, lambda _: None),
            threads=4,
            now=lambda: self.now,
            pause=self.world.pauses.append,
        )

    def ask(self, start: int = 0) -> PartProgress:
        world = self.world
        requester = PartRequester(
            states=world.states,
            records=JobRecords(
                RecordReader(world.dynamodb.client, TABLES.objects, world.pauses.append), self.writer
            ),
            s3=world.s3.client,
            jobs_bucket=JOBS_BUCKET,
            rules=world.rules,
            per_second=self.per_second,
            sender=self.sender,
            progress=lambda job_id: read_progress(
                world.dynamodb.client, TABLES.rollups, job_id, lambda _: None
            ),
            now=lambda: self.now,
        )
        return requester.request(JOB, PART, start, lambda: self.left)

    @property
    def asked(self) -> list[str]:
        return [key for key, _ in self.world.s3.requested]

    def status(self, key: str) -> Status:
        item = self.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, key), "null"]
        return Status(item.get("status", {"S": "PENDING"})["S"])

    def refusals(self) -> list[dict[str, str]]:
        keys = self.world.s3.keys(JOBS_BUCKET, job_files.failures_folder(JOB))
        return [json.loads(row) for key in keys for row in self.world.file(key).splitlines()]


def refusing(
    code: str, status: int, *keys: str, times: int = 1000
) -> Callable[[str, Mapping[str, Any]], None]:
    """S3 that refuses the restores of these keys (of all, if none is named), so many times."""
    left = [times]

    def on_call(operation: str, request: Mapping[str, Any]) -> None:
        if operation == "RestoreObject" and (not keys or request["Key"] in keys) and left[0]:
            left[0] -= 1
            raise refused(code, status)

    return on_call


def many(count: int) -> list[RequestLine]:
    return [line(f"{number:04}") for number in range(count)]


def test_each_object_is_requested_once_with_its_tier_and_days_and_shows_as_restoring() -> None:
    job = Requests([line("a"), line("b", version_id="v1")])
    assert job.ask() == PartProgress(2, done=True)
    assert sorted(job.world.s3.requested, key=str) == [("a", None), ("b", "v1")]
    assert job.world.s3.requests[0]["RestoreRequest"] == {"Days": 7, "GlacierJobParameters": {"Tier": "Bulk"}}
    assert job.status("a") is Status.RESTORING
    assert_exact_counters(job)
    assert job.ask().done
    assert len(job.asked) == 2, "asked again, they are being restored"


def assert_exact_counters(job: Requests) -> None:
    rows = job.world.dynamodb.tables[TABLES.rollups]
    for key in [key for key, _ in rows if key == "*"]:
        rows.pop((key, JOB))
    rows.pop((JOB, "job"))
    assert_exact(job.world.dynamodb)


def test_objects_of_intelligent_tiering_are_requested_without_days() -> None:
    job = Requests([line("a")], replace(BY_REQUESTS, expiration_days=None))
    job.ask()
    assert job.world.s3.requests[0]["RestoreRequest"] == {"GlacierJobParameters": {"Tier": "Bulk"}}


def test_what_is_being_restored_readable_copied_or_in_another_job_is_not_requested() -> None:
    histories = {
        "restoring": History(restore_requested_at=NOW),
        "readable": History(restore_completed_at="2026-11-20T00:00:00.000Z", restore_expires_at=EXPIRES),
        "lapsed": History(restore_completed_at="2026-11-01T00:00:00.000Z", restore_expires_at=NOW),
        "copied": History(copied_at=NOW),
        "failed": History(failure=Failure("2026-11-20T00:00:00.000Z", "AccessDenied")),
    }
    job = Requests([line(key) for key in (*histories, "elsewhere", "unknown")], histories=histories)
    job.add(line("elsewhere"), NOTHING, job_id="august")
    del job.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, "unknown"), "null"]
    assert job.ask().done
    assert sorted(job.asked) == ["failed", "lapsed"]


def test_hundreds_of_objects_take_a_read_a_hundred() -> None:
    job = Requests(many(250))
    assert job.ask() == PartProgress(250, done=True)
    assert len(set(job.asked)) == 250
    calls = job.world.dynamodb
    assert calls.count("BatchGetItem") == 6, "three to see what is needed, three to write what was answered"


def test_a_part_that_died_is_taken_up_without_asking_twice() -> None:
    job = Requests(many(250))

    def die(operation: str, _: Mapping[str, Any]) -> None:
        if operation == "RestoreObject" and len(job.world.s3.requested) == 220:
            raise DiedError

    job.world.s3.on_call = die
    with pytest.raises(DiedError):
        job.ask()
    job.world.s3.on_call = lambda _, __: None
    assert job.ask().done
    assert len(job.asked) == 250
    assert job.world.s3.calls["RestoreObject"] <= 250 + 100, "only the chunk that died is asked again"
    assert {job.status(key) for key in job.asked} == {Status.RESTORING}


def test_an_object_that_is_being_restored_already_has_not_failed() -> None:
    job = Requests([line("a")])
    job.world.s3.requested.append(("a", None))
    assert job.ask().done
    assert job.status("a") is Status.RESTORING
    assert job.refusals() == []


def test_a_refusal_is_a_failure_with_its_code_in_the_record_and_in_a_file() -> None:
    job = Requests([line("a"), line("gone", version_id="v1"), line("b")])
    job.world.s3.on_call = refusing("NoSuchVersion", 404, "gone")
    assert job.ask().done
    item = job.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, "gone"), "v1"]
    assert (item["status"], item["error_code"]) == ({"S": "FAILED"}, {"S": "NoSuchVersion"})
    assert job.refusals() == [
        {
            "key": "gone",
            "version_id": "v1",
            "error_code": "NoSuchVersion",
            "error_message": "as the test says",
            "at": NOW,
        }
    ]
    assert (job.status("a"), job.status("b")) == (Status.RESTORING, Status.RESTORING)


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "ServiceUnavailable", "Throttling"])
def test_when_s3_is_busy_the_same_request_is_sent_again_after_a_growing_pause(code: str) -> None:
    job = Requests([line("a")])
    job.world.s3.on_call = refusing(code, 400 if code == "Throttling" else 503, times=3)
    assert job.ask().done
    assert job.asked == ["a"]
    first, second, third = job.world.pauses
    assert 0.25 <= first <= 0.5 <= second <= 1 <= third <= 2


def test_when_s3_stays_busy_the_part_fails_and_what_was_answered_is_kept() -> None:
    job = Requests([line("a"), line("busy")])
    job.world.s3.on_call = refusing("SlowDown", 503, "busy")
    with pytest.raises(
        RestoreThrottledError, match=r"did not take the restore request for archive/busy: .*SlowDown"
    ):
        job.ask()
    assert (job.status("a"), job.status("busy")) == (Status.RESTORING, Status.PENDING)
    assert job.world.s3.calls["RestoreObject"] == 1 + MAX_ATTEMPTS


def test_missing_capacity_for_expedited_is_a_refusal_when_it_stays() -> None:
    job = Requests([line("a")])
    job.world.s3.on_call = refusing("GlacierExpeditedRetrievalNotAvailable", 503)
    assert job.ask().done
    assert job.status("a") is Status.FAILED
    assert job.world.s3.calls["RestoreObject"] == MAX_ATTEMPTS


def test_more_refusals_than_are_tolerated_stop_the_part() -> None:
    job = Requests(many(400))
    bad = [f"{number:04}" for number in range(100, 110)]
    job.world.s3.on_call = refusing("AccessDenied", 403, *bad)
    job.world.rules = replace(RULES, tolerated_failure_percent=4)
    with pytest.raises(TooManyRefusedError) as caught:
        job.ask()
    assert str(caught.value) == (
        f"S3 refused 10 of 200 restore requests of {PART}, more than the 4 % tolerated; the first, for"
        " '0100', with AccessDenied: as the test says"
    )
    assert job.world.s3.calls["RestoreObject"] == 200, "nothing is asked for after that"
    assert len(job.refusals()) == 10
    assert job.world.state.reason == str(caught.value), "a Map does not tell why an item failed"


def test_as_many_refusals_as_are_tolerated_do_not_stop_it() -> None:
    job = Requests(many(200))
    job.world.s3.on_call = refusing("AccessDenied", 403, *(f"{number:04}" for number in range(5)))
    assert job.ask().done
    assert len(job.refusals()) == 5


def test_a_few_refusals_of_a_few_requests_prove_nothing() -> None:
    job = Requests(many(29))
    job.world.s3.on_call = refusing("AccessDenied", 403)
    assert job.ask().done
    assert len(job.refusals()) == 29


def test_when_time_is_short_the_part_goes_on_where_it_ended() -> None:
    job = Requests(many(250), left=100.0)
    assert job.ask() == PartProgress(100, done=False)
    assert job.ask(100) == PartProgress(200, done=False)
    reads = job.world.dynamodb.count("BatchGetItem")
    assert job.ask(200) == PartProgress(250, done=True)
    assert job.world.dynamodb.count("BatchGetItem") == reads + 2, "what is done is not looked at again"
    assert len(job.asked) == 250


def test_a_slow_rate_makes_small_chunks() -> None:
    job = Requests(many(10), per_second=0.1, left=0.0)
    assert job.ask() == PartProgress(3, done=False)


def test_a_paced_part_waits_until_what_is_copied_makes_room() -> None:
    job = Requests(many(5), PACED)
    assert job.ask() == PartProgress(2, done=False, wait_seconds=WAIT_SECONDS)
    assert job.ask(2) == PartProgress(2, done=False, wait_seconds=WAIT_SECONDS)
    for key in job.asked:
        job.news(key, History(restore_completed_at=NOW, copied_at=NOW))
    assert job.ask(2) == PartProgress(4, done=False, wait_seconds=WAIT_SECONDS)
    assert len(job.asked) == 4


def test_an_object_larger_than_the_bound_is_requested_alone() -> None:
    job = Requests([line("huge", 1000), line("a", 1)], PACED)
    assert job.ask() == PartProgress(1, done=False, wait_seconds=WAIT_SECONDS)
    assert job.asked == ["huge"]


def test_a_cancelled_job_asks_for_nothing_more() -> None:
    job = Requests(many(250))

    def cancel(operation: str, _: Mapping[str, Any]) -> None:
        if operation == "RestoreObject" and len(job.world.s3.requested) == 99:
            job.world.states.update(JOB, lambda state: replace(state, cancel_requested_at=NOW))

    job.world.s3.on_call = cancel
    with pytest.raises(CancelledError):
        job.ask()
    assert len(job.asked) == 100


def test_an_answer_that_cannot_be_written_fails_the_part() -> None:
    job = Requests([line("a")])
    broken = job.world.dynamodb.tables[TABLES.objects][object_path(BUCKET, "a"), "null"]
    broken["size_bytes"] = {"N": "no number"}
    with pytest.raises(UnappliedNewsError, match="A record of job july cannot be read"):
        job.ask()
    assert job.asked == []


def test_the_end_counts_what_was_refused() -> None:
    job = Requests(many(50))
    job.world.s3.on_call = refusing("AccessDenied", 403, "0001", "0002")
    job.ask()
    world = job.world
    for _ in range(2):
        state = finish_requests(world.states, world.s3.client, JOBS_BUCKET, JOB)
        assert (state.requested, state.requests_refused) == (True, 2)
    world.states.update(JOB, lambda state: replace(state, cancel_requested_at=NOW))
    with pytest.raises(CancelledError):
        finish_requests(world.states, world.s3.client, JOBS_BUCKET, JOB)


def test_an_earlier_trys_refusals_are_forgotten_when_the_part_is_asked_again() -> None:
    job = Requests([line("a")])
    job.world.s3.on_call = refusing("AccessDenied", 403, times=1)
    job.ask()
    assert len(job.refusals()) == 1
    job.now = "2026-11-21T09:01:00.000Z"
    job.ask()
    assert job.refusals() == []
    assert job.status("a") is Status.RESTORING


def test_no_more_start_in_a_second_than_the_rate() -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pacer = Pacer(10, lambda: now[0], sleep)
    for _ in range(20):
        pacer.wait()
    assert now[0] == pytest.approx(101.9)
    pacer.hold_back(5)
    pacer.wait()
    assert now[0] == pytest.approx(106.9)
    now[0] += 60
    pacer.wait()
    assert now[0] == pytest.approx(166.9), "time that nobody used is not made good by a burst"
