"""Queues of our own: encrypted, by TLS only, with a dead-letter queue where messages are worked on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import policies

DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3600
"""The most that SQS keeps a message:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""

RETENTION_SECONDS = 10 * 24 * 3600
"""Of work: a dead letter keeps the time of its first sending, and needs days to be read in."""


@dataclass(frozen=True)
class WorkQueueArgs:
    """Names of both queues; how long a message is hidden while it is worked on, and how often it is tried.

    `policy` makes the queue's policy of its ARN: who may send, if not roles of ours alone.
    """

    queue: str
    dead_letter_queue: str
    tags: Mapping[str, str]
    visibility_timeout_seconds: int
    max_receive_count: int
    policy: Callable[[str], str] = policies.dead_letter_queue


class WorkQueue(pulumi.ComponentResource):
    """A queue and its dead-letter queue; `name` begins the names of all that is made."""

    queue_url: Output[str]
    queue_arn: Output[str]
    dead_letter_queue_url: Output[str]

    def __init__(self, name: str, args: WorkQueueArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:storage:WorkQueue", name, None, opts)
        self._child = ResourceOptions(parent=self)
        dead_letters = quiet_queue(
            f"{name}-dead-letter-queue", args.dead_letter_queue, args.tags, self._child
        )
        queue = aws.sqs.Queue(
            f"{name}-queue",
            name=args.queue,
            message_retention_seconds=RETENTION_SECONDS,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            sqs_managed_sse_enabled=True,
            tags=args.tags,
            opts=self._child,
        )
        _policy(f"{name}-queue", queue, args.policy, self._child)
        self._redrive(name, args, queue, dead_letters)
        self.queue_url, self.queue_arn = queue.url, queue.arn
        self.dead_letter_queue_url = dead_letters.url
        self.register_outputs({"queue_url": self.queue_url})

    def _redrive(
        self, name: str, args: WorkQueueArgs, queue: aws.sqs.Queue, dead_letters: aws.sqs.Queue
    ) -> None:
        aws.sqs.RedrivePolicy(
            f"{name}-redrive-policy",
            queue_url=queue.url,
            redrive_policy=dead_letters.arn.apply(
                lambda arn: json.dumps(
                    {"deadLetterTargetArn": arn, "maxReceiveCount": args.max_receive_count}
                )
            ),
            opts=self._child,
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-redrive-allow-policy",
            queue_url=dead_letters.url,
            redrive_allow_policy=queue.arn.apply(
                lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
            ),
            opts=self._child,
        )


def quiet_queue(name: str, queue_name: str, tags: Mapping[str, str], opts: ResourceOptions) -> aws.sqs.Queue:
    """A queue that people read: what is in it stays as long as SQS keeps anything."""
    queue = aws.sqs.Queue(
        name,
        name=queue_name,
        message_retention_seconds=DEAD_LETTER_RETENTION_SECONDS,
        sqs_managed_sse_enabled=True,
        tags=tags,
        opts=opts,
    )
    _policy(name, queue, policies.dead_letter_queue, opts)
    return queue


def _policy(name: str, queue: aws.sqs.Queue, policy: Callable[[str], str], opts: ResourceOptions) -> None:
    aws.sqs.QueuePolicy(f"{name}-policy", queue_url=queue.url, policy=queue.arn.apply(policy), opts=opts)
