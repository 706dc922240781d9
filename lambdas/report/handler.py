"""The report function: writes reports into the reports bucket and tells the topic, or fails.

It is invoked asynchronously, so that Lambda tries a failed run again, and then sends it to the failure queue:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pyathena
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lambdas.metrics import publish
from lambdas.report.request import Request, parse_request
from lambdas.report.run import Outcome, Tools, run
from lambdas.report.settings import Settings

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=60
)

RUN_METRICS: Mapping[str, str] = {
    "rollups": "RollupReportRuns",
    "objects": "ObjectReportRuns",
    "chosen": "ChosenReportRuns",
}
"""The metric that counts the finished runs of each kind."""


@dataclass(frozen=True)
class WriteReports:
    """The function with all it needs, so that tests can give it other clients."""

    settings: Settings
    tools: Tools
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Runs what `event` asks for; gives the reports written, with their rows. Raises what goes wrong."""
        self.logger.set_correlation_id(context.aws_request_id)
        request = parse_request(event, self.tools.now())
        outcome = run(request, self.settings, self.tools, context.get_remaining_time_in_millis)
        rows = {each.report: each.rows for each in outcome.stored}
        self._publish(request, outcome)
        self.logger.info("Reported", run=request.at.isoformat(), rows=rows)
        return {"run": request.at.isoformat(), "rows": rows}

    def _publish(self, request: Request, outcome: Outcome) -> None:
        counts = {RUN_METRICS[request.kind]: 1}
        if outcome.attention is not None:
            counts["AttentionObjects"] = outcome.attention
        publish(self.metrics, counts)


@cache
def write_reports() -> WriteReports:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = Settings.from_environment(os.environ)
    tools = Tools(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        sns=boto3.client("sns", config=CLIENT_CONFIG),
        athena=lambda: pyathena.connect(
            work_group=settings.work_group,
            catalog_name=settings.data_catalog,
            schema_name=settings.database,
            region_name=settings.region,
        ),
        now=lambda: datetime.now(UTC),
        pause=time.sleep,
    )
    return WriteReports(settings, tools, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"reports": ..., "as_of": ...}` in, the rows of each report out."""
    return write_reports().handle(event, context)
