"""Policies under IAM enforcement, spoken to over plain HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator import Emulator

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
