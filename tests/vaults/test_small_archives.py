"""Archives that fit one request: every byte, its proof, its record, and what goes wrong on the way."""

from dataclasses import replace
from typing import Any

import pytest

from local.launcher.glacier.faults import Fault
from tests.vaults.transfers import JOB, LIVE, MIB, REQUEST, VAULT, World, content, reasons
from thaw.core.history import History, Status
from thaw.core.job_rules import Destination
from thaw.core.job_states import JobState
from thaw.core.targets import Target
from thaw.core.times import from_millis, to_millis
from thaw.vaults.outcomes import Noted, Transferred
from thaw.vaults.tasks import Jobs

DAY = 86_400


@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 5 * MIB + 3, 16 * MIB])
def test_every_byte_arrives_with_its_proof(world: World, size: int) -> None:
    body = content(size)
    archive = world.add(body, "in/photo.jpg", "Summer 2014")
    world.deliver(world.retrieve(0))
    assert world.object("in/photo.jpg") == body
    head = world.s3.head_object(Bucket=LIVE, Key="in/photo.jpg", ChecksumMode="ENABLED")
    assert head["Metadata"] == {
        "glacier-archive-id": archive.archive_id,
        "glacier-vault": VAULT,
        "glacier-creation-date": "2026-11-21T10:00:00.000Z",
        "glacier-sha256-tree-hash": archive.sha256_tree_hash,
        "glacier-description": "Summer 2014",
    }
    assert world.status(0) is Status.COPIED
    assert world.attribute(0, "destination") == "s3://live/in/photo.jpg"
    assert world.attribute(0, "checksum") == f"SHA256:{head.get('ChecksumSHA256')}"


def test_the_record_tells_when_it_was_staged_and_for_how_long(world: World) -> None:
    world.add(b"x")
    document = world.retrieve(0)
    world.deliver(document)
    history = world.record(0).history
    assert history.restore_completed_at == document["CompletionDate"]
    assert history.restore_expires_at == from_millis(to_millis(document["CompletionDate"]) + DAY * 1000)


def test_a_batch_costs_two_requests_an_archive_and_one_write_of_all(world: World) -> None:
    documents: list[dict[str, Any]] = []
    for line in range(10):
        world.add(content(1000 + line))
        documents.append(world.retrieve(line))
    before, calls = world.server.glacier.state.calls.copy(), world.calls()
    assert reasons(world.deliver(*documents)) == ["Transferred"] * 10
    asked = world.server.glacier.state.calls - before
    assert dict(asked) == {"GetJobOutput": 10}
    assert calls.count("s3.PutObject") == 10
    assert calls.count("s3.HeadObject") == 0
    assert calls.count("dynamodb.TransactWriteItems") == 1
    assert len([name for name in calls.made if name.startswith("dynamodb.")]) == 4


def test_doubled_and_late_messages_change_nothing(world: World) -> None:
    world.add(content(3 * MIB), "in/a")
    document = world.retrieve(0)
    assert reasons(world.deliver(document, document)) == ["Transferred", "Transferred"]
    before, calls = world.item(0), world.calls()
    assert reasons(world.deliver(document)) == ["Left"]
    world.server.advance(3 * DAY)
    assert reasons(world.deliver(document, receives=5)) == ["Left"]
    assert world.item(0) == before
    assert "s3.PutObject" not in calls.made


def test_an_early_message_waits_for_its_archive(world: World) -> None:
    archive = world.add(b"early")
    world.server.glacier.state.times = replace(world.server.glacier.state.times, bulk=100.0)
    document = world.retrieve(0)
    assert document["StatusCode"] == "InProgress"
    assert reasons(world.deliver(document)) == ["Left"]
    said = {"StatusCode": "Succeeded", "CompletionDate": world.now(), "ArchiveSizeInBytes": 5}
    assert reasons(world.deliver({**document, **said})) == ["Again"]
    assert world.status(0) is Status.PENDING, "only what can be read is said to be staged"
    world.server.advance(100)
    ended = {**said, "ArchiveSHA256TreeHash": archive.sha256_tree_hash}
    assert reasons(world.deliver({**document, **ended})) == ["Transferred"]


