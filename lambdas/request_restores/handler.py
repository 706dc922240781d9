"""The request_restores function: requests the restores of one part of a job, one request an object.

The state machine calls it again, with its own answer, until the part is done.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import now_iso, record_writer, seconds_left
from thaw.core.job_states import JobState
from thaw.jobs.job_records import JobRecords
from thaw.jobs.pacing import Pacer
from thaw.jobs.requesting import PartRequester
from thaw.jobs.restoring import RestoreSender
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_progress
from thaw.store.reader import RecordReader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import TierType

THREADS = 16
"""Requests at a time: S3 answers one in some 100 ms, so that this many keep up with 100 a second."""

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=30
)
RESTORE_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=3,
    read_timeout=30,
    max_pool_connections=THREADS,
)
"""Tries are counted and spaced by ourselves: when S3 is busy, all threads must hold back."""


@dataclass(frozen=True)
class RequestRestores:
    """The function with all it needs, so that tests can give it other clients."""

    requester: PartRequester
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Goes on with the part `key` of the job `job_id` from `start`; says how far it is."""
        self.logger.set_correlation_id(context.aws_request_id)
        job_id, key, start = event["job_id"], event["key"], event.get("start", 0)
        progress = self.requester.request(job_id, key, start, seconds_left(context))
        publish(self.metrics, {"RequestedLines": progress.start - start})
        answer = {"job_id": job_id, "key": key, **progress._asdict()}
        self.logger.info("Requested", answer=answer)
        return answer


def requester(
    settings: JobSettings,
    dynamodb: "DynamoDBClient",
    s3: "S3Client",
    restores: "S3Client",
    pause: Callable[[float], None],
) -> PartRequester:
    """What requests parts over these clients; `restores` must not retry by itself."""
    tables = settings.tables
    per_second = settings.rules.restore_requests_per_second / settings.request_concurrency
    pacer = Pacer(per_second, time.monotonic, pause)

    def sender(state: JobState) -> RestoreSender:
        return RestoreSender(
            s3=restores,
            bucket=state.request.bucket,
            tier=cast("TierType", state.request.tier),
            days=state.request.expiration_days,
            pacer=pacer,
            threads=THREADS,
            now=now_iso,
            pause=pause,
        )

    writer = record_writer(dynamodb, tables.objects, tables.rollups, settings.rollup_slots, pause)
    return PartRequester(
        states=JobStates(dynamodb, tables.jobs, pause),
        records=JobRecords(RecordReader(dynamodb, tables.objects, pause), writer),
        s3=s3,
        jobs_bucket=settings.jobs_bucket,
        rules=settings.rules,
        per_second=per_second,
        sender=sender,
        progress=lambda job_id: read_progress(dynamodb, tables.rollups, job_id, pause),
        now=now_iso,
    )


@cache
def request_restores() -> RequestRestores:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    parts = requester(
        JobSettings.from_environment(os.environ),
        boto3.client("dynamodb", config=CLIENT_CONFIG),
        boto3.client("s3", config=CLIENT_CONFIG),
        boto3.client("s3", config=RESTORE_CONFIG),
        time.sleep,
    )
    return RequestRestores(parts, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"job_id", "key", "start"?}` in, the same with `done` and `wait_seconds` out."""
    return request_restores().handle(event, context)
