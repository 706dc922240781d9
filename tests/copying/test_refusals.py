"""What is not copied: refused for good, left to others, or delivered again until it fails."""

from dataclasses import replace
from typing import Any

import pytest

from tests.copying.worlds import (
    ELSEWHERE,
    IN_PLACE,
    LIVE,
    PARTNER_ACCOUNT,
    READABLE,
    RULES,
    World,
    archived,
    refuses,
    throttles,
)
from tests.fakes.object_s3 import S3Call
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET, EXPIRES, assert_exact
from thaw.copying.outcomes import Again, Copied, Failed, Left
from thaw.copying.tasks import Delivery
from thaw.core.history import Failure, Status
from thaw.core.job_requests import CopyRequest
from thaw.core.job_states import JobStatus


def test_a_source_that_changes_before_it_is_copied_is_not_copied() -> None:
    world = World()
    world.add("a")

    def change(call: S3Call) -> None:
        if call.operation == "CopyObject":
            world.s3.current(BUCKET, "a").content = "other"

    world.s3.on_call = change
    assert isinstance(world.one("a"), Again), "the condition on its ETag sees it"
    assert world.s3.buckets[LIVE].keys == {}


def test_an_answer_that_tells_another_checksum_fails_the_object() -> None:
    world = World()
    world.add("a")

    def other(call: S3Call, answer: Any) -> Any:
        if call.operation == "CopyObject":
            answer["CopyObjectResult"]["ChecksumCRC64NVME"] = "other"
        return answer

    world.s3.answered = other
    world.one("a")
    assert world.failure("a")[0] == "CopyDiffers"
    assert world.status("a") is Status.FAILED


def test_in_place_a_version_that_is_not_current_is_not_put_above_the_current_one() -> None:
    world = World(IN_PLACE, versioned=True)
    first = world.add("a", archived("first"))
    second = world.s3.put(BUCKET, "a", Stored("second", 5)).version_id
    world.one("a", first)
    code, message = world.failure("a", first)
    assert code == "NotCurrentVersion"
    assert second in message
    assert world.s3.current(BUCKET, "a").content == "second"


@pytest.mark.parametrize("copy", [IN_PLACE, ELSEWHERE])
@pytest.mark.parametrize(
    ("now", "told"),
    [
        (archived(size=2000), "it has 2000 bytes in GLACIER, not the 1000 bytes in GLACIER"),
        (Stored("new", 1000, storage_class="STANDARD_IA"), "it has 1000 bytes in STANDARD_IA, not"),
        (Stored("new", 7), "it has 7 bytes in STANDARD, not"),
    ],
)
def test_an_object_that_was_written_over_is_not_the_jobs(copy: CopyRequest, now: Stored, told: str) -> None:
    world = World(copy)
    world.add("a", now, recorded_size=1000)
    world.one("a")
    code, message = world.failure("a")
    assert code == "SourceChanged"
    assert told in message
    assert world.s3.count("CopyObject") == 0


def test_an_object_that_lifecycle_moved_to_a_deeper_archive_is_still_the_jobs() -> None:
    world = World()
    world.add("a", archived(storage_class="DEEP_ARCHIVE"))
    assert isinstance(world.one("a"), Copied)


def test_an_object_that_is_gone_fails_at_once() -> None:
    world = World()
    world.add("a")
    del world.s3.buckets[BUCKET].keys["a"]
    world.one("a")
    assert world.failure("a")[0] == "NoSuchKey"


@pytest.mark.parametrize("lapsed", [{"restored_until": None}, {"restored_until": None, "restoring": True}])
def test_an_object_that_is_not_readable_is_left_for_its_next_restore(lapsed: dict[str, Any]) -> None:
    world = World()
    world.add("a", archived(**lapsed))
    assert isinstance(world.one("a"), Left)
    assert isinstance(world.one("a", receives=5), Left)
    assert world.status("a") is Status.RESTORED, "the event of the expiry, or the sweep, says more"
    assert world.s3.count("CopyObject") == 0


def test_an_object_that_lapses_under_the_copy_is_left_too() -> None:
    world = World()
    world.add("a")
    world.s3.on_call = refuses("CopyObject", "InvalidObjectState")
    assert isinstance(world.one("a", receives=5), Left)


def test_a_failure_is_tried_again_until_the_last_delivery_which_records_it() -> None:
    world = World()
    world.add("a")
    world.s3.on_call = refuses("CopyObject", "AccessDenied")
    for receives in range(1, 5):
        assert isinstance(world.one("a", receives=receives), Again)
        assert world.status("a") is Status.RESTORED
    assert isinstance(world.one("a", receives=5), Failed)
    code, message = world.failure("a")
    assert code == "AccessDenied"
    assert "CopyObject" in message
    assert_exact(world.tables)