def test_bytes_that_change_on_their_way_are_read_again(world: World) -> None:
    body = content(2 * MIB)
    world.add(body, "in/a")
    document = world.retrieve(0)
    world.server.glacier.faults.add(Fault("corrupt-output", times=1))
    world.server.glacier.faults.add(Fault("short-output", times=1))
    assert reasons(world.deliver(document)) == ["Transferred"]
    assert world.object("in/a") == body


def test_bytes_that_stay_wrong_never_become_an_object(world: World) -> None:
    world.add(content(2 * MIB), "in/a")
    document = world.retrieve(0)
    world.server.glacier.faults.add(Fault("corrupt-output", times=0))
    assert reasons(world.deliver(document)) == ["Again"]
    assert reasons(world.deliver(document, receives=5)) == ["Failed"]
    assert world.object("in/a") is None
    assert world.status(0) is Status.FAILED
    assert world.attribute(0, "error_code") == "OutputDiffers"


def test_a_plan_with_another_hash_is_told_by_glacier_itself(world: World) -> None:
    world.add(b"what was uploaded", "in/a")
    document = world.retrieve(0)
    world.replan(0, sha256_tree_hash="0" * 64)
    assert reasons(world.deliver(document)) == ["Failed"]
    assert world.attribute(0, "error_code") == "ArchiveDiffers"
    assert "the plan says 17 and 0000" in world.attribute(0, "error_message")
    assert world.object("in/a") is None


def test_bytes_of_another_hash_than_planned_make_no_object(world: World) -> None:
    world.add(content(3 * MIB), "in/a")
    document = world.retrieve(0, ArchiveSHA256TreeHash=None)
    world.replan(0, sha256_tree_hash="0" * 64)
    assert reasons(world.deliver(document)) == ["Again"]
    assert reasons(world.deliver(document, receives=5)) == ["Failed"]
    assert world.attribute(0, "error_code") == "OutputDiffers"
    assert world.object("in/a") is None


def test_a_message_that_lies_about_its_archive_is_not_believed(world: World) -> None:
    world.add(b"what was uploaded", "in/a")
    document = world.retrieve(0)
    lying = {**document, "ArchiveSizeInBytes": 3, "ArchiveSHA256TreeHash": "1" * 64}
    assert reasons(world.deliver(lying)) == ["Transferred"], "Glacier says otherwise"
    world.add(b"another")
    unknown = {**world.retrieve(1), "JobId": "no-such-job", "ArchiveSizeInBytes": 3}
    assert reasons(world.deliver(unknown)) == ["Left"]
    assert world.status(1) is Status.PENDING


class TestKeysThatAreTaken:
    def test_another_object_is_a_conflict_and_stays(self, world: World) -> None:
        world.add(b"the archive", "in/a")
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"somebody's")
        assert reasons(world.deliver(world.retrieve(0))) == ["Refused"]
        assert world.object("in/a") == b"somebody's"
        assert world.status(0) is Status.FAILED
        assert world.attribute(0, "error_code") == "ObjectConflict"
        assert world.vaults.read(JOB).conflict

    def test_the_same_bytes_without_the_metadata_are_no_proof_of_the_archive(self, world: World) -> None:
        world.add(b"the archive", "in/a")
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"the archive")
        assert reasons(world.deliver(world.retrieve(0))) == ["Refused"]

    def test_other_bytes_under_its_metadata_are_not_accepted(self, world: World) -> None:
        world.add(b"the archive", "in/a")
        document = world.retrieve(0)
        world.deliver(document)
        metadata = world.s3.head_object(Bucket=LIVE, Key="in/a")["Metadata"]
        world.plan(world.planned[0])
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"the ARCHIVE", Metadata=metadata)
        assert reasons(world.deliver(document)) == ["Refused"]
        assert world.attribute(0, "error_code") == "ObjectConflict"

    def test_its_own_object_is_found_after_a_death_before_the_record(self, world: World) -> None:
        world.add(content(2 * MIB), "in/a")
        document = world.retrieve(0)
        world.deliver(document)
        world.plan(world.planned[0])
        assert world.status(0) is Status.PENDING
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert world.attribute(0, "checksum").startswith("SHA256:")

    def test_a_key_outside_the_destinations_is_refused(self, world: World) -> None:
        world.rules = replace(world.rules, copy_destinations=(Destination(LIVE, prefix="elsewhere/"),))
        world.add(b"x", "in/a")
        assert reasons(world.deliver(world.retrieve(0))) == ["Refused"]
        assert world.attribute(0, "error_code") == "DestinationNotAllowed"
        assert not world.vaults.read(JOB).conflict


