"""Sends copy messages, ten a request; what the queue did not take is told, message by message."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.copy_messages import CopyMessage
from thaw.core.errors import ThawError
from thaw.core.records import ObjectRecord
from thaw.store.reader import chunks

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH_ENTRIES = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html

The limit of bytes is never near: a message holds a key of 1 KB, which JSON makes 6 KB at most."""


class CopyQueueError(ThawError):
    """The copies queue did not take a message."""


def message_of(record: ObjectRecord) -> CopyMessage:
    """What the copier is told of a record."""
    entry, version_id = record.entry, record.id.version_id
    return CopyMessage(entry.job_id, entry.bucket, entry.key, version_id, entry.size_bytes)


class CopyQueue:
    """The queue of the copier."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, messages: Iterable[CopyMessage]) -> dict[CopyMessage, str]:
        """Sends each message; returns those that the queue did not take, with the reason."""
        refused: dict[CopyMessage, str] = {}
        for chunk in chunks(messages, BATCH_ENTRIES):
            refused.update(self._send(chunk))
        return refused

    def send_all(self, messages: Iterable[CopyMessage]) -> None:
        """Sends each message. Raises CopyQueueError at the first that the queue did not take."""
        for chunk in chunks(messages, BATCH_ENTRIES):
            for message, reason in self._send(chunk).items():
                raise CopyQueueError(
                    f"The copies queue did not take {message.bucket}/{message.key}: {reason}."
                )

    def _send(self, messages: Sequence[CopyMessage]) -> Mapping[CopyMessage, str]:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": message.to_json()} for number, message in enumerate(messages)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as exc:
            return dict.fromkeys(messages, f"{type(exc).__name__}: {exc}")
        return {
            messages[int(entry["Id"])]: f"{entry['Code']} {entry.get('Message', '')}".strip()
            for entry in answer.get("Failed", ())
        }
