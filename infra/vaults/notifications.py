"""From Glacier to the function that transfers: a topic, and a queue that it hands its messages to."""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.limits import VISIBILITY_TIMEOUTS
from infra.names import Names, Place
from infra.queues import WorkQueue, WorkQueueArgs
from infra.vaults import delivery
from infra.vaults.functions import MAX_RECEIVE_COUNT, VAULT_FUNCTIONS


class Notifications(NamedTuple):
    """Where Glacier publishes, and where that arrives."""

    topic_arn: Output[str]
    queue: WorkQueue


def notifications(names: Names, tags: Mapping[str, str], opts: ResourceOptions) -> Notifications:
    """The topic is without KMS: Glacier publishes to no encrypted one, and what it tells holds no content."""
    topic = aws.sns.Topic("vault-topic", name=names.vault_topic, tags=tags, opts=opts)
    aws.sns.TopicPolicy(
        "vault-topic-policy", arn=topic.arn, policy=topic.arn.apply(delivery.vault_topic), opts=opts
    )
    queue = WorkQueue("archives", _work(names, tags), opts)
    aws.sns.TopicSubscription(
        "vaults-to-archives",
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.queue_arn,
        raw_message_delivery=True,
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[queue])),
    )
    return Notifications(topic.arn, queue)


def _work(names: Names, tags: Mapping[str, str]) -> WorkQueueArgs:
    return WorkQueueArgs(
        queue=names.vault_queue,
        dead_letter_queue=names.vault_dead_letter_queue,
        tags=tags,
        visibility_timeout_seconds=VISIBILITY_TIMEOUTS * VAULT_FUNCTIONS["transfer_archives"].timeout_seconds,
        max_receive_count=MAX_RECEIVE_COUNT,
        policy=lambda arn: delivery.archive_queue(arn, Place.of(arn).topic_arn(names.vault_topic)),
    )
