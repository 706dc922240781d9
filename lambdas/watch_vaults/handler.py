"""The watch_vaults function: called by a schedule, it goes on with every vault transfer that is under way."""

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.tools import CLIENT_CONFIG, now_iso, seconds_left
from lambdas.vault_settings import VaultSettings
from lambdas.watch_vaults.clients import THREADS, Clients, make_watcher
from lambdas.watch_vaults.figures import counts_of, publish_figures
from thaw.copying.clients import COPY_CONFIG
from thaw.jobs.errors import WatchError
from thaw.vaults.watching import VaultWatcher

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SPARE_SECONDS = 120.0
"""Of the function's time: no chunk of requests and no page of a sweep begins so late."""

ASKING_CONFIG = Config(
    retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20, max_pool_connections=THREADS
)
"""Tries are counted and spaced by ourselves: when Glacier is busy, all threads must hold back."""


@dataclass(frozen=True)
class WatchVaults:
    """The function with all it needs, so that tests can give it other clients."""

    watcher: VaultWatcher
    logger: Logger
    metrics: Metrics

    def handle(self, context: LambdaContext) -> dict[str, int]:
        """Watches. Raises WatchError where a transfer could not be gone on with, when all others were."""
        self.logger.set_correlation_id(context.aws_request_id)
        watched = self.watcher.watch(context.aws_request_id, seconds_left(context, SPARE_SECONDS))
        publish_figures(self.metrics, watched)
        self.logger.info("Watched", vaults=len(watched.jobs), counts=counts_of(watched))
        if watched.failed:
            told = "; ".join(f"{job_id}: {reason}" for job_id, reason in watched.failed.items())
            raise WatchError(f"Could not go on with {len(watched.failed)} vault transfers: {told}")
        return {"vaults": len(watched.jobs), "requests": watched.counts["accepted"]}


def _regional(region: str) -> "S3Client":
    return boto3.client("s3", region_name=region or None, config=COPY_CONFIG)


@cache
def watch_vaults() -> WatchVaults:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = VaultSettings.from_environment(os.environ)
    clients = Clients(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        regional=_regional,
        glacier=boto3.client("glacier", config=CLIENT_CONFIG),
        asking=boto3.client("glacier", config=ASKING_CONFIG),
        sqs=boto3.client("sqs", config=CLIENT_CONFIG),
        stepfunctions=boto3.client("stepfunctions", config=CLIENT_CONFIG),
    )
    return WatchVaults(make_watcher(settings, clients, now_iso), Logger(), Metrics())


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Entry point: the schedule's call in, the number of transfers and of requests out."""
    return watch_vaults().handle(context)
