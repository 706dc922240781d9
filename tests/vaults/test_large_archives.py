"""Archives in several parts: by one function, by an execution of their own, gone on with, refused."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.launcher.glacier.faults import Fault
from tests.vaults.small_parts import PART, small_parts
from tests.vaults.transfers import JOB, LIVE, MIB, VAULT, World, content, reasons
from thaw.copying.errors import NoTimeLeftError
from thaw.copying.explaining import PARTS_FAILED
from thaw.core.archive_parts import Group
from thaw.core.history import Status
from thaw.core.vault_watching import paused
from thaw.core.watch_figures import hours_before
from thaw.store.vault_agains import MAX_ATTEMPTS
from thaw.vaults import existing, transferring
from thaw.vaults.errors import (
    IncompleteUploadError,
    OutputGoneError,
    TransferStoppedError,
    UploadGoneError,
)
from thaw.vaults.large import Begun
from thaw.vaults.orphans import abort_orphans
from thaw.vaults.outcomes import Noted, Transferred

DAY = 86_400
FORBIDDEN: Any = {"Error": {"Code": "403", "Message": "Forbidden"}}
BODY = content(5 * PART + 7)
"""Six parts."""


def test_parts_of_their_true_size_make_the_archive(world: World) -> None:
    body = content(33 * MIB + 11)
    archive = world.add(body, "in/film.mov", "A film")
    assert reasons(world.deliver(world.retrieve(0))) == ["Transferred"]
    assert world.object("in/film.mov") == body
    head = world.s3.head_object(Bucket=LIVE, Key="in/film.mov", ChecksumMode="ENABLED")
    assert head.get("ChecksumSHA256", "").endswith("-3")
    assert head["Metadata"]["glacier-sha256-tree-hash"] == archive.sha256_tree_hash
    assert world.attribute(0, "checksum") == f"SHA256:{head.get('ChecksumSHA256')}"
    assert world.status(0) is Status.COPIED
    assert world.uploads.rows.find(JOB, archive.archive_id) is None
    assert not world.open_uploads()


class TestSmallParts:
    """The same with parts of a MiB, so that many fit a test."""

    @pytest.fixture(autouse=True)
    def _parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        small_parts(monkeypatch)
        monkeypatch.setattr(transferring, "CONCURRENCY", 1)

    def test_a_part_costs_two_requests_and_one_write(self, world: World) -> None:
        world.add(BODY, "in/a")
        document = world.retrieve(0)
        before, calls = world.server.glacier.state.calls.copy(), world.calls()
        world.deliver(document)
        asked = world.server.glacier.state.calls - before
        assert dict(asked) == {"GetJobOutput": 6, "DescribeJob": 1}
        assert calls.count("s3.UploadPart") == 6
        writes = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
        made = [name for name in calls.made if name.removeprefix("dynamodb.") in writes]
        assert len(made) == 6 + 5, "a row for each part; the upload begun, named, forgotten; staged; copied"

    def test_one_that_takes_too_long_gets_an_execution_of_its_own(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transferring, "IN_PARTS_BYTES", 2 * PART)
        world.add(content(2 * PART), "in/a")
        world.add(BODY, "in/b")
        documents = [world.retrieve(0), world.retrieve(1)]
        assert reasons(world.deliver(*documents)) == ["Transferred", "Noted"]
        assert world.status(1) is Status.RESTORED
        (name,) = world.machines.running
        assert world.machines.running[name] == f'{{"job_id": "{JOB}", "part": 0, "line": 1}}'
        world.deliver(documents[1])
        assert world.machines.started == [name], "a running one goes on"

    def test_an_execution_that_ended_in_vain_is_followed_by_another(self, world: World) -> None:
        world.seconds = 60.0
        world.add(BODY, "in/a")
        document = world.retrieve(0)
        for count in (1, 2, 3):
            assert reasons(world.deliver(document)) == ["Noted"]
            assert len(world.machines.started) == count
            world.machines.end(world.machines.started[-1])
        world.deliver(document)
        assert len(world.machines.started) == 3, "one an hour"
        world.server.advance(3600)
        world.deliver(document)
        assert len(world.machines.started) == 4

    def test_what_was_sent_before_is_not_sent_again(self, world: World) -> None:
        archive = world.add(BODY, "in/a")
        document = world.retrieve(0)
        calls = world.calls()
        calls.after("s3.UploadPart", lambda: _die_at(calls, "s3.UploadPart", 3))
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.after("s3.UploadPart", lambda: None)
        upload = world.uploads.rows.find(JOB, archive.archive_id)
        assert upload is not None
        done = len(world.uploads.rows.parts(upload))
        assert 0 < done < 6
        calls = world.calls()
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert calls.count("s3.UploadPart") == 6 - done
        assert calls.count("s3.CreateMultipartUpload") == 0
        assert world.object("in/a") == BODY

    def test_parts_of_an_upload_that_is_gone_do_not_count(self, world: World) -> None:
        archive = world.add(BODY, "in/a")
        document = world.retrieve(0)
        calls = world.calls()
        calls.after("s3.UploadPart", lambda: _die_at(calls, "s3.UploadPart", 5))
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.after("s3.UploadPart", lambda: None)
        upload = world.uploads.rows.find(JOB, archive.archive_id)
        assert upload is not None
        world.s3.abort_multipart_upload(Bucket=LIVE, Key="in/a", UploadId=upload.upload_id)
        calls = world.calls()
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert calls.count("s3.UploadPart") == 6
        assert world.object("in/a") == BODY

    def test_a_newer_retrieval_goes_on_with_the_same_upload(self, world: World) -> None:
        archive = world.add(BODY, "in/a")
        calls = world.calls()
        calls.after("s3.UploadPart", lambda: _die_at(calls, "s3.UploadPart", 4))
        with pytest.raises(_DiedError):
            world.deliver(world.retrieve(0))
        calls.after("s3.UploadPart", lambda: None)
        world.server.advance(DAY + 1)
        document = world.retrieve(0)
        calls = world.calls()
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert 0 < calls.count("s3.UploadPart") < 6
        assert world.object("in/a") == BODY
        assert world.uploads.rows.find(JOB, archive.archive_id) is None

    def test_a_new_plan_with_another_key_ends_the_old_upload(self, world: World) -> None:
        world.add(BODY, "in/a")
        document = world.retrieve(0)
        calls = world.calls()
        calls.after("s3.UploadPart", lambda: _die_at(calls, "s3.UploadPart", 2))
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.after("s3.UploadPart", lambda: None)
        world.replan(0, key="in/b")
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert world.object("in/a") is None
        assert world.object("in/b") == BODY
        assert not world.open_uploads()

    def test_another_object_at_the_key_is_seen_before_anything_is_read(self, world: World) -> None:
        world.add(BODY, "in/a")
        document = world.retrieve(0)
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"somebody's")
        before = world.server.glacier.state.calls["GetJobOutput"]
        assert reasons(world.deliver(document)) == ["Refused"]
        assert world.server.glacier.state.calls["GetJobOutput"] == before
        assert world.object("in/a") == b"somebody's"

    def test_an_object_that_comes_meanwhile_is_a_conflict_and_leaves_no_upload(self, world: World) -> None:
        world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        other = world.s3.meta.events

        def put(**_: Any) -> None:
            other.unregister("before-call.s3.CompleteMultipartUpload", put)
            world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"somebody's")

        other.register("before-call.s3.CompleteMultipartUpload", put)
        assert reasons(world.deliver(document)) == ["Refused"]
        assert calls.count("s3.AbortMultipartUpload") == 1
        assert not world.open_uploads()
        assert world.object("in/a") == b"somebody's"
        assert world.attribute(0, "error_code") == "ObjectConflict"

    def test_its_own_object_is_found_whole_when_the_record_was_not_written(self, world: World) -> None:
        world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        calls.after("s3.CompleteMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.after("s3.CompleteMultipartUpload", lambda: None)
        again = world.calls()
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert again.count("s3.UploadPart") == 0
        assert world.status(0) is Status.COPIED
        assert world.object("in/a") == BODY

    def test_one_too_large_to_be_read_is_found_by_the_checksums_of_its_parts(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(existing, "READ_BYTES", 0)
        world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        calls.after("s3.CompleteMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.after("s3.CompleteMultipartUpload", lambda: None)
        again = world.calls()
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert again.count("s3.UploadPart") == 0
        assert again.count("s3.GetObject") == 1, "the plan alone"

    def test_parts_that_do_not_make_the_archive_make_no_object(self, world: World) -> None:
        archive = world.add(BODY, "in/a")
        document = world.retrieve(0)
        calls = world.calls()
        calls.before("s3.CompleteMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(document)
        calls.before("s3.CompleteMultipartUpload", lambda: None)
        upload = world.uploads.rows.find(JOB, archive.archive_id)
        assert upload is not None
        wrong = world.uploads.rows.parts(upload)[2]._replace(tree_hash="0" * 64)
        world.uploads.rows.add_part(upload, wrong, 2_000_000_000)
        assert reasons(world.deliver(document)) == ["Refused"]
        assert world.attribute(0, "error_code") == "ArchiveDiffers"
        assert world.object("in/a") is None
        assert not world.open_uploads()

    def test_an_upload_whose_id_nobody_wrote_down_is_ended(self, world: World) -> None:
        world.add(BODY, "in/a")
        theirs = world.s3.create_multipart_upload(Bucket=LIVE, Key="in/ab")["UploadId"]
        document, calls = world.retrieve(0), world.calls()
        calls.after("s3.CreateMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(document)
        assert len(world.open_uploads()) == 2
        calls.after("s3.CreateMultipartUpload", lambda: None)
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert world.open_uploads() == [theirs]

    def test_an_upload_of_somebody_else_at_the_same_key_stays(self, world: World) -> None:
        world.add(BODY, "in/a")
        world.s3.create_multipart_upload(Bucket=LIVE, Key="in/a")
        (theirs,) = world.open_uploads()
        stranger = ("somebody's role",)
        landing = world.archives.landings.of(world.states.read(JOB).request, "in/a")
        abort_orphans(landing, world.now(), stranger)
        assert world.open_uploads() == [theirs]
        abort_orphans(landing, hours_before(world.now(), -0.1), world.uploads.made_by)
        assert world.open_uploads() == [theirs], "it was begun before"
        abort_orphans(landing, hours_before(world.now(), -0.05), world.uploads.made_by)
        assert not world.open_uploads(), "our clock may be minutes ahead"

    def test_a_conflict_of_an_archive_that_was_handed_over_can_be_closed_without_a_right_to_put(
        self, world: World
    ) -> None:
        archive = world.add(BODY, "in/a")
        world.seconds = 60.0
        document = world.retrieve(0)
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"somebody's")
        assert reasons(world.deliver(document)) == ["Noted"]
        world.seconds = 900.0
        assert reasons([world.large().begin(world.pointer(0))]) == ["Refused"]  # type: ignore[list-item]
        calls = world.calls()
        landing = world.archives.landings.of(world.states.read(JOB).request, "in/a")
        for upload in list(world.uploads.rows.all(JOB)):
            world.uploads.end_for_good(upload, landing)
        assert calls.count("s3.CreateMultipartUpload") == 0
        assert world.uploads.rows.find(JOB, archive.archive_id) is None

    def test_parts_that_are_others_than_those_written_down_begin_the_upload_anew(self, world: World) -> None:
        """Of two functions that send a part at once, S3 keeps the last, and the row may be of the other."""
        archive = world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        calls.before("s3.CompleteMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(document)
        upload = world.uploads.rows.find(JOB, archive.archive_id)
        assert upload is not None
        error: Any = {"Error": {"Code": "InvalidPart", "Message": "One or more parts could not be found."}}
        calls.before("s3.CompleteMultipartUpload", lambda: _raise(ClientError(error, "Complete")))
        assert reasons(world.deliver(document)) == ["Again"]
        assert not world.open_uploads()
        calls.before("s3.CompleteMultipartUpload", lambda: None)
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert world.object("in/a") == BODY

    def test_what_may_not_be_looked_at_decides_when_the_parts_are_sent(self, world: World) -> None:
        world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        answers = iter([ClientError(FORBIDDEN, "HeadObject")])

        def once() -> None:
            for error in answers:
                raise error

        calls.before("s3.HeadObject", once)
        assert reasons(world.deliver(document)) == ["Transferred"]
        assert world.object("in/a") == BODY

    def test_a_late_message_of_an_older_retrieval_changes_no_upload(self, world: World) -> None:
        world.add(BODY, "in/a")
        older = world.retrieve(0)
        world.server.advance(3600)
        world.seconds = 60.0
        assert reasons(world.deliver(world.retrieve(0))) == ["Noted"]
        upload = world.uploads.rows.find(JOB, world.planned[0].archive_id)
        assert reasons(world.deliver(older)) == ["Left"]
        assert world.uploads.rows.find(JOB, world.planned[0].archive_id) == upload

    def test_closing_ends_exactly_its_own_uploads(self, world: World) -> None:
        theirs = world.s3.create_multipart_upload(Bucket=LIVE, Key="in/ab")["UploadId"]
        calls = world.calls()
        archives = [world.add(BODY, "in/a"), world.add(BODY, "in/b")]
        calls.after("s3.UploadPart", _die)
        with pytest.raises(_DiedError):
            world.deliver(world.retrieve(0))
        calls.after("s3.CreateMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.deliver(world.retrieve(1))
        calls.after("s3.CreateMultipartUpload", lambda: None)
        landing = world.archives.landings.of(world.states.read(JOB).request, "in/any")
        for upload in list(world.uploads.rows.all(JOB)):
            world.uploads.end(upload, landing)
            world.uploads.end(upload, landing)
        assert world.open_uploads() == [theirs]
        assert all(world.uploads.rows.find(JOB, each.archive_id) is None for each in archives)

    def test_two_functions_at_once_make_one_object(self, world: World) -> None:
        world.add(BODY, "in/a")
        document, calls = world.retrieve(0), world.calls()
        outcomes: list[Any] = []

        def meanwhile() -> None:
            calls.before("s3.CompleteMultipartUpload", lambda: None)
            outcomes.extend(world.deliver(document))

        calls.before("s3.CompleteMultipartUpload", meanwhile)
        outcomes.extend(world.deliver(document))
        assert reasons(outcomes) == ["Transferred", "Transferred"]
        assert world.object("in/a") == BODY
        assert world.status(0) is Status.COPIED
        assert not world.open_uploads()


class TestSteps:
    """The steps of transfer-large."""

    @pytest.fixture(autouse=True)
    def _begun(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        small_parts(monkeypatch)
        world.add(BODY, "in/a")
        world.seconds = 60.0
        assert reasons(world.deliver(world.retrieve(0))) == ["Noted"]
        world.seconds = 900.0

    def begin(self, world: World) -> Begun:
        begun = world.large().begin(world.pointer(0))
        assert isinstance(begun, Begun)
        return begun

    def test_they_make_the_object(self, world: World) -> None:
        begun = self.begin(world)
        sent = [world.large().parts(world.pointer(0), begun.upload_id, group) for group in begun.groups]
        assert sum(sent) == 6
        assert isinstance(world.large().complete(world.pointer(0), begun.upload_id), Transferred)
        assert world.object("in/a") == BODY
        assert world.status(0) is Status.COPIED
        assert reasons([world.large().begin(world.pointer(0))]) == ["Left"]  # type: ignore[list-item]

    def test_repeated_they_change_nothing(self, world: World) -> None:
        begun = self.begin(world)
        assert self.begin(world) == begun
        group = begun.groups[0]
        assert world.large().parts(world.pointer(0), begun.upload_id, Group(group.first, 2)) == 2
        assert world.large().parts(world.pointer(0), begun.upload_id, group) == 4
        assert world.large().parts(world.pointer(0), begun.upload_id, group) == 0
        calls = world.calls()
        calls.after("s3.CompleteMultipartUpload", _die)
        with pytest.raises(_DiedError):
            world.large().complete(world.pointer(0), begun.upload_id)
        calls.after("s3.CompleteMultipartUpload", lambda: None)
        assert isinstance(world.large().complete(world.pointer(0), begun.upload_id), Transferred)
        assert world.object("in/a") == BODY

    def test_a_step_without_time_says_so(self, world: World) -> None:
        begun = self.begin(world)
        world.seconds = 0.0
        with pytest.raises(NoTimeLeftError):
            world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])

    def test_nothing_is_made_of_some_of_the_parts(self, world: World) -> None:
        begun = self.begin(world)
        world.large().parts(world.pointer(0), begun.upload_id, Group(2, 6))
        with pytest.raises(IncompleteUploadError, match="5 of 6 parts were sent"):
            world.large().complete(world.pointer(0), begun.upload_id)
        assert world.object("in/a") is None

    def test_a_stop_ends_them_and_keeps_the_parts(self, world: World) -> None:
        begun = self.begin(world)
        world.large().parts(world.pointer(0), begun.upload_id, Group(1, 3))
        world.states.update(JOB, lambda state: replace(state, cancel_requested_at=world.now()))
        with pytest.raises(TransferStoppedError):
            world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])
        error = {"Error": PARTS_FAILED, "Cause": ""}
        assert reasons([world.large().abort(world.pointer(0), error)]) == ["Left"]
        assert world.open_uploads() == [begun.upload_id]
        world.states.update(JOB, lambda state: replace(state, cancel_requested_at="", run=2))
        assert self.begin(world).upload_id == begun.upload_id, "a resumed transfer goes on with them"
        assert world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0]) == 3

    def test_an_upload_that_was_ended_is_no_place_for_parts(self, world: World) -> None:
        begun = self.begin(world)
        with pytest.raises(UploadGoneError):
            world.large().parts(world.pointer(0), "another upload", begun.groups[0])
        with pytest.raises(UploadGoneError):
            world.large().complete(world.pointer(0), "another upload")
        world.s3.abort_multipart_upload(Bucket=LIVE, Key="in/a", UploadId=begun.upload_id)
        with pytest.raises(UploadGoneError):
            world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])

    def test_the_archive_is_asked_for_again_when_its_window_is_over(self, world: World) -> None:
        begun = self.begin(world)
        world.server.advance(DAY + 1)
        with pytest.raises(OutputGoneError):
            world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])
        outcome = world.large().abort(world.pointer(0), {"Error": PARTS_FAILED, "Cause": ""})
        assert isinstance(outcome, Noted)
        assert world.status(0) is Status.EXPIRED
        (again,) = world.agains.due(JOB)
        assert again.attempts == 0
        assert world.open_uploads() == [begun.upload_id], "its parts are good for the next window"

    def test_a_failure_that_is_over_has_the_archive_asked_for_again(self, world: World) -> None:
        self.begin(world)
        outcome = world.large().abort(world.pointer(0), {"Error": PARTS_FAILED, "Cause": "who knows"})
        assert isinstance(outcome, Noted)
        assert [again.attempts for again in world.agains.due(JOB)] == [1]

    def test_a_failure_that_stays_is_recorded_with_its_code_after_three_retrievals(
        self, world: World
    ) -> None:
        world.server.glacier.faults.add(
            Fault("error", "GetJobOutput", "InvalidParameterValueException", "No such range", times=0)
        )
        for attempt in range(1, MAX_ATTEMPTS + 1):
            self.begin(world)
            outcome = world.large().abort(world.pointer(0), {"Error": PARTS_FAILED, "Cause": ""})
            assert reasons([outcome]) == ["Failed" if attempt == MAX_ATTEMPTS else "Noted"]
            if attempt < MAX_ATTEMPTS:
                world.seconds = 60.0
                world.deliver(world.retrieve(0))
                world.seconds = 900.0
        assert world.status(0) is Status.FAILED
        assert world.attribute(0, "error_code") == "InvalidParameterValueException"
        assert "No such range" in world.attribute(0, "error_message")

    @pytest.mark.parametrize("error", ["Lambda.TooManyRequestsException", "ClientError", "States.Timeout"])
    def test_what_passes_costs_no_part_that_was_sent(self, world: World, error: str) -> None:
        begun = self.begin(world)
        world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])
        cause = '{"errorMessage": "An error occurred (ServiceUnavailable) when calling it"}'
        assert reasons([world.large().abort(world.pointer(0), {"Error": error, "Cause": cause})]) == ["Noted"]
        assert [again.attempts for again in world.agains.due(JOB)] == [1]
        assert world.open_uploads() == [begun.upload_id]

    def test_what_the_destination_refuses_to_all_is_no_failure_of_the_archive(self, world: World) -> None:
        world.vaults.update(JOB, lambda vault: paused(vault, "2026-12-01", "The destination refuses all."))
        cause = '{"errorMessage": "An error occurred (KMS.DisabledException) when calling it"}'
        outcome = world.large().abort(world.pointer(0), {"Error": "ClientError", "Cause": cause})
        assert reasons([outcome]) == ["Noted"]
        assert [again.attempts for again in world.agains.due(JOB)] == [0]
        vault = world.vaults.read(JOB)
        assert vault.refused == (world.planned[0].archive_id,)
        assert "KMS.DisabledException" in vault.refusal

    def test_a_conflict_ends_the_execution_well_and_the_archive_failed(self, world: World) -> None:
        begun = self.begin(world)
        world.large().parts(world.pointer(0), begun.upload_id, begun.groups[0])
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"somebody's")
        assert reasons([world.large().complete(world.pointer(0), begun.upload_id)]) == ["Refused"]
        assert world.vaults.read(JOB).conflict
        assert not world.open_uploads()


class _DiedError(BaseException):
    """The function was ended here."""


def _die() -> None:
    raise _DiedError


def _raise(error: Exception) -> None:
    raise error


def _die_at(calls: Any, name: str, number: int) -> None:
    if calls.count(name) >= number:
        raise _DiedError


def test_the_vault_is_named_in_every_request(world: World) -> None:
    world.add(b"x")
    assert world.retrieve(0)["VaultARN"].endswith(f"vaults/{VAULT}")
