"""Event source mappings of the emulator as AWS makes them."""

import json
from typing import Any

import pytest

from local.emulator import Emulator
from tests.local.lambdas import make_function
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

COUNTING = "def handler(event, context): print('batch of', len(event['Records']))"
BLAMING = "def handler(event, context): return {'batchItemFailures': [{'itemIdentifier': 'nobody'}]}"


def queue(emulator: Emulator, name: str, **attributes: str) -> tuple[str, str]:
    """The URL and ARN of a new queue."""
    sqs, given = emulator.client("sqs"), dict[Any, str](attributes)
    url = sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def depth(emulator: Emulator, url: str) -> int:
    answer = emulator.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def test_a_batch_may_hold_more_than_ten_messages(emulator: Emulator) -> None:
    url, arn = queue(emulator, "many")
    for start in range(0, 30, 10):
        entries: Any = [{"Id": str(number), "MessageBody": "x"} for number in range(start, start + 10)]
        emulator.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    make_function(emulator, "counting", COUNTING)
    emulator.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName="counting", BatchSize=25, MaximumBatchingWindowInSeconds=1
    )

    def batches() -> list[int]:
        logs = emulator.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/counting")["logGroups"]
        if not groups:
            return []
        events = logs.filter_log_events(logGroupName="/aws/lambda/counting")["events"]
        texts = [event.get("message", "") for event in events]
        return [int(text.rpartition(" ")[2]) for text in texts if text.startswith("batch of")]

    eventually(lambda: sum(batches()) == 30)
    assert max(batches()) == 25


def test_a_failure_of_a_message_that_was_not_in_the_batch_fails_the_batch(emulator: Emulator) -> None:
    dead_url, dead_arn = queue(emulator, "dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = queue(emulator, "blamed", VisibilityTimeout="1", RedrivePolicy=redrive)
    make_function(emulator, "blaming", BLAMING)
    emulator.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName="blaming", FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    emulator.client("sqs").send_message(QueueUrl=url, MessageBody="not lost")
    eventually(lambda: depth(emulator, dead_url) == 1)
