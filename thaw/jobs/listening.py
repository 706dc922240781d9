"""Sees to it that the restore events of a bucket reach our queue, before the first restore is requested."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from thaw.core.job_rules import JobRules
from thaw.core.notifications import (
    EVENTBRIDGE,
    RESTORE_EVENTS,
    KeyFilter,
    entry_id,
    heard_filters,
    queue_entry,
    same,
    with_entry,
    with_eventbridge,
)
from thaw.jobs.errors import UnheardEventsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import NotificationConfigurationTypeDef

_SETTLE_ATTEMPTS = 10
_SETTLE_SECONDS = 1.0
"""Bucket configuration is eventually consistent:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel"""

EVERY_KEY = KeyFilter("", "")


@dataclass(frozen=True)
class Listener:
    """Our queue (of the stack with this name_prefix, in this account) on buckets that are not ours.

    `pause(seconds)` waits until S3 shows what was written.
    """

    s3: "S3Client"
    queue_arn: str
    name_prefix: str
    account_id: str
    pause: Callable[[float], None]

    def heard(self, bucket: str, rules: JobRules) -> list[KeyFilter]:
        """Whose restore events reach us: keys that pass one of these; none: nobody tells us anything."""
        return self._heard(self._read(bucket), bucket, rules)

    def listen(self, bucket: str, rules: JobRules) -> list[KeyFilter]:
        """As `heard`, after our entry, or the switch to EventBridge, was merged in where nothing is heard.

        What others have there stays. Raises NotificationOverlapError, UnheardEventsError.
        """
        found = self._read(bucket)
        heard = self._heard(found, bucket, rules)
        if heard:
            return heard
        self._write(
            bucket, with_eventbridge(found) if _by_eventbridge(bucket, rules) else self._merged(found)
        )
        return [EVERY_KEY]

    def _heard(self, found: dict[str, Any], bucket: str, rules: JobRules) -> list[KeyFilter]:
        if _by_eventbridge(bucket, rules):
            return [EVERY_KEY] if EVENTBRIDGE in found else []
        return heard_filters(found, self.queue_arn, RESTORE_EVENTS)

    def _merged(self, found: dict[str, Any]) -> dict[str, Any]:
        name = entry_id(self.name_prefix)
        if any(entry.get("Id") == name for entry in found.get("QueueConfigurations", ())):
            raise UnheardEventsError(
                f"The bucket's notification rule {name!r} sends no restore events to {self.queue_arn}: have"
                " this bucket's restores watched, and deploy."
            )
        return with_entry(found, queue_entry(name, self.queue_arn, RESTORE_EVENTS, ""))

    def _read(self, bucket: str) -> dict[str, Any]:
        answer = self.s3.get_bucket_notification_configuration(
            Bucket=bucket, ExpectedBucketOwner=self.account_id
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _write(self, bucket: str, wanted: dict[str, Any]) -> None:
        self.s3.put_bucket_notification_configuration(
            Bucket=bucket,
            ExpectedBucketOwner=self.account_id,
            NotificationConfiguration=cast("NotificationConfigurationTypeDef", wanted),
        )
        for _ in range(_SETTLE_ATTEMPTS):
            if same(self._read(bucket), wanted):
                return
            self.pause(_SETTLE_SECONDS)
        raise UnheardEventsError(
            f"The notification configuration of bucket {bucket} is not what was written"
            f" {_SETTLE_ATTEMPTS * _SETTLE_SECONDS:.0f} s ago: somebody else changes it too; see who, and"
            " start the job again."
        )


def _by_eventbridge(bucket: str, rules: JobRules) -> bool:
    return bucket in rules.eventbridge_buckets