@pytest.mark.parametrize(("told", "code"), [("403", "AccessDenied"), ("400", "BadRequest")])
def test_a_head_that_is_refused_has_a_code_that_says_why(told: str, code: str) -> None:
    world = World()
    world.add("a")
    world.s3.on_call = refuses("HeadObject", told)
    assert isinstance(world.one("a", receives=5), Failed)
    assert world.failure("a")[0] == code


def test_an_object_that_failed_before_is_copied_when_its_job_is_started_again() -> None:
    world = World()
    world.add(
        "a", history=READABLE._replace(failure=Failure("2026-11-21T08:00:00.000Z", "AccessDenied", "no"))
    )
    assert world.status("a") is Status.FAILED
    assert isinstance(world.one("a"), Copied)
    assert world.status("a") is Status.COPIED


def test_one_object_that_fails_leaves_the_others_of_its_batch_copied() -> None:
    world = World()
    for key in "abc":
        world.add(key)
    world.s3.on_call = refuses("CopyObject", "SlowDown", "from/b")
    outcomes = world.deliver(*map(world.message, "abc")).outcomes
    assert [type(outcomes[name]) for name in "123"] == [Copied, Again, Copied]
    assert [world.status(key) for key in "abc"] == [Status.COPIED, Status.RESTORED, Status.COPIED]


def test_a_destination_outside_the_rules_is_refused_before_s3_is_asked() -> None:
    world = World(CopyRequest(destination_bucket=LIVE, destination_prefix="elsewhere/"))
    world.add("a")
    world.one("a")
    code, message = world.failure("a")
    assert code == "DestinationNotAllowed"
    assert message.startswith("Copies to live/elsewhere/a are outside the stack's copy_destinations")
    assert world.calls() == []


def test_in_place_needs_the_bucket_among_the_destinations() -> None:
    world = World(IN_PLACE, replace(RULES, copy_destinations=RULES.copy_destinations[:1]))
    world.add("a")
    world.one("a")
    assert world.failure("a")[0] == "DestinationNotAllowed"


def test_a_bucket_of_another_owner_than_the_rules_say_gets_nothing() -> None:
    world = World()
    world.add("a")
    world.s3.buckets[LIVE].owner = PARTNER_ACCOUNT
    assert isinstance(world.one("a"), Again)
    assert world.s3.buckets[LIVE].keys == {}


@pytest.mark.parametrize("status", [JobStatus.CANCELLED, JobStatus.FAILED])
def test_a_job_that_was_stopped_copies_no_more(status: JobStatus) -> None:
    world = World()
    world.add("a")
    world.states.update("job-1", lambda state: replace(state, status=status))
    assert isinstance(world.one("a"), Left)
    assert world.calls() == []


def test_a_job_that_is_being_cancelled_copies_no_more() -> None:
    world = World()
    world.add("a")
    world.states.update("job-1", lambda state: replace(state, cancel_requested_at=EXPIRES))
    assert isinstance(world.one("a"), Left)


def test_an_object_that_has_moved_to_another_job_is_that_jobs() -> None:
    world = World()
    world.add("a")
    batch = world.deliver(world.message("a", job_id="job-2"))
    assert batch.outcomes["1"] == Left("the object has no record of job job-2")


def test_a_message_that_cannot_be_read_is_delivered_again_and_so_reaches_the_dead_letters() -> None:
    world = World()
    world.add("a")
    batch = world.copier().copy(
        [Delivery("bad", "{}", 5), Delivery("good", world.message("a").to_json(), 1)], lambda: 900.0
    )
    assert isinstance(batch.outcomes["bad"], Again)
    assert isinstance(batch.outcomes["good"], Copied)


def test_tables_that_cannot_be_read_have_the_message_delivered_again() -> None:
    world = World()
    world.add("a")
    for operation in ("GetItem", "BatchGetItem"):
        world.tables.on_call = throttles(operation)
        assert isinstance(world.one("a"), Again)
    assert world.calls() == []


def test_without_time_left_a_copy_is_left_to_the_next_delivery() -> None:
    """205 s at the rate that is counted on, and a minute to spare."""
    world = World(seconds=260.0)
    world.add("a", archived(size=5 * 2**30))
    outcome = world.one("a")
    assert isinstance(outcome, Again)
    assert outcome.error_code == "NoTimeLeft"
    assert world.s3.count("CopyObject") == 0
