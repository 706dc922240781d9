"""What the functions that copy are made of, over the clients of the execution environment."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lambdas.job_settings import JobSettings
from lambdas.tools import now_iso, record_writer
from thaw.copying.clients import COPY_CONFIG, Clients
from thaw.copying.preparing import Preparer
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Tasks
from thaw.store.job_states import JobStates
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=10
)
"""Of the tables, queues and state machines."""


@dataclass(frozen=True)
class Parts:
    """What finds tasks, prepares copies and records them; the client and writer that they share."""

    dynamodb: "DynamoDBClient"
    writer: RecordWriter
    tasks: Tasks
    preparer: Preparer
    recorder: Recorder


def parts(settings: JobSettings) -> Parts:
    """Over real clients, made here; those of other Regions when a copy goes there."""
    dynamodb = boto3.client("dynamodb", config=CLIENT_CONFIG)
    tables = settings.tables
    reader = RecordReader(dynamodb, tables.objects, time.sleep)
    writer = record_writer(dynamodb, tables.objects, tables.rollups, settings.rollup_slots)
    clients = Clients(s3_client)
    return Parts(
        dynamodb,
        writer,
        Tasks(JobStates(dynamodb, tables.jobs), reader),
        Preparer(clients, settings.rules, settings.account_id, now_iso),
        Recorder(writer, clients, settings.rules),
    )


def s3_client(region: str) -> "S3Client":
    """A client of the Region, "" being the function's own."""
    return boto3.client("s3", region_name=region or None, config=COPY_CONFIG)
