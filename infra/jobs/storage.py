"""Where jobs stand, what they read and leave behind, and what is to be copied: a table, a bucket, a queue."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.buckets import PrivateBucket, PrivateBucketArgs
from infra.event_intake import Copying
from infra.jobs.functions import COPY_MAX_RECEIVE_COUNT, FUNCTIONS
from infra.limits import VISIBILITY_TIMEOUTS
from infra.names import Names, Place
from infra.queues import WorkQueue, WorkQueueArgs
from thaw.core import job_files

ATTRIBUTES = ("job_id", "item", "active", "created_at")
"""Of the table's keys and those of its indexes; all text."""

INDEXES: Mapping[str, tuple[str, str]] = {"active": ("active", "job_id"), "states": ("item", "created_at")}
"""Partition and sort key: the jobs that have not ended, and all of them by age."""

TTL_ATTRIBUTE = "expires_at_seconds"
"""Of items that are of no use any more after a time."""

FIXED = ["name", "hashKey", "rangeKey"]
"""What would replace the table, and so lose the jobs, if it changed: ignored once it exists."""


@dataclass(frozen=True)
class JobStorageArgs:
    """`jobs_bucket` "" makes one, which keeps files for `file_days`; `protect` keeps the table from being
    deleted, by Pulumi and by DynamoDB. `place_arn` is the ARN of something where the stack is."""

    names: Names
    tags: Mapping[str, str]
    place_arn: pulumi.Input[str]
    jobs_bucket: str
    file_days: int
    protect: bool


class JobStorage(pulumi.ComponentResource):
    """The jobs table, the jobs bucket and the queue of copies."""

    table_name: Output[str]
    table_arn: Output[str]
    bucket_name: Output[str]
    queue: WorkQueue

    def __init__(self, name: str, args: JobStorageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobStorage", name, None, opts)
        self._args = args
        table = self._table()
        self.table_name, self.table_arn = table.name, table.arn
        place = Output.from_input(args.place_arn).apply(Place.of)
        self.bucket_name = self._bucket(place)
        self.queue = self._queue()
        self.register_outputs({"table_name": self.table_name, "bucket_name": self.bucket_name})

    @property
    def copying(self) -> Copying:
        """What the tracker needs to have restored objects copied."""
        return Copying(self.table_name, self.table_arn, self.queue.queue_url, self.queue.queue_arn)

    def _queue(self) -> WorkQueue:
        args = self._args
        queue = WorkQueueArgs(
            queue=args.names.copy_queue,
            dead_letter_queue=args.names.copy_dead_letter_queue,
            tags=args.tags,
            visibility_timeout_seconds=VISIBILITY_TIMEOUTS * FUNCTIONS["copy_objects"].timeout_seconds,
            max_receive_count=COPY_MAX_RECEIVE_COUNT,
        )
        return WorkQueue("copies", queue, ResourceOptions(parent=self))

    def _table(self) -> aws.dynamodb.Table:
        args = self._args
        return aws.dynamodb.Table(
            "jobs",
            name=args.names.jobs_table,
            billing_mode="PAY_PER_REQUEST",
            hash_key="job_id",
            range_key="item",
            attributes=[aws.dynamodb.TableAttributeArgs(name=each, type="S") for each in ATTRIBUTES],
            global_secondary_indexes=[
                aws.dynamodb.TableGlobalSecondaryIndexArgs(
                    name=index, key_schemas=_keys(hash_key, range_key), projection_type="ALL"
                )
                for index, (hash_key, range_key) in INDEXES.items()
            ],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TTL_ATTRIBUTE, enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            deletion_protection_enabled=args.protect,
            tags=args.tags,
            opts=ResourceOptions(parent=self, protect=args.protect, ignore_changes=FIXED),
        )

    def _bucket(self, place: Output[Place]) -> Output[str]:
        """The given bucket, or one of ours, which S3 does not delete while it holds files."""
        args = self._args
        if args.jobs_bucket:
            return Output.from_input(args.jobs_bucket)
        bucket = PrivateBucketArgs(
            place.apply(args.names.jobs_bucket),
            args.tags,
            expire_days=args.file_days,
            expiring=job_files.ALL,
            empty_on_delete=False,
        )
        return PrivateBucket("jobs", bucket, ResourceOptions(parent=self)).bucket_name


def _keys(hash_key: str, range_key: str) -> list[aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs]:
    return [
        aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=name, key_type=key_type)
        for name, key_type in ((hash_key, "HASH"), (range_key, "RANGE"))
    ]
