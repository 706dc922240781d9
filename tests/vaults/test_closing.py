"""A transfer is closed when all is done or given up: its uploads are ended, and the manifest is written."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from tests.core.vault_watched import retrieved, transfer
from tests.core.watched import START
from tests.vaults.watched import FINISH, LIVE, World, worlds
from thaw.core.history import Failure, History
from thaw.store.vault_uploads import OpenUpload

DONE = {"a0": History(copied_at=START), "a1": History(failure=Failure(START, "X", "y"))}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with worlds() as made:
        inputs: list[Any] = []
        start = made.machines.start_execution

        def noted(**given: Any) -> dict[str, str]:
            inputs.append(json.loads(given["input"]))
            return start(**given)

        made.machines.start_execution = noted  # pyright: ignore[reportAttributeAccessIssue]
        yield made


def execution(attempt: int, run: int = 1) -> str:
    return f"{FINISH.replace(':stateMachine:', ':execution:')}:job-1-{run}-{attempt}"


def upload(world: World, archive_id: str, job_id: str = "job-1") -> str:
    """An open upload of a transfer, written down."""
    key = f"v/{archive_id}"
    upload_id = world.s3.create_multipart_upload(Bucket=LIVE, Key=key)["UploadId"]
    world.uploads.begin(OpenUpload(job_id, archive_id, LIVE, key, 2**24, START, "retrieval", upload_id))
    return upload_id


def _parts_twice() -> Any:
    """ListParts finds parts, twice."""
    answers = iter([200, 200])

    def listed(**_: object) -> Any:
        status = next(answers, None)
        return (AWSResponse("", status, cast("Any", {}), None), {}) if status else None

    return listed


def open_uploads(world: World) -> set[str]:
    answer = world.s3.list_multipart_uploads(Bucket=LIVE)
    return {each.get("UploadId", "") for each in answer.get("Uploads", [])}


def test_the_manifest_is_written_when_every_archive_is_settled(world: World) -> None:
    world.add([10, 20], state=transfer(), history={"a0": History(copied_at=START)})
    world.look()
    assert world.machines.calls["start_execution"] == 0, "a1 is on its way"
    world.tell({"a1": History(copied_at=world.now)})
    world.look()
    world.look()
    assert list(world.machines.statuses) == [execution(1)]
    assert (world.vault.manifest_execution, world.vault.manifest_attempts) == (execution(1), 1)
    assert not world.state.closed, "that is said by who writes it"


def test_it_is_not_written_before_all_was_asked_for(world: World) -> None:
    world.add([10, 20], history=DONE)
    world.look()
    assert world.state.requested
    world.look()
    assert list(world.machines.statuses) == [execution(1)]


def test_an_attempt_that_failed_is_repeated_soon_and_then_hourly(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    for attempt in (1, 2, 3):
        world.look()
        world.machines.statuses[execution(attempt)] = "FAILED"
    world.look()
    assert len(world.machines.statuses) == 3
    world.look(hours=1)
    assert list(world.machines.statuses)[3:] == [execution(4)]


def test_an_attempt_whose_start_was_not_written_down_is_not_started_twice(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    world.machines.statuses[execution(1)] = "SUCCEEDED"
    world.look()
    assert list(world.machines.statuses) == [execution(1)]
    assert world.vault.manifest_execution == execution(1)


def test_a_transfer_that_is_stopped_ends_its_own_uploads_alone(world: World) -> None:
    """Number 22: cleaning up `run1` aborted the uploads of `run10`."""
    world.add([10, 20], state=transfer(), history={"a0": retrieved(1)})
    world.add([10], job_id="job-10", state=transfer())
    upload(world, "a0")
    kept = upload(world, "job-10-0", job_id="job-10")
    stranger = world.s3.create_multipart_upload(Bucket=LIVE, Key="v/a0")["UploadId"]
    world.states.update("job-1", lambda state: replace(state, cancel_requested_at=world.now))
    world.look()
    assert open_uploads(world) == {kept, stranger}
    assert list(world.uploads.all("job-1")) == []
    assert list(world.machines.statuses) == [], "somebody may be at work who did not hear of it"
    late = upload(world, "a1")
    world.look(hours=0.1)
    assert late not in open_uploads(world)
    assert list(world.machines.statuses) == []
    world.look()
    assert list(world.machines.statuses) == [execution(1)]


def test_a_transfer_that_is_stopped_is_not_closed_while_somebody_may_not_have_heard_of_it(
    world: World,
) -> None:
    world.add([10, 20], state=transfer(cancel_requested_at=START), history={"a0": retrieved(1)})
    world.look()
    assert list(world.machines.statuses) == []
    world.look()
    assert list(world.machines.statuses) == [execution(1)]


def test_uploads_are_kept_where_that_was_asked(world: World) -> None:
    state = transfer(cancel_requested_at=START, keep_uploads=True)
    world.add([10, 20], state=state, history={"a0": retrieved(1)})
    kept = upload(world, "a0")
    world.look(hours=0.2)
    assert open_uploads(world) == {kept}
    assert list(world.machines.statuses) == [execution(1)]


def test_a_transfer_past_its_time_is_given_up_too(world: World) -> None:
    """Number 16: everything unfinished was aborted after 48 hours; here only what was given a time is."""
    world.add([10, 20], state=transfer(timeout_hours=30), history={"a0": retrieved(1)})
    world.look(hours=29)
    assert list(world.machines.statuses) == []
    world.look(hours=1.2)
    assert list(world.machines.statuses) == [execution(1)]


def test_what_comes_after_the_manifest_has_it_written_anew(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    world.look()
    world.machines.statuses[execution(1)] = "SUCCEEDED"
    world.states.update("job-1", lambda state: replace(state, closed=True))
    world.look()
    assert world.state.closed
    world.tell({"a1": retrieved(1)})
    world.look(hours=2)
    assert not world.state.closed
    world.tell({"a1": History(copied_at=world.now)})
    world.look()
    assert list(world.machines.statuses) == [execution(1), execution(2)]


def test_an_upload_that_was_never_created_keeps_no_transfer_open(world: World) -> None:
    """The watcher has no right to put anything, and needs none."""
    world.add([10, 20], state=transfer(), history=DONE)
    world.uploads.begin(OpenUpload("job-1", "a1", LIVE, "v/a1", 2**24, START, "retrieval"))

    def refused(**_: object) -> None:
        error: Any = {"Error": {"Code": "AccessDenied", "Message": "No rights"}}
        raise ClientError(error, "CreateMultipartUpload")

    world.s3.meta.events.register("before-call.s3.CreateMultipartUpload", refused)
    for _ in range(2):
        assert world.look().failed == {}
    assert list(world.machines.statuses) == [execution(1)]


def test_a_destination_that_the_stack_has_no_more_keeps_no_transfer_open(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    theirs_now = upload(world, "a1")
    world.rules = replace(world.rules, copy_destinations=())
    for _ in range(2):
        assert world.look().failed == {}
    assert list(world.machines.statuses) == [execution(1)]
    assert open_uploads(world) == {theirs_now}


def test_a_bucket_that_is_gone_keeps_no_transfer_open(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    world.uploads.begin(OpenUpload("job-1", "a1", LIVE, "v/a1", 2**24, START, "retrieval", "id"))
    world.uploads.begin(OpenUpload("job-1", "a0", LIVE, "v/a0", 2**24, START, "retrieval"))
    world.s3.delete_bucket(Bucket=LIVE)
    for _ in range(2):
        assert world.look().failed == {}
    assert list(world.machines.statuses) == [execution(1)]


def test_an_upload_is_aborted_until_no_part_is_left_that_was_on_its_way(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    upload(world, "a1")
    aborted: list[str] = []

    def noted(**_: object) -> None:
        aborted.append("a1")

    world.s3.meta.events.register("before-call.s3.AbortMultipartUpload", noted)
    world.s3.meta.events.register("before-call.s3.ListParts", _parts_twice())
    for _ in range(3):
        world.look()
    assert (len(aborted), list(world.uploads.all("job-1"))) == (3, [])
    assert not world.machines.statuses
    world.look()
    assert list(world.machines.statuses) == [execution(1)]


def test_ending_many_uploads_leaves_half_of_a_look_to_others(world: World) -> None:
    world.add([10, 20], state=transfer(), history=DONE)
    upload(world, "a1")
    world.add([10], job_id="job-2")
    left = iter([100.0, *[49.0] * 100])
    world.watcher().watch("me", lambda: next(left))
    assert len(list(world.uploads.all("job-1"))) == 1
    assert world.glacier.asked == ["job-2-0"]


def test_a_run_has_its_own_manifest(world: World) -> None:
    world.add([10, 20], state=transfer(run=7), history=DONE)
    world.look()
    assert list(world.machines.statuses) == [], "the state of the run before is no word of this one"
    world.vaults.update("job-1", lambda vault: replace(vault, run=7))
    world.look()
    assert list(world.machines.statuses) == [execution(1, run=7)]
