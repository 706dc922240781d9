"""Event messages as S3, EventBridge, SNS and Thaw write them, for what is replayed on this machine.

Shapes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from thaw.core.keys import NO_VERSION, Spelling, encode_key

_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Happening:
    """Something that happens to an object at `at` (fixed-width ISO-8601).

    `name` is that of the S3 notification (`ObjectRestore:Completed`, ...); `error` is (code, message) for
    Thaw's own `Object Restore Failed` and `Object Copy Failed`.
    """

    name: str
    bucket: str
    key: str
    size_bytes: int
    storage_class: str
    at: str
    version_id: str = NO_VERSION
    expires_at: str = ""
    error: tuple[str, str] | None = None


_EVENTBRIDGE = {
    "ObjectRestore:Post": "Object Restore Initiated",
    "ObjectRestore:Completed": "Object Restore Completed",
    "ObjectRestore:Delete": "Object Restore Expired",
    "ObjectCreated:Copy": "Object Created",
}


def notification(happening: Happening) -> str:
    """An S3 event notification with one record."""
    stored: dict[str, Any] = {
        "key": encode_key(happening.key, Spelling.S3_NOTIFICATION),
        "size": happening.size_bytes,
        "eTag": "d41d8cd98f00b204e9800998ecf8427e",
        "sequencer": "0055AED6DCD90281E5",
    }
    if happening.version_id != NO_VERSION:
        stored["versionId"] = happening.version_id
    record: dict[str, Any] = {
        "eventVersion": "2.3",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": happening.at,
        "eventName": happening.name,
        "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZ",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "thaw",
            "bucket": {
                "name": happening.bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{happening.bucket}",
            },
            "object": stored,
        },
    }
    if happening.expires_at:
        record["glacierEventData"] = {
            "restoreEventData": {
                "lifecycleRestorationExpiryTime": happening.expires_at,
                "lifecycleRestoreStorageClass": happening.storage_class,
            }
        }
    return json.dumps({"Records": [record]})


def eventbridge(happening: Happening) -> str:
    """An EventBridge event; S3's have no milliseconds. Failures have Thaw's own shape, and its exact time."""
    stored: dict[str, Any] = {"key": happening.key, "size": happening.size_bytes}
    if happening.version_id != NO_VERSION:
        stored["version-id"] = happening.version_id
    detail: dict[str, Any] = {"version": "0", "bucket": {"name": happening.bucket}, "object": stored}
    if happening.expires_at:
        detail["restore-expiry-time"] = happening.expires_at
        detail["source-storage-class"] = happening.storage_class
    if happening.name == "ObjectCreated:Copy":
        detail["reason"] = "CopyObject"
    if happening.error:
        detail["error"] = dict(zip(("code", "message"), happening.error, strict=True))
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{happening}")),
            "detail-type": _EVENTBRIDGE.get(happening.name, happening.name),
            "source": "thaw" if happening.error else "aws.s3",
            "account": _ACCOUNT,
            "time": happening.at if happening.error else f"{happening.at[:19]}Z",
            "region": "us-east-1",
            "resources": [f"arn:aws:s3:::{happening.bucket}"],
            "detail": detail,
        }
    )


def sns_envelope(message: str) -> str:
    """What SNS delivers to a queue without raw delivery.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": f"arn:aws:sns:us-east-1:{_ACCOUNT}:archive-events",
            "Subject": "Amazon S3 Notification",
            "Message": message,
            "Timestamp": "2026-11-21T03:04:05.678Z",
        }
    )
