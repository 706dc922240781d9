"""Event intake: the queue of events, its dead-letter queue, and the function that applies them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import policies
from infra.function_identity import Identity, identity
from infra.limits import VISIBILITY_TIMEOUTS
from infra.metrics import THAW_NAMESPACE
from infra.names import Names
from infra.packaging import ARCHITECTURE, RUNTIME, Package
from infra.queues import DEAD_LETTER_RETENTION_SECONDS
from infra.setting_entries import copy_rules_text
from thaw.core.copies import CopyRule

HANDLER = "lambdas.track_events.handler.handler"
FUNCTION_TIMEOUT_SECONDS = 60
QUEUE_RETENTION_SECONDS = 4 * 24 * 3600


@dataclass(frozen=True)
class Copying:
    """The table that tells which jobs copy, and the queue of what is to be copied."""

    jobs_table_name: pulumi.Input[str]
    jobs_table_arn: pulumi.Input[str]
    copy_queue_url: pulumi.Input[str]
    copy_queue_arn: pulumi.Input[str]

    @property
    def variables(self) -> dict[str, pulumi.Input[str]]:
        """What the function finds in its environment."""
        return {"JOBS_TABLE": self.jobs_table_name, "COPY_QUEUE_URL": self.copy_queue_url}

    @property
    def arns(self) -> dict[str, pulumi.Input[str]]:
        """What its policy names."""
        return {"jobs_table": self.jobs_table_arn, "copy_queue": self.copy_queue_arn}


@dataclass(frozen=True)
class EventIntakeArgs:
    """The tables to write, the package to run, and who may send: buckets (by S3) and EventBridge rules.

    `copying` is what has restored objects copied, None where no jobs are deployed."""

    names: Names
    tags: Mapping[str, str]
    package: Package
    objects_table_name: pulumi.Input[str]
    objects_table_arn: pulumi.Input[str]
    rollups_table_name: pulumi.Input[str]
    rollups_table_arn: pulumi.Input[str]
    sending_buckets: Sequence[str]
    sending_rules: Sequence[str]
    copy_rules: Sequence[CopyRule]
    batch_size: int
    batching_window_seconds: int
    max_concurrency: int
    max_receive_count: int
    rollup_slots: int
    memory_mb: int
    log_retention_days: int
    copying: Copying | None = None

    @property
    def visibility_timeout_seconds(self) -> int:
        """Long enough for a batch to be gathered, tried and throttled before another worker sees it."""
        return VISIBILITY_TIMEOUTS * FUNCTION_TIMEOUT_SECONDS + self.batching_window_seconds


class EventIntake(pulumi.ComponentResource):
    """From a message in the queue to a written record."""

    queue_url: Output[str]
    queue_arn: Output[str]
    dead_letter_queue_url: Output[str]
    function_name: Output[str]
    log_group_name: Output[str]

    def __init__(self, name: str, args: EventIntakeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:intake:EventIntake", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        queue, dead_letters = self._queues()
        own = identity("", args.names.function, args.names, args.tags, args.log_retention_days, self._child)
        function = self._function(queue, dead_letters, own)
        self.queue_url, self.queue_arn = queue.url, queue.arn
        self.dead_letter_queue_url = dead_letters.url
        self.function_name, self.log_group_name = function.name, own.log_group.name
        self.register_outputs({"queue_url": self.queue_url, "function_name": self.function_name})

    def _queues(self) -> tuple[aws.sqs.Queue, aws.sqs.Queue]:
        args = self._args
        dead_letters = aws.sqs.Queue(
            "dead-letter-queue",
            name=args.names.dead_letter_queue,
            message_retention_seconds=DEAD_LETTER_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=args.tags,
            opts=self._child,
        )
        queue = aws.sqs.Queue(
            "queue",
            name=args.names.queue,
            message_retention_seconds=QUEUE_RETENTION_SECONDS,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            sqs_managed_sse_enabled=True,
            tags=args.tags,
            opts=self._child,
        )
        self._redrive(queue, dead_letters)
        aws.sqs.QueuePolicy(
            "queue-policy",
            queue_url=queue.url,
            policy=queue.arn.apply(
                lambda arn: policies.event_queue(arn, args.sending_buckets, args.sending_rules)
            ),
            opts=self._child,
        )
        aws.sqs.QueuePolicy(
            "dead-letter-queue-policy",
            queue_url=dead_letters.url,
            policy=dead_letters.arn.apply(policies.dead_letter_queue),
            opts=self._child,
        )
        return queue, dead_letters

    def _redrive(self, queue: aws.sqs.Queue, dead_letters: aws.sqs.Queue) -> None:
        limit = self._args.max_receive_count
        aws.sqs.RedrivePolicy(
            "redrive-policy",
            queue_url=queue.url,
            redrive_policy=dead_letters.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": limit})
            ),
            opts=self._child,
        )
        aws.sqs.RedriveAllowPolicy(
            "redrive-allow-policy",
            queue_url=dead_letters.url,
            redrive_allow_policy=queue.arn.apply(
                lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
            ),
            opts=self._child,
        )

    def _function(
        self, queue: aws.sqs.Queue, dead_letters: aws.sqs.Queue, own: Identity
    ) -> aws.lambda_.Function:
        args = self._args
        policy = self._role_policy(own, queue, dead_letters)
        function = aws.lambda_.Function(
            "function",
            name=args.names.function,
            role=own.role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=HANDLER,
            code=pulumi.FileArchive(str(args.package.path)),
            source_code_hash=args.package.sha256,
            memory_size=args.memory_mb,
            timeout=FUNCTION_TIMEOUT_SECONDS,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=self._environment(dead_letters)),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[own.log_group, policy]),
        )
        aws.lambda_.EventSourceMapping(
            "event-source-mapping",
            event_source_arn=queue.arn,
            function_name=function.arn,
            batch_size=args.batch_size,
            maximum_batching_window_in_seconds=args.batching_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.max_concurrency
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[policy]),
        )
        return function

    def _role_policy(
        self, own: Identity, queue: aws.sqs.Queue, dead_letters: aws.sqs.Queue
    ) -> aws.iam.RolePolicy:
        document = Output.all(
            objects_table=self._args.objects_table_arn,
            rollups_table=self._args.rollups_table_arn,
            queue=queue.arn,
            dead_letter_queue=dead_letters.arn,
            log_group=own.log_group.arn,
            **(self._args.copying.arns if self._args.copying else {}),
        ).apply(lambda arns: policies.track_events(**arns))
        return aws.iam.RolePolicy(
            "role-policy", name="track-events", role=own.role.name, policy=document, opts=self._child
        )

    def _environment(self, dead_letters: aws.sqs.Queue) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {
            "OBJECTS_TABLE": args.objects_table_name,
            "ROLLUPS_TABLE": args.rollups_table_name,
            "DEAD_LETTER_QUEUE_URL": dead_letters.url,
            "COPY_RULES": copy_rules_text(args.copy_rules),
            "ROLLUP_SLOTS": str(args.rollup_slots),
            "MAX_RECEIVE_COUNT": str(args.max_receive_count),
            "POWERTOOLS_SERVICE_NAME": args.names.function,
            "POWERTOOLS_METRICS_NAMESPACE": THAW_NAMESPACE,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            **(args.copying.variables if args.copying else {}),
        }
