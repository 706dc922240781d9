"""The prepare-job function: a job's manifest or bucket read, counted and priced, a bit a call.

The state machine calls it again until it is done. What a person asked for wrongly is an answer, no error.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics.price_file import load_prices
from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import CLIENT_CONFIG, seconds_left
from thaw.jobs.estimating import Prices
from thaw.jobs.preparing import Preparation, Prepared
from thaw.store.job_states import JobStates


@dataclass(frozen=True)
class PrepareJob:
    """The function with all it needs, so that tests can give it other clients."""

    preparation: Preparation
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Goes on with the job that `event` names; says whether it is done, and what comes next."""
        self.logger.set_correlation_id(context.aws_request_id)
        prepared = self.preparation.run(event["job_id"], seconds_left(context))
        self._publish(prepared)
        state = prepared.state
        return {
            "job_id": state.job_id,
            "done": prepared.done,
            "dry_run": state.request.dry_run,
            "refused": prepared.refused,
            "reason": state.reason,
            "parts": prepared.parts,
            "way": state.request.way,
        }

    def _publish(self, prepared: Prepared) -> None:
        state = prepared.state
        objects = state.validated.objects if prepared.done and state.validated else 0
        counts = {"PreparedObjects": objects, "RefusedJobs": int(prepared.refused)}
        publish(self.metrics, counts)
        self.logger.info(
            "Prepared", job_id=state.job_id, done=prepared.done, list_calls=prepared.list_calls, counts=counts
        )


def preparation(settings: JobSettings, memory_bytes: int) -> Preparation:
    """Over the clients and the prices of the execution environment."""
    prices = load_prices()
    return Preparation(
        states=JobStates(boto3.client("dynamodb", config=CLIENT_CONFIG), settings.tables.jobs),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        jobs_bucket=settings.jobs_bucket,
        rules=settings.rules,
        prices=Prices(prices.date, prices.regions),
        memory_bytes=memory_bytes,
        now=lambda: datetime.now(UTC),
    )


@cache
def prepare_job(memory_mb: int) -> PrepareJob:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    return PrepareJob(preparation(settings, memory_mb * 10**6), Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"job_id"}` in, how far the job is out."""
    return prepare_job(int(context.memory_limit_in_mb)).handle(event, context)
