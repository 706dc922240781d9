"""Objects of more than 5 GB: in parts, at the same time, checked, and nothing left behind."""

import pytest

from tests.copying.worlds import IN_PLACE, LIVE, World, archived, refuses
from tests.fakes.object_s3 import S3Call
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET, assert_exact
from thaw.copying.outcomes import Again, Copied, Failed, Left
from thaw.core.copy_plan import MAX_OBJECT_BYTES, PART_BYTES
from thaw.core.history import Status

GIB = 2**30


def test_an_object_of_5_gib_is_copied_at_once_and_one_byte_more_in_parts() -> None:
    world = World()
    world.add("five", archived(size=5 * GIB))
    world.add("more", archived(size=5 * GIB + 1))
    outcomes = world.deliver(world.message("five"), world.message("more")).outcomes
    assert all(isinstance(outcome, Copied) for outcome in outcomes.values())
    assert world.s3.current(LIVE, "from/five").parts == 0
    assert world.s3.current(LIVE, "from/more").parts == 11
    assert world.s3.current(LIVE, "from/more").content == "the content"
    assert_exact(world.tables)


def test_the_calls_of_a_copy_in_parts() -> None:
    world = World()
    world.add("a", archived(size=5 * GIB + 1))
    world.one("a")
    assert [call for call in world.calls() if call != "UploadPartCopy"] == [
        "HeadObject",
        "HeadObject",
        "GetObjectTagging",
        "CreateMultipartUpload",
        "ListParts",
        "CompleteMultipartUpload",
    ], "the source, the destination, the tags, and what makes the object"
    ranges = sorted(
        (call.request["PartNumber"], call.request["CopySourceRange"])
        for call in world.s3.calls
        if call.operation == "UploadPartCopy"
    )
    assert ranges[0] == (1, f"bytes=0-{PART_BYTES - 1}")
    assert ranges[-1] == (11, f"bytes={5 * GIB}-{5 * GIB}")


@pytest.mark.parametrize("versioned", [False, True])
def test_large_objects_change_their_class_in_place_too(*, versioned: bool) -> None:
    world = World(IN_PLACE, versioned=versioned)
    version_id = world.add("a", archived(size=6 * GIB))
    assert isinstance(world.one("a", version_id), Copied)
    assert world.s3.current(BUCKET, "a").storage_class == "STANDARD"
    assert len(world.s3.buckets[BUCKET].keys["a"]) == 1 + versioned


def test_a_part_that_fails_aborts_the_upload_and_the_next_delivery_begins_anew() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))

    def refuse(call: S3Call) -> None:
        if call.operation == "UploadPartCopy" and call.request["PartNumber"] == 3:
            refuses("UploadPartCopy", "InternalError")(call)

    world.s3.on_call = refuse
    outcome = world.one("a")
    assert isinstance(outcome, Again)
    assert outcome.error_code == "InternalError"
    assert world.s3.uploads == {}, "nobody pays for parts that nobody will complete"
    world.s3.on_call = lambda _: None
    assert isinstance(world.one("a", receives=2), Copied)


def test_a_part_that_is_missing_is_seen_before_the_object_is_made() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))

    def forget(call: S3Call) -> None:
        if call.operation == "ListParts":
            world.s3.uploads[call.request["UploadId"]].parts.pop(2)

    world.s3.on_call = forget
    outcome = world.one("a")
    assert isinstance(outcome, Again)
    assert outcome.error_message.startswith("Of from/a, 11 of 12 parts and 5905580032 of 6442450944 bytes")
    assert world.s3.buckets[LIVE].keys == {}


def test_a_source_that_changes_meanwhile_makes_no_object() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))

    def change(call: S3Call) -> None:
        if call.operation == "UploadPartCopy" and call.request["PartNumber"] == 5:
            world.s3.put(BUCKET, "a", Stored("new", 6 * GIB))

    world.s3.on_call = change
    assert isinstance(world.one("a"), Again)
    assert world.s3.buckets[LIVE].keys == {}


def test_what_is_at_the_destination_is_seen_before_any_part_is_copied() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))
    world.s3.put(LIVE, "from/a", Stored("somebody's", 7))
    assert isinstance(world.one("a"), Failed)
    assert world.s3.count("CreateMultipartUpload") == 0


def test_what_comes_to_the_destination_meanwhile_stays() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))

    def put(call: S3Call) -> None:
        if call.operation == "ListParts":
            world.s3.put(LIVE, "from/a", Stored("somebody's", 7))

    world.s3.on_call = put
    assert isinstance(world.one("a"), Failed)
    assert world.failure("a")[0] == "DestinationExists"
    assert world.s3.current(LIVE, "from/a").content == "somebody's"
    assert world.s3.uploads == {}


def test_a_function_whose_time_runs_out_stops_and_aborts() -> None:
    world = World()
    world.add("a", archived(size=6 * GIB))

    def run_out(call: S3Call) -> None:
        if call.operation == "UploadPartCopy":
            world.seconds = 0.0

    world.s3.on_call = run_out
    outcome = world.one("a")
    assert isinstance(outcome, Again)
    assert outcome.error_code == "NoTimeLeft"
    assert world.s3.uploads == {}


def test_an_object_too_large_for_the_functions_time_gets_one_execution() -> None:
    world = World()
    world.add("a", archived(size=5000 * GIB))
    first, second = world.one("a"), world.one("a", receives=2)
    assert isinstance(first, Left)
    assert first == second
    (name,) = world.machines.started
    assert first.reason == f"execution {name} copies the object"
    assert world.s3.count("CreateMultipartUpload") == 0
    assert world.status("a") is Status.RESTORED


def test_a_running_execution_goes_on_when_the_object_is_extended() -> None:
    world = World()
    world.add("a", archived(size=5000 * GIB))
    first = world.one("a")
    world.s3.current(BUCKET, "a").restored_until = world.s3.now.replace(day=29)
    assert world.one("a") == first
    assert len(world.machines.started) == 1


def test_an_execution_that_ended_without_a_copy_is_begun_again_once_for_each_expiry() -> None:
    world = World()
    world.add("a", archived(size=5000 * GIB))
    world.one("a")
    for day in (28, 29):
        world.s3.current(BUCKET, "a").restored_until = world.s3.now.replace(day=day)
        world.machines.end(world.machines.started[-1])
        assert isinstance(world.one("a"), Left)
        assert world.one("a") == world.one("a")
    assert len(world.machines.started) == 3


def test_large_objects_of_a_batch_share_its_time() -> None:
    """Each takes 410 s at the rate that is counted on; 840 s hold two."""
    world = World()
    for key in "abc":
        world.add(key, archived(key, size=160 * GIB))
    outcomes = world.deliver(*map(world.message, "abc")).outcomes.values()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Copied", "Copied", "Left"]


def test_large_objects_of_a_batch_are_copied_one_after_the_other() -> None:
    world = World()
    for key in "ab":
        world.add(key, archived(key, size=8 * GIB))
    world.deliver(*map(world.message, "ab"))
    made = [call for call in world.calls() if call.endswith("MultipartUpload")]
    assert made == ["CreateMultipartUpload", "CompleteMultipartUpload"] * 2


def test_the_largest_object_is_copied_and_a_larger_one_refused() -> None:
    world = World()
    world.add("largest", archived(size=MAX_OBJECT_BYTES))
    world.add("larger", archived(size=MAX_OBJECT_BYTES + 1))
    outcomes = world.deliver(world.message("largest"), world.message("larger")).outcomes
    assert isinstance(outcomes["1"], Left)
    assert isinstance(outcomes["2"], Failed)
    assert world.failure("larger")[0] == "EntityTooLarge"
