"""What the functions that copy are made of, over the clients of the execution environment."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lambdas.copy_settings import CopySettings
from thaw.copying.clients import COPY_CONFIG, Clients
from thaw.copying.preparing import Preparer
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Tasks
from thaw.core.times import to_iso
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


def parts(settings: CopySettings) -> Parts:
    """Over real clients, made here; those of other Regions when a copy goes there."""
    dynamodb = boto3.client("dynamodb", config=CLIENT_CONFIG)
    reader = RecordReader(dynamodb, settings.objects_table, time.sleep)
    writer = RecordWriter(
        dynamodb,
        settings.objects_table,
        settings.rollups_table,
        slot=partial(random.randrange, settings.rollup_slots),
        pause=time.sleep,
    )
    clients = Clients(s3_client)
    return Parts(
        dynamodb,
        writer,
        Tasks(JobStates(dynamodb, settings.jobs_table), reader),
        Preparer(clients, settings.rules, settings.account_id, now_iso),
        Recorder(writer, clients, settings.rules),
    )


def s3_client(region: str) -> "S3Client":
    """A client of the Region, "" being the function's own."""
    return boto3.client("s3", region_name=region or None, config=COPY_CONFIG)


def now_iso() -> str:
    """The UTC clock."""
    return to_iso(datetime.now(UTC))
