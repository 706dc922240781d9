"""The load_objects function: one part of a job into the tables, or out of them again.

Step Functions calls it for every import part, and again when a call failed: loading twice is loading once.
"""

import os
import random
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from lambdas.tools import UnknownActionError, now_iso
from thaw.jobs.copy_queue import CopyQueue
from thaw.jobs.loading import PartLoader

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=3,
    read_timeout=30,
    parameter_validation=False,
)
"""Our requests are checked by their types; that botocore checks them again takes a third of the work."""


@dataclass(frozen=True)
class LoadObjects:
    """The function with all it needs, so that tests can give it other clients."""

    loader: PartLoader
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, str], context: LambdaContext) -> dict[str, Any]:
        """Loads or unloads the part `key` of the job `job_id`, and says what that came to."""
        self.logger.set_correlation_id(context.aws_request_id)
        match event["action"]:
            case "load":
                loaded = asdict(self.loader.load(event["job_id"], event["key"]))
                counts = {"LoadedObjects": loaded["objects"], "ObjectsElsewhere": loaded["elsewhere"]}
            case "unload":
                loaded = {"objects": self.loader.unload(event["job_id"], event["key"])}
                counts = {"UnloadedObjects": loaded["objects"]}
            case action:
                raise UnknownActionError(f"Action {action!r} does not exist; give load or unload.")
        self._publish(event, counts)
        return {"job_id": event["job_id"], "key": event["key"], **loaded}

    def _publish(self, event: Mapping[str, str], counts: Mapping[str, int]) -> None:
        publish(self.metrics, counts)
        self.logger.info(
            event["action"].capitalize(), job_id=event["job_id"], key=event["key"], counts=counts
        )


@cache
def load_objects() -> LoadObjects:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    loader = PartLoader(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        tables=settings.tables,
        jobs_bucket=settings.jobs_bucket,
        copies=CopyQueue(boto3.client("sqs", config=CLIENT_CONFIG), settings.copy_queue_url),
        slot=partial(random.randrange, settings.rollup_slots),
        pause=time.sleep,
        now=now_iso,
    )
    return LoadObjects(loader, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"action": "load" | "unload", "job_id", "key"}` in, what it came to out."""
    return load_objects().handle(event, context)
