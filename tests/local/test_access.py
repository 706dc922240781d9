"""Policies under IAM enforcement, spoken to over plain HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator import Emulator
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


def test_a_policy_that_demands_tls_lets_plain_http_in_here_and_another_denial_still_denies(
    emulator: Emulator,
) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="secure")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def deny(**condition: Any) -> None:
        statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    deny(Condition={"Bool": {"aws:SecureTransport": "false"}})
    sqs.send_message(QueueUrl=url, MessageBody="x")
    deny(Condition={"Bool": {"aws:SecureTransport": "true"}})
    with pytest.raises(sqs.exceptions.ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="x")


def test_a_simulation_tells_what_a_condition_makes_of_its_context(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    role = iam.create_role(RoleName="listing", AssumeRolePolicyDocument="{}")["Role"]
    only_in = {"StringLike": {"s3:prefix": ["in/*"]}}
    allow = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": only_in}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName="listing", PolicyName="list", PolicyDocument=policy)

    def decision(prefix: str) -> str:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=role["Arn"],
            ActionNames=["s3:ListBucket"],
            ContextEntries=[
                {"ContextKeyName": "s3:prefix", "ContextKeyValues": [prefix], "ContextKeyType": "string"}
            ],
        )
        return answer["EvaluationResults"][0]["EvalDecision"]

    assert (decision("in/2026/"), decision("out/")) == ("allowed", "implicitDeny")


SENDING = """
import json, os, boto3

def handler(event, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=event["queue"])["QueueUrl"]
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "x"}])
    entry = {"Source": event["source"], "DetailType": "d", "Detail": "{}"}
    return boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"]
"""


def test_a_batch_needs_the_right_to_send_and_events_that_of_their_source(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    service = {"Service": "lambda.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="sending", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    ours = {"StringEquals": {"events:source": "ours"}}
    statements = [
        {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"], "Resource": "*"},
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*", "Condition": ours},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="sending", PolicyName="send", PolicyDocument=policy)
    emulator.client("sqs").create_queue(QueueName="batched")
    make_function(emulator, "sending", SENDING, role)

    def send(source: str) -> str:
        given = json.dumps({"queue": "batched", "source": source})
        return (
            emulator.client("lambda").invoke(FunctionName="sending", Payload=given)["Payload"].read().decode()
        )

    assert send("ours") == "0"
    assert "not authorized to perform: events:PutEvents" in send("theirs")
