"""The bodies of queue messages, with every field that AWS sends."""

import json
import random
from collections.abc import Iterable
from typing import Any

from local.messages import Happening, eventbridge, notification

_ID_2 = "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"
_COMPACT = (",", ":")


def s3_body(happening: Happening) -> str:
    """An S3 notification of one record.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    message: dict[str, Any] = json.loads(notification(happening))
    message["Records"][0]["responseElements"]["x-amz-id-2"] = _ID_2
    return json.dumps(message, separators=_COMPACT)


def eventbridge_body(happening: Happening) -> str:
    """An EventBridge event. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
    message: dict[str, Any] = json.loads(eventbridge(happening))
    detail: dict[str, Any] = message["detail"]
    detail["object"] |= {"etag": "b1946ac92492d2347c6235b4d2611184", "sequencer": "00617F08299329D189"}
    detail |= {"request-id": "189F19CB7FB1B6A4", "requester": "s3.amazonaws.com"}
    return json.dumps(message, separators=_COMPACT)


def mixed_bodies(happenings: Iterable[Happening]) -> list[str]:
    """Half of them S3 notifications, half EventBridge events, the same in every run."""
    chance = random.Random(1)
    return [chance.choice((s3_body, eventbridge_body))(happening) for happening in happenings]
