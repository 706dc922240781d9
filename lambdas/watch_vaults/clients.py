"""The AWS clients of the watch_vaults function, and the watcher made of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lambdas.tools import record_writer
from lambdas.vault_settings import VaultSettings
from thaw.copying.clients import Clients as S3Clients
from thaw.core.jobs import Job
from thaw.core.watch_figures import JobCounters
from thaw.jobs.pacing import Pacer
from thaw.store.errors import JobNotFoundError
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_possible_counters
from thaw.store.reader import RecordReader
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_budget import VaultBudget
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.vaults.asking import Asker
from thaw.vaults.chunk_asking import ChunkAsker
from thaw.vaults.closing import Closer
from thaw.vaults.findings import Finder
from thaw.vaults.landings import Landings
from thaw.vaults.looking_up import LookUp
from thaw.vaults.news import ArchiveRecords
from thaw.vaults.orphans import makers
from thaw.vaults.plan_parts import PlanReader
from thaw.vaults.requesting import Requester
from thaw.vaults.sweeping import SweepClients, Sweeper
from thaw.vaults.uploads import Uploads
from thaw.vaults.walking import Walk
from thaw.vaults.watching import Hands, VaultWatcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

THREADS = 16
"""Requests at a time: Glacier answers one in some 200 ms, so that this many keep up with 50 a second."""


@dataclass(frozen=True)
class Clients:
    """The services that the watcher speaks to. `asking` must not retry by itself; `regional(region)` makes
    clients of S3."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    regional: "Callable[[str], S3Client]"
    glacier: "GlacierClient"
    asking: "GlacierClient"
    sqs: "SQSClient"
    stepfunctions: "SFNClient"


@dataclass(frozen=True)
class _Stores:
    """What the tables hold."""

    states: JobStates
    vaults: VaultStates
    agains: VaultAgains
    records: ArchiveRecords
    plans: PlanReader


def make_watcher(
    settings: VaultSettings,
    clients: Clients,
    now: Callable[[], str],
    pause: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> VaultWatcher:
    """The watcher of the stack that `settings` tell of. `pause(seconds)` waits; `monotonic()` is a clock in
    seconds."""
    jobs = settings.jobs
    stores = _stores(settings, clients, pause)
    landings = Landings(S3Clients(clients.regional), jobs.rules, jobs.account_id)
    pacer = Pacer(jobs.rules.vault_requests_per_second, monotonic, pause)
    asker = Asker(clients.asking, settings.topic_arn, pacer, THREADS, now, pause)
    chunks = ChunkAsker(stores.agains, stores.records, asker, LookUp(landings, now), now)
    walk = Walk(stores.plans, stores.agains)
    sweeps = SweepClients(clients.glacier, clients.s3, clients.sqs, jobs.jobs_bucket, settings.queue_url)
    finder = Finder(stores.plans, stores.records, stores.agains, now)
    hands = Hands(
        requester=Requester(stores.states, stores.vaults, stores.agains, walk, stores.records, chunks, now),
        sweeper=Sweeper(sweeps, stores.vaults, finder, jobs.rules, now),
        closer=Closer(
            states=stores.states,
            vaults=stores.vaults,
            uploads=Uploads(
                VaultUploads(clients.dynamodb, jobs.tables.jobs),
                now,
                makers(jobs.account_id, jobs.name_prefix),
            ),
            landings=landings,
            machines=clients.stepfunctions,
            machine_arn=settings.finish_vault_machine_arn,
            now=now,
        ),
        counters=partial(_counters, clients.dynamodb, jobs.tables.rollups, pause),
    )
    budget = VaultBudget(clients.dynamodb, jobs.tables.jobs)
    return VaultWatcher(stores.states, stores.vaults, stores.agains, budget, hands, jobs.rules, now)


def _stores(settings: VaultSettings, clients: Clients, pause: Callable[[float], None]) -> _Stores:
    dynamodb, tables = clients.dynamodb, settings.jobs.tables
    writer = record_writer(dynamodb, tables.objects, tables.rollups, settings.jobs.rollup_slots, pause)
    return _Stores(
        states=JobStates(dynamodb, tables.jobs, pause),
        vaults=VaultStates(dynamodb, tables.jobs, pause),
        agains=VaultAgains(dynamodb, tables.jobs),
        records=ArchiveRecords(RecordReader(dynamodb, tables.objects, pause), writer),
        plans=PlanReader(clients.s3, settings.jobs.jobs_bucket),
    )


def _counters(
    dynamodb: "DynamoDBClient", rollups_table: str, pause: Callable[[float], None], job_id: str
) -> tuple[Job, JobCounters] | None:
    try:
        return read_possible_counters(dynamodb, rollups_table, job_id, pause)
    except JobNotFoundError:
        return None
