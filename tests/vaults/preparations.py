"""A vault whose transfer is prepared: Glacier over HTTP, S3 and DynamoDB of moto, the steps in order."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws

from analytics.price_file import load_prices
from benchmarks.tables import JOBS, create_tables
from local.glacier_server import GlacierServer
from local.launcher.glacier.archives import Archive
from local.launcher.glacier.times import compressed
from tests.fakes.athena import DATABASE, WORK_GROUP, FakeAthena
from thaw.copying.clients import Clients
from thaw.core import vault_files
from thaw.core.archives import PlannedArchive, vault_bucket
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.records import ObjectRecord
from thaw.core.times import to_iso
from thaw.core.vault_requests import VaultRequest
from thaw.jobs.estimating import Prices
from thaw.jobs.import_lines import records_of
from thaw.jobs.parts import import_part
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.vaults.athena_queries import AthenaQueries
from thaw.vaults.cloud_planning import CloudPlanning
from thaw.vaults.downloading import InventoryDownload
from thaw.vaults.inventories import Inventories
from thaw.vaults.landings import Landings
from thaw.vaults.plan_parts import PlanReader
from thaw.vaults.preparing import Planned, VaultPreparation
from thaw.vaults.validating import Validation

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

REGION = "us-east-1"
ACCOUNT = "123456789012"
VAULT = "photos"
LIVE = "live"
FILES = "files"
JOBS_BUCKET = "thaw-jobs"
JOB = "vault-photos-0a1b2c3d"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:thaw-vaults"
PREFIX = "in/"
RULES = JobRules(
    region=REGION,
    manifest_buckets=(FILES,),
    vaults=(VAULT,),
    copy_destinations=(Destination(LIVE, prefix=PREFIX),),
)
COPY = CopyRequest(storage_class="STANDARD", destination_bucket=LIVE, destination_prefix=PREFIX)
REQUEST = JobRequest(vault_bucket(VAULT), "Bulk", way=Way.VAULT, vault=VaultRequest(VAULT), copy=COPY)
RETRIEVAL_SECONDS = 4 * 3600.0
MEMORY_BYTES = 1_200_000_000


@dataclass
class Tokens:
    """The Step Functions that are told that somebody's wait is over."""

    done: list[str] = field(default_factory=list[str])

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - as boto3 calls it
        assert output == "{}"
        self.done.append(taskToken)


@dataclass
class World:
    """`seconds` is what each call has left; `rules` are the stack's."""

    server: GlacierServer
    rules: JobRules = RULES
    seconds: Callable[[], float] = lambda: 900.0
    tokens: Tokens = field(default_factory=Tokens)
    part_bytes: int = 2**20

    @cached_property
    def s3(self) -> "S3Client":
        return boto3.client("s3", REGION)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", REGION)

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb, JOBS)

    @property
    def vaults(self) -> VaultStates:
        return VaultStates(self.dynamodb, JOBS)

    @property
    def state(self) -> JobState:
        return self.states.read(JOB)

    def now(self) -> datetime:
        """The clock of Glacier."""
        return datetime.fromtimestamp(self.server.glacier.now, UTC)

    def begin(self) -> None:
        """Tables, buckets, and an empty vault."""
        create_tables(self.dynamodb)
        for bucket in (LIVE, JOBS_BUCKET, FILES):
            self.s3.create_bucket(Bucket=bucket)
        self.server.vault(VAULT, REGION)

    def add(self, description: str, body: bytes = b"x", created: float = 0) -> Archive:
        """An archive in the vault."""
        return self.server.vault(VAULT, REGION).add(body, description, created)

    def ask(self, request: JobRequest = REQUEST, **vault: Any) -> None:
        """The job as the service makes it; `vault` changes what is asked of the vault."""
        asked = replace(request, vault=replace(cast("VaultRequest", request.vault), **vault))
        self.states.create(JobState(JOB, asked, JobStatus.PREPARING, to_iso(self.now())))

    def again(self, *, replan: bool, **vault: Any) -> None:
        """The next run of the job after its end."""

        def change(state: JobState) -> JobState:
            asked = replace(cast("VaultRequest", state.request.vault), replan=replan, **vault)
            return replace(
                state,
                request=replace(state.request, vault=asked, dry_run=False),
                status=JobStatus.PREPARING,
                run=state.run + 1,
                continues=True,
            )

        self.states.update(JOB, change)

    @cached_property
    def athena(self) -> FakeAthena:
        """An Athena over what the buckets hold."""
        return FakeAthena(boto3.client("s3", REGION))

    @property
    def queries(self) -> AthenaQueries:
        return AthenaQueries(
            cast("AthenaClient", self.athena), cast("GlueClient", self.athena.glue), WORK_GROUP, DATABASE
        )

    @property
    def preparation(self) -> VaultPreparation:
        prices, glacier = load_prices(), self.server.client(REGION)
        landings = Landings(Clients(lambda region: boto3.client("s3", region or REGION)), self.rules, ACCOUNT)
        return VaultPreparation(
            states=self.states,
            vaults=self.vaults,
            validation=Validation(glacier, self.s3, landings, self.rules, JOBS_BUCKET),
            inventories=Inventories(glacier, cast("SFNClient", self.tokens), self.vaults, TOPIC, self.now),
            download=InventoryDownload(glacier, self.s3, JOBS_BUCKET, self.part_bytes),
            planning=CloudPlanning(
                self.s3,
                landings,
                JOBS_BUCKET,
                self.rules,
                Prices(prices.date, prices.regions),
                MEMORY_BYTES,
                self.queries,
            ),
            now=self.now,
        )

    def prepare(self) -> Planned:
        """All steps as the state machine takes them; time passes while the inventory is awaited."""
        steps = self.preparation
        checked = steps.validate(JOB)
        if checked.refused:
            return checked
        while not steps.inventory(JOB):
            steps.wait(JOB, "token")
            self.server.advance(RETRIEVAL_SECONDS)
        while not steps.go_on_downloading(JOB, self.seconds):
            pass
        while not (planned := steps.plan(JOB, self.seconds)).done:
            pass
        return planned

    def planned(self) -> list[PlannedArchive]:
        """The rows of all parts of the plan."""
        plan = self.vaults.read(JOB).plan
        reader = PlanReader(self.s3, JOBS_BUCKET)
        return [row for number in range(plan.parts if plan else 0) for row in reader.part(JOB, number)]

    def records(self, parts: int) -> list[ObjectRecord]:
        """What is loaded into the tables."""
        keys = (import_part(JOB, number) for number in range(parts))
        return [record for key in keys for record in records_of(self.read(key))]

    def table(self, key: str) -> list[dict[str, str]]:
        """The rows of a gzip CSV in the jobs bucket."""
        text = gzip.decompress(self.read(key)).decode()
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))

    def preview(self) -> dict[str, Any]:
        return json.loads(self.read(vault_files.preview_file(JOB)))

    def read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=JOBS_BUCKET, Key=key)["Body"].read()

    def keys(self, prefix: str = "") -> list[str]:
        """What the jobs bucket holds."""
        listed = self.s3.list_objects_v2(Bucket=JOBS_BUCKET, Prefix=prefix).get("Contents", ())
        return [each.get("Key", "") for each in listed]


@contextmanager
def world() -> Generator[World]:
    """A world with an empty vault."""
    with mock_aws(), GlacierServer(times=compressed(RETRIEVAL_SECONDS)) as server:
        made = World(server)
        made.begin()
        yield made