class TestFailedRetrievals:
    def test_they_are_asked_for_again_and_given_up_after_three(self, world: World) -> None:
        world.add(b"x")
        for attempt in (1, 2):
            document = world.retrieve(0, StatusCode="Failed", StatusMessage="Internal error")
            outcomes = world.deliver(document, document)
            assert isinstance(outcomes[0], Noted)
            world.deliver(document)
            (again,) = world.agains.due(JOB)
            assert (again.attempts, again.size_bytes) == (attempt, 1), "a doubled message counts once"
            assert "Internal error" in again.reason
            assert world.status(0) is Status.PENDING
        last = world.retrieve(0, StatusCode="Failed", StatusMessage="Internal error")
        assert reasons(world.deliver(last)) == ["Failed"]
        assert world.status(0) is Status.FAILED
        assert world.attribute(0, "error_code") == "RetrievalFailed"
        assert not list(world.agains.due(JOB))

    def test_a_late_message_of_one_that_failed_before_the_newest_request_counts_no_attempt(
        self, world: World
    ) -> None:
        world.add(b"abc")
        older = world.retrieve(0, StatusCode="Failed", StatusMessage="No")
        world.server.advance(3600)
        news = {world.record(0).id: History(restore_requested_at=world.now())}
        world.recorder.writer.apply({Target((id_,)): each for id_, each in news.items()})
        assert reasons(world.deliver(older)) == ["Left"]
        assert list(world.agains.due(JOB)) == []

    def test_one_that_succeeds_after_a_failure_is_transferred(self, world: World) -> None:
        world.add(b"x", "in/a")
        world.deliver(world.retrieve(0, StatusCode="Failed", StatusMessage="Internal error"))
        assert reasons(world.deliver(world.retrieve(0))) == ["Transferred"]


class TestWindows:
    def test_an_archive_whose_window_is_over_is_asked_for_again(self, world: World) -> None:
        world.add(b"x", "in/a")
        document = world.retrieve(0)
        world.server.advance(DAY + 1)
        (outcome,) = world.deliver(document)
        assert isinstance(outcome, Noted)
        assert world.status(0) is Status.EXPIRED
        (again,) = world.agains.due(JOB)
        assert (again.attempts, again.pointer) == (0, world.pointer(0)), "Glacier is not at fault"
        assert reasons(world.deliver(world.retrieve(0))) == ["Transferred"]
        assert world.object("in/a") == b"x"

    def test_a_late_message_of_an_old_window_does_not_undo_a_newer_request(self, world: World) -> None:
        world.add(b"x", "in/a")
        document = world.retrieve(0)
        world.server.advance(DAY + 1)
        requested = world.record(0).history._replace(restore_requested_at=world.now())
        writer = world.recorder.writer
        writer.apply({world.tasks.at(world.pointer(0)).target: requested})  # pyright: ignore[reportAttributeAccessIssue]
        assert reasons(world.deliver(document)) == ["Left"]
        assert world.status(0) is Status.RESTORING
        assert not list(world.agains.due(JOB))


