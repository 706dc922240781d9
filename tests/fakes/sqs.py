"""SQS in memory: the calls that send messages, with the limits of a message and of a batch."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_ALLOWED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""

_MAX_BYTES = 1024 * 1024
_MAX_ENTRIES = 10


class FakeSQS:
    """A queue that keeps what it is sent, each message with its QueueUrl; `broken` makes every call fail.

    `refuses(body)` is whether it does not take a message of a batch.
    """

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []
        self.broken = False
        self.batches = 0
        self.refuses: Callable[[str], bool] = lambda _: False

    @property
    def client(self) -> "SQSClient":
        return cast("SQSClient", self)

    def send_message(self, **request: Any) -> dict[str, Any]:
        attributes: Mapping[str, Mapping[str, str]] = request.get("MessageAttributes", {})
        texts = [request["MessageBody"], *(attribute["StringValue"] for attribute in attributes.values())]
        if self.broken or not all(map(_ALLOWED.fullmatch, texts)):
            raise ClientError({"Error": {"Code": "InvalidMessageContents", "Message": "no"}}, "SendMessage")
        if sum(len(text.encode()) for text in texts) > _MAX_BYTES:
            raise ClientError({"Error": {"Code": "InvalidParameterValue", "Message": "long"}}, "SendMessage")
        self.sent.append(request)
        return {"MessageId": str(len(self.sent))}

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.batches += 1
        entries: list[Mapping[str, Any]] = request["Entries"]
        ids = {entry["Id"] for entry in entries}
        if self.broken or not 0 < len(entries) == len(ids) <= _MAX_ENTRIES:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "no"}}, "SendMessageBatch")
        taken = [entry for entry in entries if not self.refuses(entry["MessageBody"])]
        for entry in taken:
            body = {name: value for name, value in entry.items() if name != "Id"}
            self.send_message(QueueUrl=request["QueueUrl"], **body)
        answer: dict[str, Any] = {"Successful": [{"Id": entry["Id"]} for entry in taken]}
        if len(taken) < len(entries):
            refused = ids - {entry["Id"] for entry in taken}
            error = {"SenderFault": False, "Code": "InternalError", "Message": "try again"}
            answer["Failed"] = [{"Id": each, **error} for each in sorted(refused)]
        return answer
