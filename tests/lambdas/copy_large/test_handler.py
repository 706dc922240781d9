"""The function does the steps of the state machine `copy-large`, on what JSON carries between them."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.copy_large import handler as module
from lambdas.copy_large.handler import CopyLarge
from lambdas.copying import Parts
from tests.copying.worlds import LIVE, World, archived
from tests.lambdas.copying import ENVIRONMENT, metrics
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import context
from tests.store.tables import BUCKET, JOB, writer
from thaw.core.history import Status

Output = pytest.CaptureFixture[str]
INPUT = {"job_id": JOB, "bucket": BUCKET, "key": "a", "version_id": "null"}
SIZE = 30 * 2**30


def invoke(world: World, event: Mapping[str, Any], seconds: float = 900.0) -> dict[str, Any]:
    """One step, its event and answer as JSON."""
    log = io.StringIO()
    parts = Parts(world.tables.client, writer(world.tables), world.tasks, world.preparer(), world.recorder)
    function = CopyLarge(
        parts,
        Logger(service=f"copy_large {id(log)}", stream=log),
        Metrics(namespace="Thaw", service="copy_large"),
    )
    return json.loads(json.dumps(function.handle(json.loads(json.dumps(event)), context(seconds))))


def large() -> World:
    world = World()
    world.add("a", archived(size=SIZE))
    return world


def test_the_steps_of_the_state_machine_copy_an_object(capsys: Output) -> None:
    world = large()
    begun = invoke(world, {"action": "begin", **INPUT})
    assert begun["done"] is False
    assert begun["groups"] == [{"first": 1, "last": 20}, {"first": 21, "last": 40}, {"first": 41, "last": 60}]
    for group in begun["groups"]:
        assert invoke(world, {"action": "parts", "upload": begun["upload"], "group": group}) == {"copied": 20}
    assert invoke(world, {"action": "complete", "upload": begun["upload"]}) == {"done": True}
    assert world.status("a") is Status.COPIED
    assert world.s3.current(LIVE, "from/a").size == SIZE
    assert metrics(capsys) == {
        "CopiedObjects": 1,
        "CopiedBytes": SIZE,
        "FailedCopies": 0,
        "LeftCopies": 0,
        "UndeletedSources": 0,
    }


def test_where_nothing_is_to_be_copied_the_machine_ends() -> None:
    world = large()
    world.s3.current(BUCKET, "a").restored_until = None
    assert invoke(world, {"action": "begin", **INPUT}) == {"done": True, "upload": None, "groups": []}


@pytest.mark.parametrize("with_upload", [True, False])
def test_a_failure_is_recorded_and_the_upload_ended(capsys: Output, *, with_upload: bool) -> None:
    world = large()
    upload = invoke(world, {"action": "begin", **INPUT})["upload"] if with_upload else None
    error = {
        "Error": "ClientError",
        "Cause": json.dumps({"errorMessage": "An error occurred (KMS.Disabled)"}),
    }
    state: dict[str, Any] = {**INPUT, "error": error}
    if upload:
        state["begun"] = {"done": False, "upload": upload, "groups": []}
    assert invoke(world, {"action": "abort", "state": state}) == {"done": True}
    assert world.status("a") is Status.FAILED
    assert world.s3.uploads == {}
    assert metrics(capsys)["FailedCopies"] == 1


def test_no_part_begins_in_the_last_minute_of_the_function() -> None:
    world = large()
    begun = invoke(world, {"action": "begin", **INPUT})
    event = {"action": "parts", "upload": begun["upload"], "group": begun["groups"][0]}
    with pytest.raises(Exception, match="The time of the function is over at part 1 of from/a"):
        invoke(world, event, seconds=60.0)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_variables(monkeypatch, ENVIRONMENT)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    module.copy_large.cache_clear()
    yield
    module.copy_large.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_function_is_made_once_from_its_environment() -> None:
    function = module.copy_large()
    assert module.copy_large() is function
    assert function.parts.preparer.account == ENVIRONMENT["ACCOUNT_ID"]
