"""The deployer creates, changes, keeps and deletes like the engine, skips nothing, and has the traps."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.deployer import Deployment, deploy
from local.emulator import Emulator
from local.errors import DeployError
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

PROGRAMS = Path(__file__).parent / "programs"
GENERIC = PROGRAMS / "generic.py"

CODE = """
import os, boto3

def handler(event, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
    for record in event["Records"]:
        sqs.send_message(QueueUrl=url, MessageBody=f'{os.environ["GREETING"]} {record["body"]}')
    return {"batchItemFailures": []}
"""


@pytest.fixture
def deployment(emulator: Emulator) -> Iterator[Deployment]:
    """The generic program, not yet up; nothing of it is left behind."""
    deployment = Deployment(emulator, GENERIC)
    yield deployment
    for url in emulator.client("sqs").list_queues().get("QueueUrls", []):
        emulator.client("sqs").delete_queue(QueueUrl=url)


def queues(emulator: Emulator) -> set[str]:
    return {url.rsplit("/", 1)[1] for url in emulator.client("sqs").list_queues().get("QueueUrls", [])}


def timeout(emulator: Emulator, name: str) -> str:
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return answer["Attributes"]["VisibilityTimeout"]


def test_what_is_declared_is_there_and_the_outputs_lead_to_it(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({"seconds": 45, "second": True})
    assert queues(emulator) == {"first", "second", "ignoring"}
    assert timeout(emulator, "first") == "45"
    assert deployment.outputs["first"].startswith(emulator.endpoint_url)
    assert deployment.outputs["arn"] == "arn:aws:sqs:us-east-1:000000000000:first"


def test_another_up_changes_what_differs_ignores_what_it_is_told_to_and_deletes_the_rest(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({"seconds": 45, "second": True})
    sqs = emulator.client("sqs")
    sqs.send_message(QueueUrl=deployment.outputs["first"], MessageBody="still here")
    deployment.up({"seconds": 50})
    assert queues(emulator) == {"first", "ignoring"}
    assert (timeout(emulator, "first"), timeout(emulator, "ignoring")) == ("50", "45")
    assert "Messages" in sqs.receive_message(QueueUrl=deployment.outputs["first"]), "changed, not replaced"


def test_destroy_deletes_all_but_what_is_protected_or_retained(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({"second": True, "protect": True})
    assert deployment.destroy() == [("aws:sqs/queue:Queue", "second")]
    assert queues(emulator) == {"second"}
    deployment.up({"second": True, "retain": True})
    assert deployment.destroy() == []
    assert queues(emulator) == {"second"}


def test_a_protected_resource_that_is_declared_no_more_stops_the_up(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({"second": True, "protect": True})
    with pytest.raises(DeployError, match="Queue second is protected, but the program declares it no more"):
        deployment.up({"seconds": 99})
    assert "second" in queues(emulator)
    assert timeout(emulator, "first") == "30"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"unknown_type": True}, "aws:kms/alias:Alias stranger: the deployer does not know this type"),
        ({"unknown_property": True}, "aws:sqs/queue:Queue fifo: the deployer does not know fifoQueue"),
        (
            {"unknown_inner_property": True},
            "Table table: the deployer does not know pointInTimeRecovery.recoveryPeriodInDays",
        ),
        ({"twice": True}, "aws:sqs/queue:Queue first: it is declared twice"),
    ],
)
def test_what_the_deployer_does_not_know_is_named_before_anything_is_made(
    emulator: Emulator, deployment: Deployment, config: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DeployError, match=sentence):
        deployment.up(config)
    assert queues(emulator) == set()
    assert deployment.resources == {}


def test_what_the_deployer_cannot_change_is_named(deployment: Deployment, emulator: Emulator) -> None:
    deployment.up({"name": "one"})
    with pytest.raises(DeployError, match="aws:sns/topic:Topic topic: the deployer cannot change name"):
        deployment.up({"name": "two", "seconds": 77})
    assert timeout(emulator, "first") == "30"
    deployment.destroy()


def test_the_first_resource_that_fails_is_told_in_one_sentence_and_another_up_goes_on(
    deployment: Deployment, emulator: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DeployError) as caught:
        deployment.up({"failing": True})
    message = str(caught.value)
    assert message.startswith("aws:sqs/queuePolicy:QueuePolicy failing: An error occurred")
    assert "\n" not in message
    assert capfd.readouterr().err == "", "no thousand lines of a stack trace"
    deployment.up({})
    assert queues(emulator) == {"first", "ignoring"}


def test_an_import_sets_neither_tags_nor_protection_as_on_aws(emulator: Emulator) -> None:
    line = b'{"Item": {"object_path": {"S": "cold/1"}, "version_id": {"S": "null"}}}\n'
    emulator.client("s3").create_bucket(Bucket="parts")
    emulator.client("s3").put_object(Bucket="parts", Key="x/part.json.gz", Body=gzip.compress(line))
    deploy({}, emulator, PROGRAMS / "imported.py")
    client = emulator.client("dynamodb")
    table = client.describe_table(TableName="imported")["Table"]
    assert table.get("ItemCount") == 1
    assert table.get("DeletionProtectionEnabled") is False
    assert client.list_tags_of_resource(ResourceArn=table.get("TableArn", ""))["Tags"] == []


def test_what_cannot_be_deleted_is_named_and_not_forgotten(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({})
    emulator.client("sqs").delete_queue(QueueUrl=deployment.outputs["first"])
    with pytest.raises(DeployError, match="aws:sqs/queue:Queue first could not be deleted: An error"):
        deployment.destroy()
    assert ("aws:sqs/queue:Queue", "first") in deployment.resources


def test_secrets_reach_the_emulator_as_they_are(emulator: Emulator, deployment: Deployment) -> None:
    deployment.up({"secret": True})
    assert "secret" in queues(emulator)


def test_a_provider_that_does_not_compare_is_updated_when_its_inputs_differ(emulator: Emulator) -> None:
    deployment = Deployment(emulator, PROGRAMS / "undiffed.py")
    counted: list[int] = []
    for value in ("one", "one", "two"):
        deployment.up({"value": value})
        counted.append(deployment.outputs["updates"])
    assert counted == [0, 0, 1]


def test_a_function_polls_a_queue_only_with_a_role_that_may(emulator: Emulator, tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("polling.py", CODE)
    deployment = Deployment(emulator, PROGRAMS / "polling.py")
    config = {"package": str(package), "actions": ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]}
    with pytest.raises(DeployError, match=r"mapping: the role polling may not sqs:DeleteMessage on arn"):
        deployment.up(config)
    config["actions"] = [*config["actions"], "sqs:DeleteMessage"]
    deployment.up(config)
    emulator.client("sqs").create_queue(QueueName="heard")
    emulator.client("sqs").send_message(
        QueueUrl=emulator.client("sqs").get_queue_url(QueueName="polled")["QueueUrl"], MessageBody="world"
    )
    heard = emulator.client("sqs").get_queue_url(QueueName="heard")["QueueUrl"]
    messages = eventually(lambda: emulator.client("sqs").receive_message(QueueUrl=heard).get("Messages"))
    assert [message.get("Body") for message in messages] == ["hello world"]
    deployment.destroy()
    emulator.client("sqs").delete_queue(QueueUrl=heard)
