"""The AWS clients of the watch_jobs function, and the watcher made of them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lambdas.job_settings import JobSettings
from thaw.core.job_states import Wave
from thaw.core.jobs import Job
from thaw.core.watch_figures import JobCounters
from thaw.jobs.announcing import announcer
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.executions import Executions
from thaw.jobs.submitting import start_next_wave
from thaw.jobs.watching import Hands, Watcher
from thaw.store.errors import JobNotFoundError
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_possible_counters
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Clients:
    """The services that the watcher speaks to."""

    dynamodb: "DynamoDBClient"
    s3control: "S3ControlClient"
    stepfunctions: "SFNClient"
    sns: "SNSClient"
    events: "EventBridgeClient"
    functions: "LambdaClient"


def make_watcher(
    settings: JobSettings,
    clients: Clients,
    now: Callable[[], str],
    pause: Callable[[float], None] = time.sleep,
) -> Watcher:
    """The watcher of the stack that `settings` tell of. `pause(seconds)` waits between attempts."""
    states = JobStates(clients.dynamodb, settings.tables.jobs, pause)
    batch = BatchOperations(clients.s3control, settings.account_id, settings.batch_role_arn)

    def next_wave(job_id: str, uncopied_bytes: int) -> Wave | None:
        return start_next_wave(
            states,
            batch,
            job_id,
            uncopied_bytes,
            jobs_bucket=settings.jobs_bucket,
            rules=settings.rules,
            now=now,
        )

    return Watcher(
        states=states,
        batch=batch,
        executions=Executions(
            clients.stepfunctions,
            settings.create_job_machine_arn,
            settings.read_report_machine_arn,
            settings.transfer_vault_machine_arn,
        ),
        announcer=announcer(
            clients.dynamodb, settings.tables.jobs, clients.sns, settings.progress_topic_arn, clients.events
        ),
        hands=Hands(
            counters=partial(_counters, clients.dynamodb, settings.tables.rollups, pause),
            next_wave=next_wave,
            give_up=partial(_give_up, clients.functions, settings.start_job_function),
            vault=VaultStates(clients.dynamodb, settings.tables.jobs, pause).find,
        ),
        rules=settings.rules,
        now=now,
    )


def _counters(
    dynamodb: "DynamoDBClient", rollups_table: str, pause: Callable[[float], None], job_id: str
) -> tuple[Job, JobCounters] | None:
    try:
        return read_possible_counters(dynamodb, rollups_table, job_id, pause)
    except JobNotFoundError:
        return None


def _give_up(functions: "LambdaClient", function_name: str, job_id: str, reason: str) -> None:
    """Has start-job fail the job, which undoes what it can; the next look asks again if that takes longer."""
    error = {"Error": "WorkflowDied", "Cause": reason}
    functions.invoke(
        FunctionName=function_name,
        InvocationType="Event",
        Payload=json.dumps({"action": "fail", "job_id": job_id, "error": error}).encode(),
    )
