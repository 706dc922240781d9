"""The finish_vault function: the manifest of a vault transfer, part by part, and then its end.

Step Functions calls it for every part of the plan, and again when a call failed: a part is written anew.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.job_settings import JobSettings
from lambdas.tools import CLIENT_CONFIG, UnknownActionError, now_iso
from lambdas.vault_settings import VaultSettings
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.vaults.finishing import Finisher
from thaw.vaults.plan_parts import PlanReader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class FinishVault:
    """The function with all it needs, so that tests can give it other clients."""

    finisher: Finisher
    logger: Logger

    def handle(self, event: Mapping[str, str], context: LambdaContext) -> dict[str, Any]:
        """Carries out the `action` on the transfer `job_id`, and says what it came to."""
        self.logger.set_correlation_id(context.aws_request_id)
        job_id = event["job_id"]
        match event["action"]:
            case "part":
                counts = self.finisher.write_part(job_id, event["key"])
                answer = {"key": event["key"], **({} if counts is None else asdict(counts))}
            case "close":
                answer = self.finisher.close(job_id)
            case action:
                raise UnknownActionError(f"Action {action!r} does not exist; give part or close.")
        self.logger.info("Done", action=event["action"], answer=answer)
        return {**answer, "job_id": job_id}


def finisher(settings: JobSettings, dynamodb: "DynamoDBClient", s3: "S3Client") -> Finisher:
    """What finishes transfers over these clients."""
    tables = settings.tables
    return Finisher(
        dynamodb=dynamodb,
        objects_table=tables.objects,
        states=JobStates(dynamodb, tables.jobs),
        vaults=VaultStates(dynamodb, tables.jobs),
        uploads=VaultUploads(dynamodb, tables.jobs),
        plans=PlanReader(s3, settings.jobs_bucket),
        s3=s3,
        jobs_bucket=settings.jobs_bucket,
        pause=time.sleep,
        now=now_iso,
    )


@cache
def finish_vault() -> FinishVault:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    settings = VaultSettings.from_environment(os.environ)
    dynamodb = boto3.client("dynamodb", config=CLIENT_CONFIG)
    return FinishVault(finisher(settings.jobs, dynamodb, boto3.client("s3", config=CLIENT_CONFIG)), Logger())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"action": "part" | "close", "job_id", "key"}` in, what it came to out."""
    return finish_vault().handle(event, context)
