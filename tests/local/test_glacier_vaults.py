"""Glacier vaults in the emulator: IAM, notifications through its SNS, time that passes by itself, faults."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator import Emulator
from local.errors import EmulatorError
from tests.local.batch import make_role
from tests.local.lambdas import make_function
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

VAULT = "photos"
ARN = f"arn:aws:glacier:us-east-1:{Emulator.account}:vaults/{VAULT}"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{Emulator.account}:notices"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
CALLER = """
import boto3, botocore
def handler(event, context):
    try:
        boto3.client("glacier").describe_vault(vaultName=event["vault"])
        return "allowed"
    except botocore.exceptions.ClientError as exc:
        return exc.response["Error"]["Code"]
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, glacier_seconds=0.1) as running:
        for name in (VAULT, "secret"):
            running.client("glacier").create_vault(vaultName=name)
        running.client("sqs").create_queue(QueueName="notices")
        yield running


def make_topic(emulator: Emulator, name: str, principal: str) -> str:
    """A topic of one queue, to which a service may publish for the vault."""
    sns = emulator.client("sns")
    arn = sns.create_topic(Name=name)["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": ARN}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=QUEUE_ARN, Attributes=raw)
    queue = emulator.client("sqs").get_queue_url(QueueName="notices")["QueueUrl"]
    deliver: Any = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE_ARN,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [deliver]})
    emulator.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    return arn


def received(emulator: Emulator) -> list[Any]:
    """The documents that are in the queue now; they are taken out."""
    sqs = emulator.client("sqs")
    queue = sqs.get_queue_url(QueueName="notices")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message.get("ReceiptHandle", ""))
    return [json.loads(message.get("Body", "")) for message in messages]


def test_a_job_ends_by_itself_and_tells_the_topic_that_lets_glacier_publish(emulator: Emulator) -> None:
    glacier = emulator.client("glacier")
    open_topic = make_topic(emulator, "open", "glacier.amazonaws.com")
    closed_topic = make_topic(emulator, "closed", "events.amazonaws.com")
    archive_id = glacier.upload_archive(vaultName=VAULT, body=b"hello")["archiveId"]
    parameters: Any = {"Type": "archive-retrieval", "ArchiveId": archive_id}
    for topic in (closed_topic, open_topic):
        parameters["SNSTopic"] = topic
        glacier.initiate_job(vaultName=VAULT, jobParameters=parameters)
    (notice,) = eventually(lambda: received(emulator))
    assert (notice["ArchiveId"], notice["SNSTopic"]) == (archive_id, open_topic)
    assert notice["VaultARN"] == ARN
    output = glacier.get_job_output(vaultName=VAULT, jobId=notice["JobId"])
    assert output["body"].read() == b"hello"
    done = glacier.list_jobs(vaultName=VAULT, completed="true")["JobList"]
    assert len(done) == 2, "the one that nobody was told of has ended as well"
    assert received(emulator) == []


def test_a_function_may_ask_only_of_the_vaults_that_its_role_names(emulator: Emulator) -> None:
    right = {"Effect": "Allow", "Action": "glacier:DescribeVault", "Resource": ARN}
    make_function(emulator, "looker", CALLER, make_role(emulator, "looker", right, trust=TRUST))
    emulator.take_calls()

    def look(vault: str) -> str:
        event = json.dumps({"vault": vault}).encode()
        answer = emulator.client("lambda").invoke(FunctionName="looker", Payload=event)
        return json.loads(answer["Payload"].read())

    assert look(VAULT) == "allowed"
    assert look("secret").startswith("AccessDenied")
    assert emulator.take_calls()["glacier:DescribeVault"] == 2


def test_faults_archives_and_times_are_set_from_outside(emulator: Emulator) -> None:
    body = base64.b64encode(b"old").decode()
    old: Any = {"vault": "old", "body": body, "description": "d", "created": "2015-06-01T00:00:00Z"}
    (archive_id,) = emulator.control_glacier(archives=[old], per_second=0)["archive_ids"]
    emulator.control_glacier(fault={"kind": "failed-job", "message": "broken tape", "archive_id": archive_id})
    glacier = emulator.client("glacier")
    parameters: Any = {"Type": "archive-retrieval", "ArchiveId": archive_id}
    job_id = glacier.initiate_job(vaultName="old", jobParameters=parameters)["jobId"]

    def ended() -> Any:
        job = glacier.describe_job(vaultName="old", jobId=job_id)
        return job if job["Completed"] else None

    job = eventually(ended)
    assert (job["StatusCode"], job["StatusMessage"]) == ("Failed", "broken tape")
    figures = emulator.control_glacier(clear=True)
    assert figures["calls"]["InitiateJob"] >= 1
    assert figures["faults"] == []
    with pytest.raises(EmulatorError, match="Glacier's stand-in cannot burn: it knows fault, clear"):
        emulator.control_glacier(burn=True)
