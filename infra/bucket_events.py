"""Bucket events: what happens in one watched bucket, on its way into the queue."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infra.config import Connection
from infra.names import Names
from infra.providers.bucket_notifications import BucketNotifications, BucketNotificationsArgs
from infra.setting_entries import WatchedBucket

NOTIFICATION_EVENTS: Mapping[str, Sequence[str]] = {
    "restores": ("s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete"),
    "copies": ("s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload"),
}
"""By what is watched; a copy of more than 5 GB completes as a multipart upload:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""

EVENTBRIDGE_EVENTS: Mapping[str, Mapping[str, Any]] = {
    "restores": {
        "detail-type": ["Object Restore Initiated", "Object Restore Completed", "Object Restore Expired"]
    },
    "copies": {
        "detail-type": ["Object Created"],
        "detail": {"reason": ["CopyObject", "CompleteMultipartUpload"]},
    },
}
"""The same events as EventBridge names them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html"""


@dataclass(frozen=True)
class BucketEventsArgs:
    """A watched bucket, the queue that its events go to, and what has to be there before the first event: a
    component's own depends_on would not hold back its children."""

    bucket: WatchedBucket
    names: Names
    connection: Connection
    tags: Mapping[str, str]
    queue_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class BucketEvents(pulumi.ComponentResource):
    """One bucket's notifications or EventBridge rules."""

    def __init__(self, name: str, args: BucketEventsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:intake:BucketEvents", name, None, opts)
        bucket = args.bucket
        eventbridge = bucket.via == "eventbridge"
        targets = self._rules(args) if eventbridge else []
        BucketNotifications(
            f"{bucket.name}-notifications",
            BucketNotificationsArgs(
                bucket=bucket.name,
                entry_id=args.names.notification_id,
                queue_arn=args.queue_arn,
                events=[] if eventbridge else notification_events(bucket),
                prefix=bucket.prefix,
                eventbridge=eventbridge,
                connection=args.connection.inputs,
            ),
            ResourceOptions(parent=self, depends_on=[*args.after, *targets]),
        )
        self.register_outputs({})

    def _rules(self, args: BucketEventsArgs) -> list[aws.cloudwatch.EventTarget]:
        """The rules and their targets, which have to be there before events go to EventBridge."""
        targets: list[aws.cloudwatch.EventTarget] = []
        for kind, rule_name in rule_names(args.names, args.bucket).items():
            rule = aws.cloudwatch.EventRule(
                f"{args.bucket.name}-{kind}",
                name=rule_name,
                description=f"Thaw follows the {kind} in {args.bucket.name}.",
                event_pattern=json.dumps(event_pattern(args.bucket, kind)),
                tags=args.tags,
                opts=ResourceOptions(parent=self),
            )
            target = aws.cloudwatch.EventTarget(
                f"{args.bucket.name}-{kind}-to-queue",
                rule=rule.name,
                arn=args.queue_arn,
                target_id="thaw-events",
                opts=ResourceOptions(parent=self, depends_on=args.after),
            )
            targets.append(target)
        return targets


def notification_events(bucket: WatchedBucket) -> list[str]:
    """The S3 events to be notified of."""
    return [event for kind in bucket.watch for event in NOTIFICATION_EVENTS[kind]]


def rule_names(names: Names, bucket: WatchedBucket) -> dict[str, str]:
    """The names of the bucket's EventBridge rules, by what they watch."""
    return {kind: names.event_rule(bucket.name, kind) for kind in bucket.watch}


def event_pattern(bucket: WatchedBucket, kind: str) -> dict[str, Any]:
    """The EventBridge pattern of one kind of events of the bucket
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)."""
    events = EVENTBRIDGE_EVENTS[kind]
    detail: dict[str, Any] = {"bucket": {"name": [bucket.name]}, **events.get("detail", {})}
    if bucket.prefix:
        detail["object"] = {"key": [{"prefix": bucket.prefix}]}
    return {"source": ["aws.s3"], "detail-type": events["detail-type"], "detail": detail}
