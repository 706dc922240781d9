"""IAM policy documents, as plain functions: who may do what to which resource, and nothing more.

Allowed actions are spelled out and no resource is `*`. The only wildcards are the streams of our own log
group, which Lambda names, and `sqs:*` where a statement denies.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from infra.names import Place

VERSION = "2012-10-17"

Statement = Mapping[str, Any]


def document(statements: Sequence[Statement]) -> str:
    """The statements as a policy document."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def trust(service: str) -> str:
    """This service, `lambda.amazonaws.com` for one, may take on the role."""
    return document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])


def track_events(
    *,
    objects_table: str,
    rollups_table: str,
    queue: str,
    dead_letter_queue: str,
    log_group: str,
    jobs_table: str = "",
    copy_queue: str = "",
) -> str:
    """What the tracker does, by ARN; the last two where jobs are deployed.

    TransactWriteItems is authorised as the actions within it:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""
    return document(
        [
            allow(
                "ReadAndWriteObjects",
                ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
                objects_table,
            ),
            allow("WriteCounters", ["dynamodb:UpdateItem"], rollups_table),
            allow(
                "ReceiveEvents",
                [
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ChangeMessageVisibility",
                ],
                queue,
            ),
            allow("PutPoisonAside", ["sqs:SendMessage"], dead_letter_queue),
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group}:*"),
            *([allow("SeeWhichJobsCopy", ["dynamodb:GetItem"], jobs_table)] if jobs_table else []),
            *([allow("HaveCopied", ["sqs:SendMessage"], copy_queue)] if copy_queue else []),
        ]
    )


def event_queue(queue: str, buckets: Sequence[str], rules: Sequence[str]) -> str:
    """The watched buckets may send through S3, our rules through EventBridge, and nobody without TLS.

    `buckets` are names, `rules` names of rules on the default bus; the account is the queue's own
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html).
    """
    place = Place.of(queue)
    bucket_arns = [place.bucket_arn(bucket) for bucket in buckets]
    rule_arns = [place.event_rule_arn(rule) for rule in rules]
    senders = [("s3.amazonaws.com", bucket_arns), ("events.amazonaws.com", rule_arns)]
    allowed = [_may_send(service, queue, arns, place) for service, arns in senders if arns]
    return document([*allowed, tls_only("sqs:*", queue)])


def dead_letter_queue(queue: str) -> str:
    """Nobody without TLS; the tracker's own policy lets it send, and SQS moves messages by itself."""
    return document([tls_only("sqs:*", queue)])


def private_bucket(bucket: str) -> str:
    """Nobody without TLS, neither the bucket nor what is in it; nobody is let in from other accounts."""
    return document([tls_only("s3:*", [bucket, f"{bucket}/*"])])


def alarm_topic(topic: str, alarm_prefix: str) -> str:
    """This stack's alarms may publish, and nobody without TLS."""
    place = Place.of(topic)
    publish = {
        "Sid": "AlarmsPublish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": topic,
        "Condition": {
            "ArnLike": {"aws:SourceArn": place.alarm_arns(alarm_prefix)},
            "StringEquals": {"aws:SourceAccount": place.account},
        },
    }
    return document([publish, tls_only("sns:Publish", topic)])


def allow(sid: str, actions: Sequence[str], resource: str | Sequence[str]) -> Statement:
    """These actions on one resource, or on each of several."""
    resources = resource if isinstance(resource, str) else list(resource)
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}


def _may_send(service: str, queue: str, sources: Sequence[str], place: Place) -> Statement:
    return {
        "Sid": f"{service.split('.')[0].capitalize()}Sends",
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sqs:SendMessage"],
        "Resource": queue,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": list(sources)},
            "StringEquals": {"aws:SourceAccount": place.account},
        },
    }


def tls_only(actions: str, resource: str | Sequence[str]) -> Statement:
    """Nobody without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resource if isinstance(resource, str) else list(resource),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
