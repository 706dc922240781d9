"""The watch_jobs function: called by a schedule, it looks at every job that has not ended."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import now_iso
from lambdas.watch_jobs.clients import Clients, make_watcher
from thaw.jobs.errors import WatchError
from thaw.jobs.watching import Watched, Watcher

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=3, read_timeout=20
)


@dataclass(frozen=True)
class WatchJobs:
    """The function with all it needs, so that tests can give it other clients."""

    watcher: Watcher
    logger: Logger
    metrics: Metrics

    def handle(self, context: LambdaContext) -> dict[str, int]:
        """Watches. Raises WatchError where a job could not be looked at, when all others were."""
        self.logger.set_correlation_id(context.aws_request_id)
        watched = self.watcher.watch()
        self._publish(watched)
        if watched.failed:
            told = "; ".join(f"{job_id}: {reason}" for job_id, reason in watched.failed.items())
            running = watched.jobs + len(watched.failed)
            raise WatchError(f"Could not look at {len(watched.failed)} of {running} running jobs: {told}")
        return {"jobs": watched.jobs, "events": watched.events}

    def _publish(self, watched: Watched) -> None:
        counts = {
            "JobsWatched": watched.jobs,
            "JobsNotWatched": len(watched.failed),
            "EventsSent": watched.events,
        }
        publish(self.metrics, counts)
        self.logger.info("Watched", counts=counts)


@cache
def watch_jobs() -> WatchJobs:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    clients = Clients(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3control=boto3.client("s3control", config=CLIENT_CONFIG),
        stepfunctions=boto3.client("stepfunctions", config=CLIENT_CONFIG),
        sns=boto3.client("sns", config=CLIENT_CONFIG),
        events=boto3.client("events", config=CLIENT_CONFIG),
        functions=boto3.client("lambda", config=CLIENT_CONFIG),
    )
    settings = JobSettings.from_environment(os.environ)
    return WatchJobs(make_watcher(settings, clients, now_iso), Logger(), Metrics())


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Entry point: the schedule's call in, the number of jobs and events out."""
    return watch_jobs().handle(context)
