"""The steps of `copy-large`: each may be repeated, and together they make one checked, recorded copy."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.copying.worlds import (
    ELSEWHERE,
    IN_PLACE,
    KEY_ARN,
    LIVE,
    RULES,
    World,
    archived,
    refuses,
    throttles,
)
from tests.fakes.object_s3 import S3Call
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET, JOB, assert_exact
from thaw.copying.errors import NotRecordedError
from thaw.copying.large import Begun, Ended, LargeCopy
from thaw.copying.outcomes import Copied, Failed, Left, Outcome
from thaw.copying.uploads import Upload
from thaw.core.copy_plan import MAX_OBJECT_BYTES, Group
from thaw.core.history import Status
from thaw.core.job_states import JobStatus
from thaw.core.keys import NO_VERSION

HUGE = 40 * 2**30
DENIED = {
    "Error": "ClientError",
    "Cause": json.dumps(
        {
            "errorMessage": "An error occurred (AccessDenied) when calling the UploadPartCopy operation: no",
            "errorType": "ClientError",
        }
    ),
}


def steps(world: World) -> LargeCopy:
    return LargeCopy(world.tasks, world.preparer(), world.recorder, lambda: world.seconds)


def begun(world: World, version_id: str = NO_VERSION) -> tuple[Upload, list[Group]]:
    found = steps(world).begin(world.message("a", version_id))
    assert isinstance(found, Begun)
    return found.upload, found.groups


def ended(world: World) -> Outcome:
    """What becomes of the object at the beginning."""
    found = steps(world).begin(world.message("a"))
    assert isinstance(found, Ended)
    return found.outcome


def all_parts(world: World, version_id: str = NO_VERSION) -> Upload:
    """An upload with all its parts."""
    upload, groups = begun(world, version_id)
    for group in groups:
        steps(world).parts(upload, group)
    return upload


def large(**more: Any) -> World:
    world = World(**more)
    world.add("a", archived(size=HUGE, sse="aws:kms", kms_key=KEY_ARN, tags={"team": "a"}))
    return world


def test_the_steps_make_one_checked_copy() -> None:
    world = large()
    upload, groups = begun(world)
    assert len(groups) == 4
    assert [steps(world).parts(upload, group) for group in groups] == [20] * 4
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Copied)
    copy = world.s3.current(LIVE, "from/a")
    assert (copy.content, copy.size, copy.kms_key, copy.tags) == ("the content", HUGE, KEY_ARN, {"team": "a"})
    assert world.status("a") is Status.COPIED
    assert_exact(world.tables)


def test_the_largest_object_fits_the_state_of_an_execution() -> None:
    world = World()
    world.add("a", archived(size=MAX_OBJECT_BYTES))
    upload, groups = begun(world)
    assert groups[-1].last == upload.part_count == 10_000
    document = {"upload": upload.to_document(), "groups": [group._asdict() for group in groups]}
    assert len(json.dumps(document)) < 256 * 1024, "the limit of Step Functions"


def test_a_group_that_is_repeated_copies_only_what_is_missing() -> None:
    world = large()
    upload, (group, *_) = begun(world)

    def refuse(call: S3Call) -> None:
        if call.operation == "UploadPartCopy" and call.request["PartNumber"] == 20:
            refuses("UploadPartCopy", "InternalError")(call)

    world.s3.on_call = refuse
    with pytest.raises(ClientError):
        steps(world).parts(upload, group)
    world.s3.on_call = lambda _: None
    assert steps(world).parts(upload, group) == 1
    assert steps(world).parts(upload, group) == 0


def test_completing_twice_makes_one_object() -> None:
    world = large(versioned=True)
    version_id = world.s3.current(BUCKET, "a").version_id
    upload = all_parts(world, version_id)
    world.tables.on_call = throttles("TransactWriteItems")
    with pytest.raises(NotRecordedError):
        steps(world).complete(world.message("a", version_id), upload)
    world.tables.on_call = lambda _: None
    outcome = steps(world).complete(world.message("a", version_id), upload).outcome
    assert isinstance(outcome, Copied)
    assert outcome.again
    assert len(world.s3.buckets[LIVE].keys["from/a"]) == 1
    assert world.status("a", version_id) is Status.COPIED


def test_a_source_that_lapsed_after_its_last_part_is_completed() -> None:
    world = large()
    upload = all_parts(world)
    world.s3.current(BUCKET, "a").restored_until = None
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Copied)


def test_a_large_object_changes_its_class_in_place() -> None:
    world = large(copy=IN_PLACE)
    upload = all_parts(world)
    steps(world).complete(world.message("a"), upload)
    assert world.s3.current(BUCKET, "a").storage_class == "STANDARD"
    assert isinstance(ended(world), Left), "copied"


def test_a_copy_that_is_there_is_only_recorded() -> None:
    world = large()
    source = world.s3.current(BUCKET, "a")
    world.s3.put(LIVE, "from/a", replace(source, storage_class="STANDARD", modified=world.s3.now))
    assert isinstance(ended(world), Copied)
    assert world.status("a") is Status.COPIED


def test_an_object_of_5_gb_or_less_is_copied_at_the_beginning() -> None:
    world = World()
    world.add("a")
    assert isinstance(ended(world), Copied)
    assert world.s3.count("CreateMultipartUpload") == 0


def test_what_is_refused_fails_at_the_beginning() -> None:
    world = large()
    world.s3.put(LIVE, "from/a", Stored("somebody's", 5))
    assert isinstance(ended(world), Failed)
    assert world.failure("a")[0] == "DestinationExists"


def test_what_s3_does_not_answer_is_raised_for_another_try() -> None:
    world = large()
    world.s3.on_call = refuses("HeadObject", "SlowDown")
    with pytest.raises(ClientError, match="SlowDown"):
        steps(world).begin(world.message("a"))
    assert world.status("a") is Status.RESTORED


def test_what_comes_to_the_destination_meanwhile_stays_and_ends_the_upload() -> None:
    world = large()
    upload = all_parts(world)
    world.s3.put(LIVE, "from/a", Stored("somebody's", 5))
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Failed)
    assert world.failure("a")[0] == "DestinationExists"
    assert world.s3.current(LIVE, "from/a").content == "somebody's"
    assert world.s3.uploads == {}


def test_a_copy_that_differs_fails_with_its_own_code() -> None:
    world = large()
    upload = all_parts(world)

    def other(call: S3Call, answer: Any) -> Any:
        if call.operation == "CompleteMultipartUpload":
            answer["ChecksumCRC64NVME"] = "other"
        return answer

    world.s3.answered = other
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Failed)
    assert world.failure("a")[0] == "CopyDiffers"


def test_a_failure_ends_the_upload_and_is_recorded_with_s3s_code() -> None:
    world = large()
    upload, (group, *_) = begun(world)
    steps(world).parts(upload, group)
    assert isinstance(steps(world).abort(world.message("a"), upload, DENIED).outcome, Failed)
    assert world.s3.uploads == {}
    assert world.failure("a")[0] == "AccessDenied"
    steps(world).abort(world.message("a"), upload, DENIED)
    assert_exact(world.tables)


THRESHOLD = {"Error": "States.ExceedToleratedFailureThreshold", "Cause": "The threshold was exceeded"}


@pytest.mark.parametrize(
    ("code", "outcome", "recorded"),
    [
        ("AccessDenied", Failed, "AccessDenied"),
        ("InvalidObjectState", Left, ""),
        ("", Failed, "States.ExceedToleratedFailureThreshold"),
    ],
)
def test_why_parts_failed_is_learnt_from_s3_since_step_functions_does_not_tell(
    code: str, outcome: type, recorded: str
) -> None:
    world = large()
    upload, (group, *_) = begun(world)
    steps(world).parts(upload, group)
    if code:
        world.s3.on_call = refuses("UploadPartCopy", code)
    assert isinstance(steps(world).abort(world.message("a"), upload, THRESHOLD).outcome, outcome)
    assert world.failure("a")[0] == recorded
    asked = [call.request["PartNumber"] for call in world.s3.calls if call.operation == "UploadPartCopy"]
    assert asked[20:] == [21]
    assert world.s3.uploads == {}


def test_a_failure_after_the_object_was_made_is_none() -> None:
    world = large()
    upload = all_parts(world)
    world.tables.on_call = throttles("TransactWriteItems")
    with pytest.raises(NotRecordedError):
        steps(world).complete(world.message("a"), upload)
    world.tables.on_call = lambda _: None
    assert isinstance(steps(world).abort(world.message("a"), upload, DENIED).outcome, Copied)
    assert world.status("a") is Status.COPIED


def test_an_object_that_lapsed_meanwhile_is_left_for_its_next_restore() -> None:
    world = large()
    upload, _ = begun(world)
    lapsed = {"Error": "ClientError", "Cause": "An error occurred (InvalidObjectState) when calling"}
    assert isinstance(steps(world).abort(world.message("a"), upload, lapsed).outcome, Left)
    assert world.status("a") is Status.RESTORED


def test_a_failure_without_a_code_keeps_its_name_and_a_failure_to_begin_has_no_upload() -> None:
    world = large()
    world.s3.on_call = refuses("HeadObject", "SlowDown")
    steps(world).abort(world.message("a"), None, {"Error": "States.Timeout", "Cause": ""})
    assert world.failure("a")[0] == "States.Timeout"


def test_a_job_that_is_cancelled_meanwhile_ends_its_upload() -> None:
    world = large()
    upload, _ = begun(world)
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.CANCELLED))
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Left)
    assert world.s3.uploads == {}


def test_the_source_of_a_large_copy_goes_if_asked_and_permitted() -> None:
    delete = replace(ELSEWHERE, delete_source=True)
    world = large(copy=delete, rules=replace(RULES, copy_may_delete_source=True))
    upload = all_parts(world)
    world.s3.on_call = refuses("DeleteObject", "AccessDenied")
    found = steps(world).complete(world.message("a"), upload)
    assert isinstance(found.outcome, Copied)
    assert "AccessDenied" in str(found.undeleted)
    world.s3.on_call = lambda _: None
    assert steps(world).complete(world.message("a"), upload).undeleted is None
    assert world.s3.buckets[BUCKET].keys == {}


def test_a_large_source_stays_whose_place_is_taken_at_the_end_by_what_is_like_it_in_size_only() -> None:
    world = World(
        replace(ELSEWHERE, delete_source=True, keep_encryption=False),
        replace(RULES, copy_may_delete_source=True),
    )
    world.add("a", archived(size=HUGE, sse="aws:kms", kms_key=KEY_ARN, algorithm=""))
    upload = all_parts(world)
    another = Stored("another", HUGE, modified=world.s3.now, sse="AES256", algorithm="")

    def take(call: S3Call) -> None:
        if call.operation == "CompleteMultipartUpload":
            world.s3.on_call = lambda _: None
            world.s3.put(LIVE, "from/a", another)

    world.s3.on_call = take
    found = steps(world).complete(world.message("a"), upload)
    assert isinstance(found.outcome, Copied)
    assert "only its size says that it is a copy" in str(found.undeleted)
    assert world.s3.current(BUCKET, "a").content == "the content"


def test_a_copy_that_another_made_meanwhile_ends_the_upload() -> None:
    world = large()
    upload = all_parts(world)
    source = world.s3.current(BUCKET, "a")
    world.s3.put(LIVE, "from/a", replace(source, storage_class="STANDARD", modified=world.s3.now))
    assert isinstance(steps(world).complete(world.message("a"), upload).outcome, Copied)
    assert world.s3.uploads == {}


def test_tags_too_long_for_a_header_are_put_on_when_the_copy_is_made() -> None:
    tags = {f"tag {number}": "ü" * 250 for number in range(10)}
    world = World()
    world.add("a", archived(size=HUGE, tags=tags))
    upload = all_parts(world)
    steps(world).complete(world.message("a"), upload)
    assert world.s3.current(LIVE, "from/a").tags == tags
