"""What waits for something that is not the archive's: it fails for no waiting, and nothing is paid for it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.names import Names
from tests.vaults.small_parts import PART, small_parts
from tests.vaults.transfers import JOB, LIVE, MAX_RECEIVES, World, content, reasons
from thaw.core.history import Status
from thaw.core.vault_watching import REFUSED_ARCHIVES, paused
from thaw.vaults import handing_over
from thaw.vaults.handing_over import MAX_RUNNING
from thaw.vaults.orphans import makers

DENIED: Any = {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}
FORBIDDEN: Any = {"Error": {"Code": "403", "Message": "Forbidden"}}


def refuse(world: World, name: str, error: Any = DENIED) -> Any:
    """From now on S3 answers so."""
    calls = world.calls()

    def refused() -> None:
        raise ClientError(error, name)

    calls.before(f"s3.{name}", refused)
    return calls


class TestLargeArchives:
    """Those that are handed over to executions, of which only so many run."""

    @pytest.fixture(autouse=True)
    def _parts(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        small_parts(monkeypatch)
        world.add(content(3 * PART), "in/a")
        world.seconds = 60.0

    @pytest.mark.parametrize("receives", [1, MAX_RECEIVES])
    def test_one_that_finds_as_many_running_as_may_comes_again_later(
        self, world: World, receives: int
    ) -> None:
        world.machines.running = {f"transfer-{number}": "{}" for number in range(MAX_RUNNING)}
        document = world.retrieve(0)
        assert reasons(world.deliver(document, receives=receives)) == ["Noted"]
        assert world.machines.started == []
        assert [json.loads(body) for body in world.resent] == [document]
        assert world.status(0) is Status.RESTORED
        world.machines.end("transfer-0")
        assert reasons(world.deliver(*world.resent)) == ["Noted"]
        assert len(world.machines.started) == 1

    def test_the_message_of_one_that_runs_is_done_with(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handing_over, "MAX_RUNNING", 1)
        document = world.retrieve(0)
        world.deliver(document)
        assert reasons(world.deliver(document)) == ["Noted"]
        assert (len(world.machines.started), world.resent) == (1, [])


class TestRefusals:
    """A destination that takes nothing, for rights or keys: the archives are not at fault."""

    def test_they_are_noted_and_fail_nothing_while_the_transfer_is_paused(self, world: World) -> None:
        for line in range(3):
            world.add(b"abc", f"in/{line}")
        documents = [world.retrieve(line) for line in range(3)]
        calls = refuse(world, "PutObject")
        assert reasons(world.deliver(*documents)) == ["Again"] * 3
        vault = world.vaults.read(JOB)
        assert set(vault.refused) == {archive.archive_id for archive in world.planned}
        assert "AccessDenied" in vault.refusal
        world.vaults.update(JOB, lambda now: paused(now, "2026-12-01", "The destination refuses all."))
        assert reasons(world.deliver(*documents, receives=MAX_RECEIVES)) == ["Noted"] * 3
        assert [json.loads(body) for body in world.resent] == documents
        assert {world.status(line) for line in range(3)} == {Status.RESTORED}
        calls.before("s3.PutObject", lambda: None)
        assert reasons(world.deliver(*world.resent)) == ["Transferred"] * 3

    def test_one_that_is_refused_while_others_are_taken_fails_for_itself(self, world: World) -> None:
        for line in range(2):
            world.add(b"abc", f"in/{line}")
        documents = [world.retrieve(line) for line in range(2)]
        refused = iter([True, False])

        def one(**_: object) -> None:
            if next(refused, False):
                raise ClientError(DENIED, "PutObject")

        world.s3.meta.events.register("before-call.s3.PutObject", one)
        kinds = reasons(world.deliver(*documents, receives=MAX_RECEIVES))
        assert sorted(kinds) == ["Failed", "Transferred"]
        assert world.vaults.read(JOB).refused == ()
        assert world.resent == []

    def test_so_many_are_remembered_and_no_more(self, world: World) -> None:
        for line in range(REFUSED_ARCHIVES + 2):
            world.add(b"abc", f"in/{line}")
        refuse(world, "PutObject")
        world.deliver(*(world.retrieve(line) for line in range(REFUSED_ARCHIVES + 2)))
        assert len(world.vaults.read(JOB).refused) == REFUSED_ARCHIVES

    def test_an_object_that_may_not_be_looked_at_is_a_conflict_when_the_archive_was_sent(
        self, world: World
    ) -> None:
        world.add(b"abc", "in/a")
        document = world.retrieve(0)
        world.s3.put_object(Bucket=LIVE, Key="in/a", Body=b"abc")
        refuse(world, "HeadObject", FORBIDDEN)
        assert reasons(world.deliver(document)) == ["Refused"]
        assert world.attribute(0, "error_code") == "ObjectConflict"
        assert "may not be looked at: 403" in world.attribute(0, "error_message")


def test_the_roles_that_create_uploads_are_those_of_the_functions_that_transfer() -> None:
    names = Names("archive-team")
    for folder in ("transfer_archives", "transfer_large"):
        session = f"arn:aws:sts::123456789012:assumed-role/{names.job_function(folder)}/x"
        assert any(maker in session for maker in makers("123456789012", "archive-team"))
        assert not any(maker in session for maker in makers("123456789012", "team"))
        assert not any(maker in session for maker in makers("210987654321", "archive-team"))
