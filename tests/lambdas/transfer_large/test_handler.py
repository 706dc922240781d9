"""The transfer_large function over the world of a transfer: the steps as the state machine calls them."""

from collections.abc import Generator
from typing import Any

import pytest

from lambdas.transfer_large import handler as module
from lambdas.transfer_large.handler import TransferLarge, make_function
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import context
from tests.lambdas.vault_functions import ENVIRONMENT, clients, settings
from tests.vaults import transfers
from tests.vaults.small_parts import PART, small_parts
from tests.vaults.transfers import JOB, World, content, reasons
from thaw.copying.errors import NoTimeLeftError
from thaw.core.history import Status

BODY = content(3 * PART + 1)
POINTER: dict[str, Any] = {"job_id": JOB, "part": 0, "line": 0}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    set_variables(monkeypatch, {**ENVIRONMENT, "POWERTOOLS_METRICS_NAMESPACE": "Thaw"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", transfers.REGION)
    small_parts(monkeypatch)
    with transfers.world() as made:
        made.add(BODY, "in/a")
        made.seconds = 60.0
        assert reasons(made.deliver(made.retrieve(0))) == ["Noted"]
        yield made


def function(world: World) -> TransferLarge:
    return make_function(settings(world), clients(world), now=world.now, pause=transfers.no_pause)


def test_the_steps_carry_what_the_next_needs(world: World) -> None:
    steps = function(world)
    begun = steps.handle({"action": "begin", **POINTER}, context())
    assert begun["done"] is False
    assert begun["groups"] == [{"first": 1, "last": 4}]
    upload = {**POINTER, "upload_id": begun["upload_id"]}
    group = begun["groups"][0]
    assert steps.handle({"action": "parts", **upload, "group": group}, context()) == {"transferred": 4}
    assert steps.handle({"action": "complete", **upload}, context()) == {"done": True}
    assert world.object("in/a") == BODY
    assert world.status(0) is Status.COPIED
    again = steps.handle({"action": "begin", **POINTER}, context())
    assert again == {"done": True, "upload_id": "", "groups": []}


def test_an_execution_that_fails_tells_why(world: World) -> None:
    error = {"Error": "ArchiveRefusedError", "Cause": '{"errorMessage": "It may not land there."}'}
    state = {**POINTER, "error": error}
    assert function(world).handle({"action": "abort", "state": state}, context()) == {"done": True}
    assert world.status(0) is Status.FAILED
    assert world.attribute(0, "error_message") == "It may not land there."


def test_no_part_begins_in_the_last_minutes(world: World) -> None:
    steps = function(world)
    begun = steps.handle({"action": "begin", **POINTER}, context())
    upload = {**POINTER, "upload_id": begun["upload_id"], "group": begun["groups"][0]}
    with pytest.raises(NoTimeLeftError):
        steps.handle({"action": "parts", **upload}, context(seconds=module.SPARE_SECONDS))


def test_the_deployed_function_is_made_of_its_environment(world: World) -> None:
    module.transfer_large.cache_clear()
    unknown = {**POINTER, "action": "begin", "job_id": "unknown"}
    assert module.handler(unknown, context())["done"] is True
    module.transfer_large.cache_clear()
    assert world.status(0) is Status.RESTORED
