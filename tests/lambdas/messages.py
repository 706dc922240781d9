"""Messages as the queue holds them, and the SQS events that bring them to the function."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from tests.store.tables import BUCKET, COMPLETED, COPIED, EXPIRES, REQUESTED
from thaw.core.keys import NO_VERSION

_SAMPLES = Path(__file__).resolve().parent.parent / "events"


def sample(name: str) -> str:
    """The body of a message, real-shaped."""
    return (_SAMPLES / f"{name}.json").read_text()


class S3Record(NamedTuple):
    """One record of an S3 notification."""

    name: str
    at: str
    key: str
    version_id: str = NO_VERSION
    bucket: str = BUCKET
    expires_at: str = EXPIRES

    def document(self) -> dict[str, Any]:
        stored: dict[str, Any] = {"key": quote_plus(self.key, safe="/"), "size": 1000}
        if self.version_id != NO_VERSION:
            stored["versionId"] = self.version_id
        record: dict[str, Any] = {
            "eventSource": "aws:s3",
            "eventName": self.name,
            "eventTime": self.at,
            "s3": {"bucket": {"name": self.bucket}, "object": stored},
        }
        if self.name == "ObjectRestore:Completed":
            record["glacierEventData"] = {
                "restoreEventData": {"lifecycleRestorationExpiryTime": self.expires_at}
            }
        return record


def requested(key: str, version_id: str = NO_VERSION) -> S3Record:
    return S3Record("ObjectRestore:Post", REQUESTED, key, version_id)


def completed(key: str, version_id: str = NO_VERSION) -> S3Record:
    return S3Record("ObjectRestore:Completed", COMPLETED, key, version_id)


def copied(key: str, version_id: str = NO_VERSION) -> S3Record:
    return S3Record("ObjectCreated:Copy", COPIED, key, version_id)


def body(*records: S3Record, beside: Sequence[Any] = ()) -> str:
    """The body of one S3 notification; `beside` are further records, as they are."""
    return json.dumps({"Records": [*(record.document() for record in records), *beside]})


def sqs_event(bodies: Mapping[str, str], receive_count: int = 1) -> dict[str, Any]:
    """The event of a batch: message id -> body.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    return {
        "Records": [
            {
                "messageId": message_id,
                "receiptHandle": f"receipt of {message_id}",
                "body": text,
                "attributes": {
                    "ApproximateReceiveCount": str(receive_count),
                    "SentTimestamp": "1795230000000",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1795230000001",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:thaw-events",
                "awsRegion": "us-east-1",
            }
            for message_id, text in bodies.items()
        ]
    }
