"""The sweep_copies function: restores anew what would lapse uncopied, and has it copied, a bit a call.

The state machine calls it again with the cursor of its answer until it is done.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas import tools
from lambdas.copying import CLIENT_CONFIG, parts
from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import now_iso, seconds_left
from thaw.core.job_states import JobState
from thaw.jobs.copy_queue import CopyQueue
from thaw.jobs.extending import Extender
from thaw.jobs.pacing import Pacer
from thaw.jobs.restoring import RestoreSender
from thaw.jobs.sweeping import Place, Sweeper
from thaw.queues import is_empty
from thaw.store.jobs import read_counters
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import TierType

SPARE_SECONDS = 120.0
"""Of the function's time: no page begins so late."""

RESTORE_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
"""Restore requests are repeated at the held rate, not by the client."""

_THREADS = 20
_LOGGED_ERRORS = 20


@dataclass(frozen=True)
class SweepCopies:
    """The function with all it needs, so that tests can give it other clients."""

    sweeper: Sweeper
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Goes on from the cursor in `event`; says whether it is through, and where it goes on if not."""
        self.logger.set_correlation_id(context.aws_request_id)
        cursor = event.get("cursor")
        place = Place.from_document(cursor) if cursor else None
        swept = self.sweeper.run(place, seconds_left(context, SPARE_SECONDS))
        counts = {
            "ExtendedRestores": swept.counts["extended"],
            "RepeatedRestores": swept.counts["requested"],
            "HealedRestores": swept.counts["healed"],
            "ResentCopies": swept.counts["sent"],
            "SweepErrors": len(swept.errors),
        }
        publish(self.metrics, counts)
        for reason in swept.errors[:_LOGGED_ERRORS]:
            self.logger.error("Left for the next sweep", reason=reason)
        self.logger.info("Swept", counts=counts, pages=swept.counts["pages"])
        return {"done": swept.next is None, "cursor": swept.next.to_document() if swept.next else None}


@dataclass(frozen=True)
class Extenders:
    """Makes what restores the objects of a job again, all at one held rate."""

    s3: "S3Client"
    restoring: "S3Client"
    writer: RecordWriter
    account_id: str
    pacer: Pacer

    def of(self, state: JobState) -> Extender:
        """For one job: its tier and days."""
        sender = RestoreSender(
            self.restoring,
            state.request.bucket,
            cast("TierType", state.request.tier),
            state.request.expiration_days,
            self.pacer,
            _THREADS,
            now_iso,
            time.sleep,
        )
        return Extender(self.s3, sender, self.writer, self.account_id)


@cache
def sweep_copies() -> SweepCopies:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    made = parts(settings)
    s3 = boto3.client("s3", config=tools.CLIENT_CONFIG)
    sqs = boto3.client("sqs", config=CLIENT_CONFIG)
    pacer = Pacer(settings.rules.restore_requests_per_second, time.monotonic, time.sleep)
    restoring = boto3.client("s3", config=RESTORE_CONFIG)
    extenders = Extenders(s3, restoring, made.writer, settings.account_id, pacer)
    sweeper = Sweeper(
        states=made.tasks.states,
        counters=lambda job_id: read_counters(made.dynamodb, settings.tables.rollups, job_id)[1],
        s3=s3,
        reader=made.tasks.reader,
        extender=extenders.of,
        queue=CopyQueue(sqs, settings.copy_queue_url),
        queue_is_empty=partial(is_empty, sqs, settings.copy_queue_url),
        rules=settings.rules,
        now=lambda: datetime.now(UTC),
    )
    return SweepCopies(sweeper, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: a cursor in, whether the sweep is done and where it goes on out."""
    return sweep_copies().handle(event, context)
