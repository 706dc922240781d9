"""The job service of a deployed stack, made of its names and of clients."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.jobs.batch_operations import BatchOperations, cancel_open_waves
from thaw.jobs.service import JobService
from thaw.jobs.service_types import Tools
from thaw.jobs.starting import JobStarter
from thaw.store.job_states import JobStates
from thaw.store.jobs import find_progress
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class JobStack:
    """What of a stack's outputs the service needs."""

    rules: JobRules
    account_id: str
    jobs_table: str
    rollups_table: str
    jobs_bucket: str
    create_job_machine_arn: str
    transfer_vault_machine_arn: str = ""
    """Only of a stack that transfers vaults."""


@dataclass(frozen=True)
class JobClients:
    """The AWS clients that the service works with."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    s3control: "S3ControlClient"
    stepfunctions: "SFNClient"


def job_service(
    stack: JobStack, clients: JobClients, now: Callable[[], datetime], pause: Callable[[float], None]
) -> JobService:
    """The service of `stack`. `pause(seconds)` waits."""
    states = JobStates(clients.dynamodb, stack.jobs_table, pause)
    starter = JobStarter(
        states, clients.stepfunctions, stack.create_job_machine_arn, pause, stack.transfer_vault_machine_arn
    )
    batch = BatchOperations(clients.s3control, stack.account_id, role_arn="")  # it cancels, and creates none
    tools = Tools(
        progress=lambda job_id: find_progress(clients.dynamodb, stack.rollups_table, job_id, pause),
        cancel_waves=partial(_cancel_waves, batch),
        vaults=VaultStates(clients.dynamodb, stack.jobs_table, pause),
        now=now,
        token=partial(secrets.token_hex, 3),
    )
    return JobService(states, starter, clients.s3, stack.rules, stack.jobs_bucket, tools)


def _cancel_waves(batch: BatchOperations, state: JobState) -> None:
    cancel_open_waves(batch, state, f"Job {state.job_id} was cancelled by its owner.")
