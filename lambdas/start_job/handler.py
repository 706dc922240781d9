"""The start_job function: the steps of a job's workflow between its preparation and its restores.

Each step can be repeated; what it needs is in the jobs table and the jobs bucket.
"""

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.job_settings import JobSettings
from lambdas.start_job.steps import Clients, Steps
from lambdas.tools import CLIENT_CONFIG, UnknownActionError, now_iso, seconds_left


@dataclass(frozen=True)
class StartJob:
    """The function with all it needs, so that tests can give it other clients."""

    steps: Steps
    logger: Logger

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Carries out the step that `event` names as `action`, and says what comes next."""
        self.logger.set_correlation_id(context.aws_request_id)
        answer = self._act(event, seconds_left(context))
        self.logger.info("Done", action=event["action"], answer=answer)
        return answer

    def _act(self, event: Mapping[str, Any], remaining: Callable[[], float]) -> dict[str, Any]:
        steps = self.steps
        of_a_job = {
            "open": steps.open,
            "register": steps.register,
            "submit": steps.submit,
            "requested": steps.requested,
            "begin_vault": steps.begin_vault,
        }
        match event["action"]:
            case "accept":
                return steps.accept(event["input"], event.get("execution", ""))
            case "accept_vault":
                return steps.accept_vault(event["input"], event.get("execution", ""))
            case "fail":
                return steps.fail(event["job_id"], event["error"], remaining)
            case action if action in of_a_job:
                return of_a_job[action](event["job_id"])
            case action:
                known = ", ".join(of_a_job)
                raise UnknownActionError(
                    f"Action {action!r} does not exist; give accept, accept_vault, {known} or fail."
                )


@cache
def start_job() -> StartJob:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = JobSettings.from_environment(os.environ)
    clients = Clients(
        dynamodb=boto3.client("dynamodb", config=CLIENT_CONFIG),
        s3=boto3.client("s3", config=CLIENT_CONFIG),
        s3control=boto3.client("s3control", config=CLIENT_CONFIG),
        sqs=boto3.client("sqs", config=CLIENT_CONFIG),
        sns=boto3.client("sns", config=CLIENT_CONFIG),
        events=boto3.client("events", config=CLIENT_CONFIG),
    )
    steps = Steps(
        settings,
        clients,
        now=now_iso,
        slot=partial(random.randrange, settings.rollup_slots),
        pause=time.sleep,
    )
    return StartJob(steps, Logger())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"action", "job_id", ...}` in, what the state machine goes on with out."""
    return start_job().handle(event, context)
