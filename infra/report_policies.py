"""Who may do what around the scheduled reports: the function, its scheduler, and the reports topic.

The wildcards here are keys of this account and Region within the reports bucket, and the streams of a log
group of ours.
"""

from dataclasses import dataclass
from typing import Any

from infra.names import Place
from infra.policies import allow, document, tls_only


@dataclass(frozen=True)
class ReportAccess:
    """What the report function works with: ARNs, and the folder in the bucket ("" or ending in a slash)."""

    rollups_table: str
    reports_bucket: str
    reports_prefix: str
    topic: str
    failures: str
    log_group: str


def report(access: ReportAccess) -> str:
    """What the function does, besides its queries.

    It reads what it wrote to see that it is older; without ListBucket, S3 would call a missing file forbidden
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html).
    """
    latest, dated = (_own_keys(access, folder) for folder in ("latest", "dated"))
    return document(
        [
            allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
            allow("WriteReports", ["s3:PutObject"], [latest, dated]),
            allow("SeeHowNewReportsAre", ["s3:GetObject"], latest),
            allow("SeeWhichReportsAreMissing", ["s3:ListBucket"], access.reports_bucket),
            allow("Tell", ["sns:Publish"], access.topic),
            allow("PutFailuresAside", ["sqs:SendMessage"], access.failures),
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{access.log_group}:*"),
        ]
    )


def _own_keys(access: ReportAccess, folder: str) -> str:
    """The keys of this account and Region alone: others may write to the same bucket."""
    place = Place.of(access.topic)
    own = f"{place.account}/{place.region}"
    return f"{access.reports_bucket}/{access.reports_prefix}{folder}/*/{own}/*"


def scheduler_trust(group: str) -> str:
    """EventBridge Scheduler may take on the role, for the schedules of this group (an ARN) only.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceArn": group, "aws:SourceAccount": Place.of(group).account}},
    }
    return document([statement])


def scheduler(function: str, failures: str) -> str:
    """Calls the function, and puts aside what it could not call (ARNs)."""
    return document(
        [
            allow("CallFunction", ["lambda:InvokeFunction"], function),
            allow("PutFailuresAside", ["sqs:SendMessage"], failures),
        ]
    )


def reports_topic(topic: str) -> str:
    """Nobody without TLS; the function's own policy lets it publish."""
    return document([tls_only("sns:Publish", topic)])
