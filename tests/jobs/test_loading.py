"""A part of a job is loaded into the tables, and into files that say what is left to do."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.bucket_s3 import BucketS3
from tests.fakes.dynamodb import OBJECTS, Call, FakeDynamoDB
from tests.fakes.sqs import FakeSQS
from tests.store.loads import NOW, TABLES, asked, begin, load, states, turn
from tests.store.tables import COMPLETION, COPY, REQUEST, record, stored, target, writer
from thaw.core.copy_messages import CopyMessage
from thaw.core.history import History, merge
from thaw.core.job_files import left_out_part
from thaw.core.job_requests import Way
from thaw.core.job_states import JobStatus, Loaded
from thaw.core.jobs import Totals
from thaw.core.keys import ObjectId
from thaw.core.loaded_parts import loaded_from_json
from thaw.core.records import ObjectRecord
from thaw.jobs.copy_queue import CopyQueue, CopyQueueError
from thaw.jobs.errors import CancelledError
from thaw.jobs.import_lines import import_file
from thaw.jobs.loading import PartLoader
from thaw.jobs.request_lines import RequestLine, from_lines
from thaw.store.errors import JobNotFoundError

BUCKET = "thaw-jobs"
KEY = "jobs/new/import/part-00007.json.gz"
REQUESTS = "jobs/new/requests/part-00007.jsonl"
LOADED = "jobs/new/loaded/part-00007.json"
RESTORED = merge(REQUEST, COMPLETION)


class Part:
    """An import part in the bucket, and what loads it."""

    def __init__(self, records: list[ObjectRecord], *, copies: bool = False) -> None:
        self.fake, self.s3, self.sqs = FakeDynamoDB(), BucketS3(BUCKET), FakeSQS()
        self.s3.files[BUCKET, KEY] = import_file(records)
        begin(self.fake, "new", copies=copies)

    @property
    def loader(self) -> PartLoader:
        queue = CopyQueue(self.sqs.client, "https://sqs/copies")
        return PartLoader(
            self.fake.client, self.s3.client, TABLES, BUCKET, queue, lambda: 0, lambda _: None, lambda: NOW
        )

    def load(self) -> Loaded:
        loaded = self.loader.load("new", KEY)
        assert loaded_from_json(self.s3.files[BUCKET, LOADED]) == loaded
        return loaded

    def requests(self) -> list[RequestLine]:
        return list(from_lines(self.s3.files[BUCKET, REQUESTS], REQUESTS))


def _every_place() -> Part:
    """A part with an object for every place: `old` is over and `busy` is not."""
    part = Part(asked("new", "new", "requested", "restored", "copied", "busy"), copies=True)
    begin(part.fake, "old", "busy")
    load(part.fake, asked("old", "requested", "restored"))
    load(part.fake, asked("new", "copied"))
    load(part.fake, asked("busy", "busy"))
    writer(part.fake).apply(
        {target("requested"): REQUEST, target("restored"): RESTORED, target("copied"): COPY}
    )
    turn(part.fake, "old", JobStatus.TIMEOUT)
    return part


def test_what_needs_a_request_is_listed_in_the_order_of_the_part() -> None:
    records = [
        record("b", "v1", job_id="new"),
        record("a", job_id="new", size=5)._replace(id=ObjectId("archive/a", "null")),
    ]
    unknown = record("c", job_id="new")
    records.append(unknown._replace(entry=unknown.entry._replace(size_bytes=None, storage_class="")))
    part = Part(records)
    loaded = part.load()
    assert part.requests() == [
        RequestLine("b", "v1", 1000, "GLACIER"),
        RequestLine("a", "null", 5, "GLACIER"),
        RequestLine("c", "null", None, ""),
    ]
    assert loaded == Loaded(
        objects=3,
        size_bytes=1005,
        by_storage_class={"GLACIER": Totals(2, 1005), "UNKNOWN": Totals(1, 0)},
        requests=3,
        requests_bytes=1005,
    )


def test_every_object_is_counted_where_it_is() -> None:
    part = _every_place()
    assert part.load() == Loaded(
        objects=4,
        size_bytes=4000,
        by_storage_class={"GLACIER": Totals(4, 4000)},
        requests=1,
        requests_bytes=1000,
        readable=1,
        restoring=1,
        copied=1,
        elsewhere=1,
        elsewhere_jobs={"busy": 1},
    )
    assert part.requests() == [RequestLine("new", "null", 1000, "GLACIER")]


def test_what_is_readable_already_is_handed_to_the_copier_where_the_job_copies() -> None:
    part = _every_place()
    part.load()
    (message,) = part.sqs.sent
    assert message["QueueUrl"] == "https://sqs/copies"
    expected = CopyMessage("new", "archive", "restored", "null", 1000)
    assert CopyMessage.from_json(message["MessageBody"]) == expected


def test_a_job_that_does_not_copy_sends_nothing() -> None:
    part = Part(asked("new", "a"))
    begin(part.fake, "old")
    load(part.fake, asked("old", "a"))
    writer(part.fake).apply({target("a"): RESTORED})
    turn(part.fake, "old", JobStatus.COMPLETE)
    assert part.load().readable == 1
    assert (part.sqs.sent, part.sqs.batches) == ([], 0)


def test_a_message_that_could_not_be_sent_fails_the_part_before_its_files_say_that_it_is_done() -> None:
    part = _every_place()
    part.sqs.broken = True
    with pytest.raises(CopyQueueError):
        part.loader.load("new", KEY)
    assert part.s3.keys(BUCKET) == [KEY]
    part.sqs.broken = False
    assert part.load().readable == 1
    assert len(part.sqs.sent) == 1


def test_a_part_loaded_again_has_the_same_files() -> None:
    part = _every_place()
    part.load()
    files, items = dict(part.s3.files), part.fake.items(OBJECTS)
    part.load()
    assert part.s3.files == files
    assert part.fake.items(OBJECTS) == items


def test_a_part_without_requests_has_an_empty_file_of_them() -> None:
    part = Part(asked("new", "copied"))
    load(part.fake, asked("new", "copied"))
    writer(part.fake).apply({target("copied"): COPY})
    part.load()
    assert part.s3.files[BUCKET, REQUESTS] == b""


def test_a_cancelled_job_loads_no_more() -> None:
    part = Part(asked("new", "a"))
    states(part.fake).update("new", lambda state: replace(state, cancel_requested_at=NOW))
    with pytest.raises(CancelledError, match=f"Job new was cancelled at {NOW}"):
        part.loader.load("new", KEY)
    assert part.fake.items(OBJECTS) == []


def test_a_job_that_is_not_there_loads_nothing() -> None:
    part = Part(asked("new", "a"))
    states(part.fake).delete("new")
    with pytest.raises(JobNotFoundError):
        part.loader.load("new", KEY)


def test_a_part_is_taken_out_again_also_of_a_job_that_was_cancelled() -> None:
    part = _every_place()
    part.load()
    turn(part.fake, "new", JobStatus.CANCELLED)
    assert part.loader.unload("new", KEY) == 4, "one of them by the load before"
    assert {one.entry.job_id for one in stored(part.fake).values()} == {"busy"}
    assert part.loader.unload("new", KEY) == 0


def test_the_files_are_beside_the_part() -> None:
    part = Part(asked("new", "a"))
    part.load()
    assert part.s3.keys(BUCKET) == [KEY, LOADED, REQUESTS]
    assert json.loads(part.s3.files[BUCKET, LOADED])["objects"] == 1


def test_a_part_whose_job_is_undone_while_it_is_loaded_is_taken_back() -> None:
    """Who undoes the job may have been at the part before its last objects were loaded."""
    part = Part(asked("new", *(f"key-{number:03}" for number in range(200))))
    loads = 0

    def give_up(call: Call) -> None:
        nonlocal loads
        loads += call.operation == "TransactWriteItems"
        if loads == 2 and call.operation == "TransactWriteItems":
            states(part.fake).update("new", lambda state: replace(state, reason="Another part failed."))
            part.loader.unload("new", KEY)

    part.fake.on_call = give_up
    with pytest.raises(CancelledError, match="Job new was given up while jobs/new/import/part-00007"):
        part.loader.load("new", KEY)
    assert part.fake.items(OBJECTS) == []
    assert (BUCKET, LOADED) not in part.s3.files


@pytest.mark.parametrize(
    "change",
    [{"status": JobStatus.COMPLETE, "started_at": NOW}, {"status": JobStatus.FAILED, "started_at": NOW}],
)
def test_a_part_that_is_loaded_once_more_when_its_job_is_under_way_or_done_stays(
    change: dict[str, Any],
) -> None:
    part = Part(asked("new", "a"))

    def end(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            part.fake.on_call = lambda _: None
            states(part.fake).update("new", lambda state: replace(state, **change))

    part.fake.on_call = end
    part.load()
    assert len(part.fake.items(OBJECTS)) == 1


def test_a_later_run_of_a_job_that_copies_in_place_copies_what_is_archived_again() -> None:
    part = Part(asked("new", "a"), copies=True)
    part.load()
    writer(part.fake).apply({target("a"): History(copied_at="2026-11-20T00:00:00.000Z")})
    states(part.fake).update("new", lambda state: replace(state, run=2))
    assert [line.key for line in part.requests()] == ["a"]
    assert part.load().requests == 1


def test_what_a_run_leaves_out_is_taken_out_and_counted_as_nothing() -> None:
    part = Part([])
    load(part.fake, asked("new", "a", "b"), run=1)
    states(part.fake).update("new", lambda state: replace(state, run=2))
    key = left_out_part("new", 3)
    part.s3.files[BUCKET, key] = import_file(asked("new", "b"))
    for _ in range(2):
        assert part.loader.load("new", key) == Loaded(0, 0)
        assert {one.entry.key for one in stored(part.fake).values()} == {"a"}
    assert loaded_from_json(part.s3.files[BUCKET, "jobs/new/loaded/left-out-00003.json"]) == Loaded(0, 0)
    assert part.loader.unload("new", key) == 0


def test_a_part_of_a_vault_writes_no_requests_and_sends_nothing_to_the_copier() -> None:
    part = _every_place()
    vault = replace(states(part.fake).read("new").request, way=Way.VAULT)
    states(part.fake).update("new", lambda state: replace(state, request=vault))
    loaded = part.load()
    assert (loaded.requests, loaded.requests_bytes, loaded.readable) == (1, 1000, 1)
    assert (part.sqs.sent, part.s3.keys(BUCKET)) == ([], [KEY, LOADED])
