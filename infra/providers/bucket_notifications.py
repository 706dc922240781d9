"""A dynamic resource: our part of the notification configuration of a bucket that is not ours."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi.dynamic as dynamic
from botocore.exceptions import ClientError

from infra.errors import NotificationLostError, SettingsError
from infra.providers.connection import (
    CONNECTION_INPUTS,
    GONE,
    Connect,
    Provider,
    account_of,
    changed,
    connect,
    refusal,
)
from thaw.core import notifications
from thaw.core.errors import ThawError

SETTLE_ATTEMPTS = 10
SETTLE_SECONDS = 1.0
"""Bucket configuration is eventually consistent: what was written may be read a moment later
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel)."""

POLICY_ATTEMPTS = 13
POLICY_SECONDS = 5.0
"""A changed queue policy takes up to 60 seconds to be in force
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html)."""

OUR_INPUTS = ("bucket", "entry_id", "queue_arn", "events", "prefix", "eventbridge", *CONNECTION_INPUTS)

Change = Callable[[notifications.Configuration], dict[str, Any]]


class BucketNotificationsProvider(Provider):
    """Merges in, changes and takes out our part, and reads back that everybody else's is as it was.

    The part is a queue entry, when the inputs name events, and the switch to EventBridge, when they say so;
    the switch is taken back only where it was off before.
    """

    def __init__(self, connect: Connect = connect, pause: Callable[[float], None] = time.sleep) -> None:
        super().__init__(connect)
        self.pause = pause

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Refuses an overlap while the engine still plans: nothing has been created yet."""
        failures: list[dynamic.CheckFailure] = []
        if changed(_olds, news, OUR_INPUTS):
            try:
                found = _read_existing(self.connect("s3", news), news["bucket"])
                notifications.refuse_overlap(
                    notifications.without_entry(found, news["entry_id"]), _entry(news)
                )
            except ThawError as exc:
                failures.append(refusal("bucket", exc))
        return dynamic.CheckResult(news, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Another bucket is another resource; anything else is changed in place."""
        return dynamic.DiffResult(
            changes=bool(changed(_olds, _news, OUR_INPUTS)), replaces=changed(_olds, _news, ("bucket",))
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Merges our part in. Raises NotificationOverlapError, NotificationLostError."""
        before = self._apply(props, lambda found: _merged(found, props))
        switched = props["eventbridge"] and notifications.EVENTBRIDGE not in before
        return dynamic.CreateResult(
            f"{props['bucket']}/{props['entry_id']}", {**props, "switched_eventbridge": switched}
        )

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Puts the new part in the place of the old."""
        before = self._apply(_news, lambda found: _merged(_without_ours(found, _olds), _news))
        was_on = notifications.EVENTBRIDGE in before and not _olds["switched_eventbridge"]
        return dynamic.UpdateResult({**_news, "switched_eventbridge": _news["eventbridge"] and not was_on})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Finds out, on `pulumi refresh`, what became of our part: the next `up` puts it right."""
        client = self.connect("s3", props)
        try:
            found = _read(client, props["bucket"], account_of(props["queue_arn"]))
        except client.exceptions.NoSuchBucket:
            return dynamic.ReadResult(GONE, {})
        if props["eventbridge"]:
            return dynamic.ReadResult(id_ if notifications.EVENTBRIDGE in found else GONE, props)
        entry = notifications.find_entry(found, props["entry_id"])
        if entry is None:
            return dynamic.ReadResult(GONE, {})
        if notifications.same({"QueueConfigurations": [entry]}, {"QueueConfigurations": [_entry(props)]}):
            return dynamic.ReadResult(id_, props)
        changes = {"events": entry["Events"], "prefix": notifications.key_filter(entry).prefix}
        return dynamic.ReadResult(id_, {**props, **changes})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Takes our part out; a bucket that is gone has none.

        Destinations are not validated on the way out: a foreign one that is dead must not keep ours in.
        """
        client = self.connect("s3", _props)
        try:
            self._apply(_props, lambda found: _without_ours(found, _props), skip_validation=True)
        except client.exceptions.NoSuchBucket:
            return

    def _apply(
        self, props: Mapping[str, Any], change: Change, *, skip_validation: bool = False
    ) -> notifications.Configuration:
        """Writes the changed configuration, sees that it is there, and gives the one before."""
        client = self.connect("s3", props)
        owner = account_of(props["queue_arn"])
        before = _read(client, props["bucket"], owner)
        wanted = change(before)
        if notifications.same(before, wanted):
            return before
        request = {
            "Bucket": props["bucket"],
            "ExpectedBucketOwner": owner,
            "NotificationConfiguration": wanted,
            "SkipDestinationValidation": skip_validation,
        }
        self._put(client, request)
        for _ in range(SETTLE_ATTEMPTS):
            if notifications.same(_read(client, props["bucket"], owner), wanted):
                return before
            self.pause(SETTLE_SECONDS)
        raise NotificationLostError(
            f"The notification configuration of bucket {props['bucket']} is not what was written"
            f" {SETTLE_ATTEMPTS * SETTLE_SECONDS:.0f} s ago: somebody else changes it too; see who, and run"
            " `pulumi up` again."
        )

    def _put(self, client: Any, request: Mapping[str, Any]) -> None:
        """Writes; S3 first sends the queue a test message, which a new queue policy may not let in yet."""
        for _ in range(POLICY_ATTEMPTS - 1):
            try:
                client.put_bucket_notification_configuration(**request)
            except ClientError as exc:
                if "Unable to validate" not in str(exc):
                    raise
                self.pause(POLICY_SECONDS)
            else:
                return
        client.put_bucket_notification_configuration(**request)


def _read(client: Any, bucket: str, owner: str | None = None) -> notifications.Configuration:
    expected = {"ExpectedBucketOwner": owner} if owner else {}
    answer = client.get_bucket_notification_configuration(Bucket=bucket, **expected)
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _read_existing(client: Any, bucket: str) -> notifications.Configuration:
    try:
        return _read(client, bucket)
    except client.exceptions.ClientError as exc:
        raise SettingsError(
            f"thaw:watched_buckets has the bucket {bucket}, whose notification configuration cannot be read"
            f" ({exc}); correct the name, or let the credentials of `pulumi up` do"
            " s3:GetBucketNotification and s3:PutBucketNotification on it."
        ) from exc


def _entry(props: Mapping[str, Any]) -> dict[str, Any]:
    return notifications.queue_entry(props["entry_id"], props["queue_arn"], props["events"], props["prefix"])


def _merged(found: notifications.Configuration, props: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(found)
    if props["events"]:
        merged = notifications.with_entry(merged, _entry(props))
    return notifications.with_eventbridge(merged) if props["eventbridge"] else merged


def _without_ours(found: notifications.Configuration, props: Mapping[str, Any]) -> dict[str, Any]:
    rest = notifications.without_entry(found, props.get("entry_id", ""))
    return notifications.without_eventbridge(rest) if props.get("switched_eventbridge") else rest


@dataclass(frozen=True)
class BucketNotificationsArgs:
    """Our part: `events` (S3 names, none for no queue entry) of keys under `prefix` to the queue, and whether
    the bucket's events go to EventBridge. `connection` is the inputs of infra.config.Connection."""

    bucket: str
    entry_id: str
    queue_arn: pulumi.Input[str]
    events: Sequence[str]
    prefix: str
    eventbridge: bool
    connection: Mapping[str, str]


class BucketNotifications(dynamic.Resource, module="thaw", name="BucketNotifications"):
    """Our part of a bucket's notification configuration."""

    def __init__(
        self, name: str, args: BucketNotificationsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props: dict[str, Any] = {
            "bucket": args.bucket,
            "entry_id": args.entry_id,
            "queue_arn": args.queue_arn,
            "events": list(args.events),
            "prefix": args.prefix,
            "eventbridge": args.eventbridge,
            **args.connection,
        }
        super().__init__(BucketNotificationsProvider(), name, cast(Any, props), opts)
