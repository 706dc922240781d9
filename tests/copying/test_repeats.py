"""A message comes twice, a worker dies, something is there already: nothing is made twice or written over."""

from dataclasses import replace

import pytest

from tests.copying.worlds import (
    ELSEWHERE,
    IN_PLACE,
    KEY_ARN,
    LIVE,
    RULES,
    World,
    archived,
    throttles,
)
from tests.fakes.dynamodb import OBJECTS, Call
from tests.fakes.object_s3 import S3Call
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET, JOB, assert_exact
from thaw.copying.outcomes import Again, Copied, Failed, Left
from thaw.core.history import Status


def test_a_second_delivery_of_a_copied_object_asks_s3_nothing() -> None:
    world = World()
    world.add("a")
    world.one("a")
    world.s3.calls.clear()
    assert world.one("a", receives=2) == Left("the object is copied")
    assert world.calls() == []


def test_a_message_twice_in_a_batch_is_copied_once() -> None:
    world = World()
    world.add("a")
    batch = world.deliver(world.message("a"), world.message("a"))
    assert isinstance(batch.outcomes["1"], Copied)
    assert batch.outcomes["1"] is batch.outcomes["2"]
    assert world.s3.count("CopyObject") == 1


def test_a_copy_whose_record_was_not_written_is_found_by_the_next_delivery() -> None:
    world = World()
    world.add("a")
    world.tables.on_call = throttles("TransactWriteItems")
    assert isinstance(world.one("a"), Again)
    assert world.status("a") is Status.RESTORED
    world.tables.on_call = lambda _: None
    outcome = world.one("a", receives=2)
    assert isinstance(outcome, Copied)
    assert outcome.again
    assert world.status("a") is Status.COPIED
    assert world.s3.count("CopyObject") == 1


def test_two_deliveries_at_the_same_time_make_one_copy() -> None:
    """Each has looked before the other copied: S3's condition decides."""
    world = World(versioned=True)
    version_id = world.add("a")

    def other(call: S3Call) -> None:
        if call.operation == "CopyObject" and world.s3.count("CopyObject") == 1:
            world.s3.copy_object(**call.request)

    world.s3.on_call = other
    outcome = world.one("a", version_id)
    assert isinstance(outcome, Copied)
    assert outcome.again
    assert len(world.s3.buckets[LIVE].keys["from/a"]) == 1


def test_what_is_at_the_destination_and_is_no_copy_stays_and_the_objectthrottles() -> None:
    world = World()
    world.add("a")
    world.s3.put(LIVE, "from/a", Stored("somebody's", 77))
    assert isinstance(world.one("a"), Failed)
    assert world.s3.current(LIVE, "from/a").content == "somebody's"
    code, message = world.failure("a")
    assert code == "DestinationExists"
    assert message.startswith(
        "live/from/a exists (77 bytes, STANDARD) and is no copy of the source (1000 bytes)"
    )
    assert_exact(world.tables)


def test_the_same_content_in_an_archive_class_is_no_copy() -> None:
    world = World()
    world.add("a")
    world.s3.put(LIVE, "from/a", archived())
    world.one("a")
    assert world.failure("a")[0] == "DestinationExists"


@pytest.mark.parametrize(("day", "code"), [(21, ""), (20, "DestinationExists")])
def test_what_cannot_be_told_from_a_copy_is_one_if_it_was_made_after_the_restore(day: int, code: str) -> None:
    world = World(replace(ELSEWHERE, keep_encryption=False))
    world.add("a", archived(sse="aws:kms", kms_key=KEY_ARN, algorithm=""))
    there = Stored("the content", 1000, modified=world.s3.now.replace(day=day), sse="AES256", algorithm="")
    world.s3.put(LIVE, "from/a", there)
    world.one("a", receives=2)
    assert world.failure("a")[0] == code


def test_in_place_a_version_that_comes_meanwhile_stays_the_current_one() -> None:
    world = World(IN_PLACE, versioned=True)
    version_id = world.add("a")

    def put(call: S3Call) -> None:
        if call.operation == "CopyObject":
            world.s3.put(BUCKET, "a", Stored("newer", 5))

    world.s3.on_call = put
    assert isinstance(world.one("a", version_id), Again)
    assert world.s3.current(BUCKET, "a").content == "newer"


@pytest.mark.parametrize("versioned", [False, True])
def test_in_place_a_copy_whose_record_was_not_written_is_not_made_again(*, versioned: bool) -> None:
    world = World(IN_PLACE, versioned=versioned)
    version_id = world.add("a")
    world.tables.on_call = throttles("TransactWriteItems")
    world.one("a", version_id)
    world.tables.on_call = lambda _: None
    outcome = world.one("a", version_id, receives=2)
    assert isinstance(outcome, Copied)
    assert outcome.again
    assert world.s3.count("CopyObject") == 1
    assert world.status("a", version_id) is Status.COPIED


@pytest.mark.parametrize("moves_at", ["BatchGetItem", "TransactWriteItems"])
def test_an_object_that_another_job_has_by_the_time_it_is_copied_is_not_copied_for_that_job(
    moves_at: str,
) -> None:
    """A job that timed out is copied on; meanwhile another one may load the object, to copy it elsewhere."""
    world = World(replace(ELSEWHERE, delete_source=True), replace(RULES, copy_may_delete_source=True))
    world.add("a")
    reads = 0

    def move(call: Call) -> None:
        nonlocal reads
        reads += call.operation == moves_at
        if reads == (2 if moves_at == "BatchGetItem" else 1):
            ((key, item),) = world.tables.tables[OBJECTS].items()
            revision = str(int(item["revision"]["N"]) + 1)
            moved = {**item, "job_id": {"S": "other"}, "revision": {"N": revision}}
            world.tables.tables[OBJECTS][key] = moved
            reads = 99

    world.tables.on_call = move
    outcome = world.one("a")
    assert isinstance(outcome, Left)
    assert outcome.reason == f"the object has no record of job {JOB} any more"
    assert world.status("a") is Status.RESTORED
    assert world.s3.count("DeleteObject") == 0, "the other job has not copied it"
