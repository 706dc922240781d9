"""The transfer_archives function over the world of a transfer: batches in, failures out, metrics."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.transfer_archives import handler as module
from lambdas.transfer_archives.handler import TransferArchives, make_function
from lambdas.transferring import archives_client
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import context
from tests.lambdas.vault_functions import ENVIRONMENT, clients, settings
from tests.vaults import transfers
from tests.vaults.transfers import JOB, LIVE, World
from thaw.core.history import Status
from thaw.core.retrieval_jobs import inventory_description


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    set_variables(monkeypatch, {**ENVIRONMENT, "POWERTOOLS_METRICS_NAMESPACE": "Thaw"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", transfers.REGION)
    with transfers.world() as made:
        yield made


def function(world: World) -> TransferArchives:
    return make_function(settings(world), clients(world), now=world.now, pause=transfers.no_pause)


def event(*documents: Any, receives: int = 1) -> dict[str, Any]:
    """As SQS calls the function."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(documents)
        ]
    }


def test_only_what_is_to_be_tried_again_goes_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for line in range(3):
        world.add(b"abc", f"in/{line}")
    documents = [world.retrieve(line) for line in range(3)]
    world.s3.put_object(Bucket=LIVE, Key="in/2", Body=b"somebody's")
    envelope = {"Type": "Notification", "Message": json.dumps(documents[0])}
    answer = function(world).handle(event(envelope, "broken", *documents[1:]), context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [world.status(line) for line in range(3)] == [Status.COPIED, Status.COPIED, Status.FAILED]
    assert metrics_of(capsys) == {
        "TransferredArchives": 2,
        "TransferredBytes": 6,
        "FailedArchives": 1,
        "NotedArchives": 0,
        "LeftArchives": 0,
        "RetriedArchives": 1,
    }


def test_the_inventory_wakes_the_step_that_waits_for_it(world: World) -> None:
    told: list[dict[str, str]] = []
    world.machines.send_task_success = lambda **request: told.append(request)  # type: ignore[attr-defined]
    world.vaults.update(JOB, lambda vault: replace(vault, token="the token"))  # noqa: S106 - of a task
    world.add(b"x")
    document = {
        **world.retrieve(0),
        "Action": "InventoryRetrieval",
        "JobDescription": inventory_description(JOB, 1, ""),
    }
    assert function(world).handle(event(document), context()) == {"batchItemFailures": []}
    assert told == [{"taskToken": "the token", "output": "{}"}]


@pytest.mark.parametrize(("code", "again"), [("TaskTimedOut", False), ("ThrottlingException", True)])
def test_a_step_that_waits_no_more_is_left(world: World, code: str, *, again: bool) -> None:
    def refuse(**_: str) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "SendTaskSuccess")

    world.machines.send_task_success = refuse  # type: ignore[attr-defined]
    world.vaults.update(JOB, lambda vault: replace(vault, token="the token"))  # noqa: S106 - of a task
    world.add(b"x")
    document = {
        **world.retrieve(0),
        "Action": "InventoryRetrieval",
        "JobDescription": inventory_description(JOB, 1, ""),
    }
    answer = function(world).handle(event(document), context())
    assert bool(answer["batchItemFailures"]) == again


def test_the_last_try_makes_the_archive_failed(world: World) -> None:
    world.add(b"x")
    document = world.retrieve(0)
    world.s3.delete_bucket(Bucket=LIVE)
    assert function(world).handle(event(document), context())["batchItemFailures"]
    assert world.status(0) is not Status.FAILED
    assert function(world).handle(event(document, receives=5), context()) == {"batchItemFailures": []}
    assert world.status(0) is Status.FAILED
    assert world.attribute(0, "error_code") == "NoSuchBucket"


@pytest.mark.usefixtures("world")
def test_the_deployed_function_is_made_of_its_environment() -> None:
    module.transfer_archives.cache_clear()
    assert module.handler(event("broken"), context()) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    module.transfer_archives.cache_clear()


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics that were printed, found among the logs."""
    lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    document: dict[str, Any] = json.loads(lines[-1])
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: document[metric["Name"]][0] for metric in directive["Metrics"]}


def test_bytes_that_are_sent_with_their_hash_are_not_hashed_once_more_to_sign_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    client, sent = archives_client("eu-west-1"), dict[str, Any]()

    def noted(request: Any, **_: object) -> None:
        sent.update(request.headers)
        raise ZeroDivisionError

    client.meta.events.register("before-send.s3.PutObject", noted)
    with pytest.raises(ZeroDivisionError):
        client.put_object(Bucket="b", Key="k", Body=b"abc", ChecksumAlgorithm="SHA256", ChecksumSHA256="A=")
    assert sent["X-Amz-Content-SHA256"] == b"UNSIGNED-PAYLOAD"
    assert sent["x-amz-checksum-sha256"] == b"A="


def test_a_message_that_waits_is_sent_to_the_queue_it_came_from(world: World) -> None:
    sqs = boto3.client("sqs", transfers.REGION)
    sqs.create_queue(QueueName="thaw-archives")
    function(world).transferrer.resend("its body")
    name = "ApproximateNumberOfMessagesDelayed"
    answer = sqs.get_queue_attributes(QueueUrl=ENVIRONMENT["VAULT_QUEUE_URL"], AttributeNames=[name])
    assert answer["Attributes"] == {name: "1"}
