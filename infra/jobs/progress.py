"""Where the progress of jobs is published, and who is mailed it."""

from collections.abc import Mapping

import pulumi_aws as aws
from pulumi import ResourceOptions

from infra import report_policies
from infra.names import Names


def progress_topic(names: Names, tags: Mapping[str, str], email: str, opts: ResourceOptions) -> aws.sns.Topic:
    """Without KMS, as the alarms' topic: an event names a job, and no archived object."""
    topic = aws.sns.Topic("progress-topic", name=names.progress_topic, tags=tags, opts=opts)
    aws.sns.TopicPolicy(
        "progress-topic-policy",
        arn=topic.arn,
        policy=topic.arn.apply(report_policies.reports_topic),
        opts=opts,
    )
    if email:
        aws.sns.TopicSubscription(
            "progress-email", topic=topic.arn, protocol="email", endpoint=email, opts=opts
        )
    return topic
