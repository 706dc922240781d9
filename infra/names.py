"""The AWS names and ARNs of a stack, all from its name_prefix and the ARN of its queue."""

import hashlib
from dataclasses import dataclass

MAX_RULE_NAME = 64
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

_DIGEST_CHARACTERS = 8


@dataclass(frozen=True)
class Names:
    """Physical names: fixed, not generated, so that people find things under the name they expect."""

    prefix: str

    @property
    def objects_table(self) -> str:
        """One item an object version."""
        return f"{self.prefix}-objects"

    @property
    def rollups_table(self) -> str:
        """The counters and totals of jobs."""
        return f"{self.prefix}-rollups"

    @property
    def queue(self) -> str:
        """The queue of events."""
        return f"{self.prefix}-events"

    @property
    def dead_letter_queue(self) -> str:
        """The queue of events that cannot be applied."""
        return f"{self.prefix}-events-dead-letter"

    @property
    def function(self) -> str:
        """The tracker; its role has the same name."""
        return f"{self.prefix}-track-events"

    @property
    def log_group(self) -> str:
        """Where Lambda has the function log, unless told otherwise."""
        return f"/aws/lambda/{self.function}"

    @property
    def topic(self) -> str:
        """Where alarms are published."""
        return f"{self.prefix}-alarms"

    @property
    def dashboard(self) -> str:
        """The CloudWatch dashboard."""
        return f"{self.prefix}-tracking"

    @property
    def notification_id(self) -> str:
        """The Id of our entry in a bucket's notification configuration."""
        return f"thaw-events-of-{self.prefix}"

    def alarm(self, purpose: str) -> str:
        """An alarm's name."""
        return f"{self.prefix}-{purpose}"

    def event_rule(self, bucket: str, kind: str) -> str:
        """The EventBridge rule for one kind of events of a bucket."""
        return bounded(f"{self.prefix}-{kind}-{bucket}", MAX_RULE_NAME)


def bounded(name: str, limit: int) -> str:
    """`name`, or where it is longer than `limit` characters its start and a digest of the whole."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{name[: limit - _DIGEST_CHARACTERS - 1]}-{digest}"


@dataclass(frozen=True)
class Place:
    """Partition, Region and account: what every ARN of a stack has in common."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> "Place":
        """Where the resource of a regional ARN is."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{bucket}"

    def event_rule_arn(self, rule: str) -> str:
        """The ARN of a rule on the default event bus."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:rule/{rule}"

    def alarm_arns(self, prefix: str) -> str:
        """The pattern that matches the ARNs of alarms whose names start so."""
        return f"arn:{self.partition}:cloudwatch:{self.region}:{self.account}:alarm:{prefix}*"
