"""What the functions that transfer archives are made of, over the clients of the execution environment."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lambdas.copying import CLIENT_CONFIG
from lambdas.tools import now_iso, record_writer
from lambdas.vault_settings import VaultSettings
from thaw.copying.clients import COPY_CONFIG
from thaw.copying.clients import Clients as S3Clients
from thaw.store.job_states import JobStates
from thaw.store.reader import RecordReader
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.vaults.archives import Archives
from thaw.vaults.judging import Judge
from thaw.vaults.landings import Landings
from thaw.vaults.orphans import makers
from thaw.vaults.plan_parts import PlanReader
from thaw.vaults.recording import Recorder
from thaw.vaults.tasks import Jobs, Tasks
from thaw.vaults.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

GLACIER_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=16,
)

ARCHIVES_CONFIG = COPY_CONFIG.merge(Config(s3={"payload_signing_enabled": False}))
"""Every request that sends bytes has their SHA-256, which S3 compares: signing them would compute it once
more, of every byte. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""


@dataclass(frozen=True)
class Clients:
    """The services that transfers speak to; `s3` by Region."""

    dynamodb: "DynamoDBClient"
    glacier: "GlacierClient"
    s3: S3Clients
    stepfunctions: "Callable[[], SFNClient]"
    sqs: "Callable[[], SQSClient]"


@dataclass(frozen=True)
class Made:
    """What finds archives, transfers them and records them."""

    tasks: Tasks
    judge: Judge
    archives: Archives
    recorder: Recorder
    vaults: VaultStates


def make(
    settings: VaultSettings,
    clients: Clients,
    now: Callable[[], str] = now_iso,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Made:
    """The parts of the functions of the stack that `settings` tell of."""
    jobs, dynamodb = settings.jobs, clients.dynamodb
    tables = jobs.tables
    vaults = VaultStates(dynamodb, tables.jobs, pause)
    made_by = makers(jobs.account_id, jobs.name_prefix)
    uploads = Uploads(VaultUploads(dynamodb, tables.jobs), now, made_by)
    writer = record_writer(dynamodb, tables.objects, tables.rollups, jobs.rollup_slots, pause)
    return Made(
        Tasks(
            Jobs(JobStates(dynamodb, tables.jobs, pause), clock),
            PlanReader(clients.s3(""), jobs.jobs_bucket, clock),
            RecordReader(dynamodb, tables.objects, pause),
        ),
        Judge(clients.glacier, VaultAgains(dynamodb, tables.jobs)),
        Archives(clients.glacier, Landings(clients.s3, jobs.rules, jobs.account_id), uploads, now),
        Recorder(writer, vaults, uploads),
        vaults,
    )


def real_clients() -> Clients:
    """Clients of the execution environment; one for other Regions when an archive goes there."""
    return Clients(
        boto3.client("dynamodb", config=CLIENT_CONFIG),
        boto3.client("glacier", config=GLACIER_CONFIG),
        S3Clients(archives_client),
        cache(lambda: boto3.client("stepfunctions", config=CLIENT_CONFIG)),
        cache(lambda: boto3.client("sqs", config=CLIENT_CONFIG)),
    )


def archives_client(region: str) -> "S3Client":
    """A client of the Region, "" being the function's own, that sends archives."""
    return boto3.client("s3", region_name=region or None, config=ARCHIVES_CONFIG)
