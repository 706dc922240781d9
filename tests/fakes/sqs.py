"""SQS in memory: the one call that track_events makes, with the limits of a message."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_ALLOWED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""

_MAX_BYTES = 1024 * 1024


class FakeSQS:
    """A queue that keeps what it is sent; `broken` makes every call fail."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []
        self.broken = False

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
