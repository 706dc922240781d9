"""Queues of SQS: whether one is empty, and what it did not take."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_ENTRIES = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""


def is_empty(sqs: "SQSClient", queue_url: str) -> bool:
    """Whether the queue holds nothing, waiting, under way or delayed.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    answer = sqs.get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    return not any(int(number) for number in answer["Attributes"].values())


def send_later(sqs: "SQSClient", queue_url: str, body: str, seconds: int) -> None:
    """Sends a message that arrives after so many seconds, 900 at most. Raises ClientError.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    sqs.send_message(QueueUrl=queue_url, MessageBody=body, DelaySeconds=seconds)


def send_all(sqs: "SQSClient", queue_url: str, bodies: Sequence[str]) -> int:
    """Sends a message each, and returns how many the queue did not take. Raises ClientError."""
    refused = 0
    for start in range(0, len(bodies), BATCH_ENTRIES):
        batch = enumerate(bodies[start : start + BATCH_ENTRIES])
        answer = sqs.send_message_batch(
            QueueUrl=queue_url,
            Entries=[{"Id": str(number), "MessageBody": body} for number, body in batch],
        )
        refused += len(answer.get("Failed", ()))
    return refused
