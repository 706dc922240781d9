"""The function answers a batch of the copies queue: what is to be delivered again, and nothing else."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.copy_objects import handler as module
from lambdas.copy_objects.handler import CopyObjects
from tests.copying.worlds import ELSEWHERE, RULES, World, archived, refuses, throttles
from tests.lambdas.copying import ENVIRONMENT, metrics
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.job_functions import context
from tests.lambdas.messages import sqs_event
from tests.store.tables import assert_exact
from thaw.core.history import Status

Output = pytest.CaptureFixture[str]


def invoke(
    world: World, bodies: dict[str, str], receive_count: int = 1
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer, and the lines logged."""
    log = io.StringIO()
    function = CopyObjects(
        world.copier(),
        Logger(service=f"copy_objects {id(log)}", stream=log),
        Metrics(namespace="Thaw", service="copy_objects"),
    )
    answer = function.handle(sqs_event(bodies, receive_count), context())
    assert_exact(world.tables)
    return answer, [json.loads(line) for line in log.getvalue().splitlines()]


def test_what_was_not_copied_is_named_alone_and_logged_with_its_reason(capsys: Output) -> None:
    world = World()
    for key in "abc":
        world.add(key, archived(size=2000))
    world.s3.on_call = refuses("CopyObject", "SlowDown", "from/b")
    answer, log = invoke(world, {key: world.message(key).to_json() for key in "abc"})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    (line,) = [line for line in log if line["message"] == "Not copied"]
    assert (line["message_id"], line["final"]) == ("b", False)
    assert line["reason"].startswith("SlowDown: ")
    assert metrics(capsys) == {
        "CopiedObjects": 2,
        "FailedCopies": 0,
        "LeftCopies": 0,
        "RetriedCopies": 1,
        "CopiedBytes": 4000,
        "UndeletedSources": 0,
    }


def test_bytes_are_counted_when_they_are_copied_not_when_the_copy_is_found(capsys: Output) -> None:
    world = World()
    world.add("a")
    world.tables.on_call = throttles("TransactWriteItems")
    body = {"a": world.message("a").to_json()}
    invoke(world, body)
    world.tables.on_call = lambda _: None
    invoke(world, body, receive_count=2)
    counts = metrics(capsys)
    assert (counts["CopiedObjects"], counts["CopiedBytes"]) == (1, 0)


def test_the_last_delivery_is_answered_by_the_record(capsys: Output) -> None:
    world = World()
    world.add("a")
    world.s3.on_call = refuses("CopyObject", "AccessDenied")
    answer, _ = invoke(world, {"a": world.message("a").to_json()}, receive_count=5)
    assert answer == {"batchItemFailures": []}
    assert world.status("a") is Status.FAILED
    assert metrics(capsys)["FailedCopies"] == 1


def test_a_message_that_says_nothing_stays_for_the_dead_letters() -> None:
    answer, log = invoke(World(), {"bad": "{}"}, receive_count=5)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert "cannot be read" in log[0]["reason"]


def test_a_source_that_was_not_deleted_is_counted(capsys: Output) -> None:
    world = World(replace(ELSEWHERE, delete_source=True), replace(RULES, copy_may_delete_source=True))
    world.add("a")
    world.s3.on_call = refuses("DeleteObject", "AccessDenied")
    answer, log = invoke(world, {"a": world.message("a").to_json()})
    assert answer == {"batchItemFailures": []}
    assert [line["level"] for line in log if line["message"] == "Source not deleted"] == ["ERROR"]
    assert metrics(capsys)["UndeletedSources"] == 1


def test_what_is_left_to_others_is_logged_with_the_reason(capsys: Output) -> None:
    world = World()
    world.add("a", archived(restored_until=None))
    _, log = invoke(world, {"a": world.message("a").to_json()})
    assert log[0]["reason"] == "the object is not readable now: its next restore brings it again"
    assert metrics(capsys)["LeftCopies"] == 1


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_variables(monkeypatch, ENVIRONMENT)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    module.copy_objects.cache_clear()
    yield
    module.copy_objects.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_function_is_made_once_from_its_environment() -> None:
    function = module.copy_objects()
    assert module.copy_objects() is function
    preparer = function.copier.preparer
    assert preparer.rules == RULES
    assert preparer.clients("").meta.region_name == REGION
    assert preparer.clients("eu-west-1").meta.region_name == "eu-west-1"
    assert function.copier.max_receives == 5