class TestMessagesOfOthers:
    def test_jobs_that_are_not_ours_are_left(self, world: World) -> None:
        world.add(b"x")
        document = world.retrieve(0)
        for description in ("my own retrieval", "", None):
            assert reasons(world.deliver({**document, "JobDescription": description})) == ["Left"]

    def test_a_message_for_no_job_comes_again_until_somebody_looks(self, world: World) -> None:
        world.add(b"x")
        document = {**world.retrieve(0), "JobDescription": "thaw vault-unknown 0 0"}
        (outcome,) = world.deliver(document, receives=5)
        assert reasons([outcome]) == ["Again"], "it ends in the dead-letter queue, never dropped"

    def test_a_message_that_is_none_comes_again(self, world: World) -> None:
        assert reasons(world.deliver("{}", "no JSON", receives=5)) == ["Again", "Again"]

    def test_a_row_that_another_plan_gave_to_another_archive_is_left(self, world: World) -> None:
        world.add(b"first", "in/a")
        document = world.retrieve(0)
        world.add(b"second", "in/b")
        world.planned.reverse()
        world.replan(0)
        assert reasons(world.deliver(document)) == ["Left"]
        assert world.object("in/a") is None

    def test_one_bad_message_does_not_stop_the_others(self, world: World) -> None:
        for line in range(3):
            world.add(bytes([65 + line]), f"in/{line}")
        documents = [world.retrieve(line) for line in range(3)]
        world.s3.put_object(Bucket=LIVE, Key="in/1", Body=b"taken")
        outcomes = world.deliver(documents[0], "broken", documents[1], documents[2])
        assert reasons(outcomes) == ["Transferred", "Again", "Refused", "Transferred"]


class TestStoppedJobs:
    def test_nothing_is_transferred_and_the_news_are_kept(self, world: World) -> None:
        world.add(b"x", "in/a")
        document = world.retrieve(0)
        world.states.update(JOB, _cancelled)
        assert reasons(world.deliver(document)) == ["Noted"]
        assert world.status(0) is Status.RESTORED
        assert world.object("in/a") is None

    def test_a_stop_is_seen_within_a_minute(self, world: World) -> None:
        seconds = 0.0
        jobs = Jobs(world.states, lambda: seconds)
        assert jobs.find(JOB) == world.states.read(JOB)
        world.states.update(JOB, _cancelled)
        seconds = 59.0
        assert jobs.find(JOB) != world.states.read(JOB)
        seconds = 60.0
        assert jobs.find(JOB) == world.states.read(JOB)


def _cancelled(state: JobState) -> JobState:
    return replace(state, cancel_requested_at="2026-11-21T10:00:00.000Z")


def test_an_object_of_another_account_is_given_to_its_owner(world: World) -> None:
    world.rules = replace(world.rules, copy_destinations=(Destination(LIVE, account="999988887777"),))
    world.add(b"x", "in/a")
    asked: list[dict[str, Any]] = []

    def seen(params: dict[str, Any], **_: Any) -> None:
        asked.append(dict(params))

    world.s3.meta.events.register("provide-client-params.s3.PutObject", seen)
    world.deliver(world.retrieve(0))
    (request,) = asked
    assert request["ExpectedBucketOwner"] == "999988887777"
    assert request["ACL"] == "bucket-owner-full-control"
    assert request["IfNoneMatch"] == "*"


def test_every_request_names_the_owner_of_the_bucket(world: World) -> None:
    asked: dict[str, dict[str, Any]] = {}

    def seen(params: dict[str, Any], model: Any, **_: Any) -> None:
        if params.get("Bucket") == LIVE:
            asked[model.name] = dict(params)

    world.s3.meta.events.register("provide-client-params.s3", seen)
    world.add(content(17 * MIB), "in/large")
    world.add(b"x", "in/small")
    world.s3.put_object(Bucket=LIVE, Key="in/small", Body=b"taken")
    asked.clear()
    world.deliver(world.retrieve(0), world.retrieve(1))
    assert {"PutObject", "HeadObject", "CreateMultipartUpload", "UploadPart"} <= set(asked)
    assert {"CompleteMultipartUpload", "ListMultipartUploads"} <= set(asked)
    assert all(request.get("ExpectedBucketOwner") == "123456789012" for request in asked.values())


def test_the_storage_class_is_what_was_asked_for(world: World) -> None:
    deep = replace(REQUEST, copy=replace(REQUEST.copy, storage_class="DEEP_ARCHIVE"))  # type: ignore[arg-type]
    world.states.update(JOB, lambda state: replace(state, request=deep))
    world.add(b"x", "in/a")
    assert isinstance(world.deliver(world.retrieve(0))[0], Transferred)
    assert world.s3.head_object(Bucket=LIVE, Key="in/a")["StorageClass"] == "DEEP_ARCHIVE"
