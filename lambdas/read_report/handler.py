"""The read_report function: a completion report of S3 Batch Operations, opened, read part by part, closed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.job_settings import JobSettings
from lambdas.tools import CLIENT_CONFIG, UnknownActionError, record_writer, seconds_left
from thaw.core import job_files
from thaw.core.batch_report import ReportPart
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.reports import ReportReader
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient

MAX_LISTED = 200
"""Parts that the answer itself lists: a state holds 256 KB.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


@dataclass(frozen=True)
class ReadReport:
    """The function with all it needs, so that tests can give it other clients."""

    reader: ReportReader
    logger: Logger

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Carries out the `action` on the report of the `wave` of the job `job_id`."""
        self.logger.set_correlation_id(context.aws_request_id)
        match event["action"]:
            case "open":
                answer = self._open(event)
            case "part":
                answer = self._read(event, context)
            case "close":
                answer = self._close(event)
            case action:
                raise UnknownActionError(f"Action {action!r} does not exist; give open, part or close.")
        self.logger.info("Done", action=event["action"], answer=answer)
        return answer

    def _open(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The parts, or, of very many, the key of their list in the jobs bucket."""
        job_id, wave = event["job_id"], event["wave"]
        parts = [part._asdict() for part in self.reader.open(job_id, wave)]
        if len(parts) <= MAX_LISTED:
            return {"job_id": job_id, "wave": wave, "parts": parts}
        key = job_files.report_parts_file(job_id, wave)
        self.reader.s3.put_object(Bucket=self.reader.jobs_bucket, Key=key, Body=json.dumps(parts).encode())
        return {"job_id": job_id, "wave": wave, "parts_key": key}

    def _read(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        part = ReportPart(event["bucket"], event["key"], event["md5"])
        progress = self.reader.read(
            event["job_id"],
            event["wave"],
            part,
            event.get("start", 0),
            seconds_left(context),
        )
        return {**event, **progress._asdict()}

    def _close(self, event: Mapping[str, Any]) -> dict[str, Any]:
        job_id, number = event["job_id"], event["wave"]
        wave = self.reader.close(job_id, number)
        if wave.problem:
            self.logger.warning("The report does not add up", job_id=job_id, problem=wave.problem)
        return {"job_id": job_id, "wave": number, "failed_tasks": wave.failed_tasks, "problem": wave.problem}


def reader(
    settings: JobSettings, dynamodb: "DynamoDBClient", s3: "S3Client", s3control: "S3ControlClient"
) -> ReportReader:
    """What reads reports over these clients."""
    tables = settings.tables
    return ReportReader(
        states=JobStates(dynamodb, tables.jobs),
        s3=s3,
        jobs_bucket=settings.jobs_bucket,
        writer=record_writer(dynamodb, tables.objects, tables.rollups, settings.rollup_slots),
        batch=BatchOperations(s3control, settings.account_id, settings.batch_role_arn),
    )


@cache
def read_report() -> ReadReport:
    """The function as deployed: clients and settings of the execution environment, made on first use."""
    parts = reader(
        JobSettings.from_environment(os.environ),
        boto3.client("dynamodb", config=CLIENT_CONFIG),
        boto3.client("s3", config=CLIENT_CONFIG),
        boto3.client("s3control", config=CLIENT_CONFIG),
    )
    return ReadReport(parts, Logger())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point: `{"action": "open" | "part" | "close", "job_id", "wave", ...}` in, what comes next out."""
    return read_report().handle(event, context)
