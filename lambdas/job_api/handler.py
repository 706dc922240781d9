"""The job_api function: answers the requests of API Gateway, and tells nobody what is inside.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.job_api.routes import Answer, Routes, error_answer
from lambdas.job_settings import JobSettings
from lambdas.metrics import publish
from thaw.core.job_request_errors import JobRefusedError
from thaw.jobs.stack import JobClients, JobStack, job_service
from thaw.store.error_codes import error_code
from thaw.store.errors import ContentionError

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=5
)

BUSY_CODES = frozenset(
    {
        "ExecutionLimitExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""What AWS services answer when the same request may succeed a little later."""

RETRY_AFTER_SECONDS = "5"


@dataclass(frozen=True)
class JobApi:
    """The function with all it needs, so that tests can give it other clients."""

    routes: Routes
    logger: Logger
    metrics: Metrics

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """The answer to one request. What goes wrong inside is logged, and answered with 500 or 503."""
        self.logger.set_correlation_id(context.aws_request_id)
        answer = self._answer(event, context.aws_request_id)
        publish(self.metrics, {f"Answers{answer.status // 100}xx": 1})
        self.logger.info(
            "Answered", method=event.get("httpMethod"), path=event.get("path"), status=answer.status
        )
        return _response(answer)

    def _answer(self, event: Mapping[str, Any], request_id: str) -> Answer:
        try:
            return self.routes.answer(event)
        except JobRefusedError as exc:
            return error_answer(exc.status, str(exc))
        except Exception as exc:
            self.logger.exception("Failed")
            if _is_busy(exc):
                return error_answer(503, "The stack is busy; ask again in a few seconds.")
            return error_answer(500, f"Something went wrong on our side; the log has it under {request_id}.")


def _is_busy(exc: Exception) -> bool:
    if isinstance(exc, ClientError):
        return error_code(exc) in BUSY_CODES
    return isinstance(exc, ContentionError)


def _response(answer: Answer) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if answer.location:
        headers["Location"] = answer.location
    if answer.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return {"statusCode": answer.status, "headers": headers, "body": json.dumps(answer.body)}


def job_stack(settings: JobSettings) -> JobStack:
    """What of the settings the service needs."""
    return JobStack(
        rules=settings.rules,
        account_id=settings.account_id,
        jobs_table=settings.tables.jobs,
        rollups_table=settings.tables.rollups,
        jobs_bucket=settings.jobs_bucket,
        create_job_machine_arn=settings.create_job_machine_arn,
        transfer_vault_machine_arn=settings.transfer_vault_machine_arn,
    )


@cache
def job_api() -> JobApi:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    clients = JobClients(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        s3control=boto3.client("s3control", config=CLIENT_CONFIG),
        stepfunctions=boto3.client("stepfunctions", config=CLIENT_CONFIG),
    )
    stack = job_stack(settings)
    service = job_service(stack, clients, now=lambda: datetime.now(UTC), pause=time.sleep)
    routes = Routes(service, settings.progress_topic_arn, stack.jobs_bucket)
    return JobApi(routes, Logger(), Metrics())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: a proxied request of API Gateway in, its answer out."""
    return job_api().handle(event, context)
