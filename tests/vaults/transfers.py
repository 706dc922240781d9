"""A job whose archives are retrieved: its plan, records and tables, Glacier over HTTP, and S3 of moto."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws

from benchmarks.tables import create_tables
from local.glacier_server import GlacierServer
from local.launcher.glacier.archives import Archive
from local.launcher.glacier.times import compressed
from tests.fakes.machines import FakeMachines
from tests.vaults.moto_mends import mended
from thaw.copying.clients import Clients as S3Clients
from thaw.copying.tasks import Delivery
from thaw.core.archives import VAULT_CLASS, PlannedArchive, Pointer, archive_object_id, vault_bucket
from thaw.core.history import History, Status
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import to_iso
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_states import VaultState
from thaw.store.items import described, to_record
from thaw.store.job_states import JobStates
from thaw.store.reader import RecordReader
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.store.writer import RecordWriter
from thaw.vaults.archives import Archives
from thaw.vaults.handing_over import HandingOver
from thaw.vaults.judging import Judge
from thaw.vaults.landings import Landings
from thaw.vaults.large import LargeTransfer
from thaw.vaults.orphans import makers
from thaw.vaults.outcomes import Outcome
from thaw.vaults.plan_parts import PlanReader, write_part
from thaw.vaults.recording import Recorder
from thaw.vaults.tasks import Jobs, Tasks
from thaw.vaults.transferring import Transferrer
from thaw.vaults.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
ACCOUNT = "123456789012"
VAULT = "photos"
LIVE = "live"
JOBS_BUCKET = "thaw-jobs"
JOB = "vault-photos-0a1b2c3d"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:thaw-vaults"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:thaw-transfer-large"
MAX_RECEIVES = 5
MIB = 2**20
RULES = JobRules(region=REGION, vaults=(VAULT,), copy_destinations=(Destination(LIVE, prefix="in/"),))
COPY = CopyRequest(storage_class="STANDARD", destination_bucket=LIVE, destination_prefix="in/")
REQUEST = JobRequest(vault_bucket(VAULT), "Bulk", way=Way.VAULT, vault=VaultRequest(VAULT), copy=COPY)


def content(size: int, seed: int = 1) -> bytes:
    """Bytes of which no two MiB are alike, the same for the same seed."""
    block = (seed * 0x9E3779B97F4A7C15).to_bytes(16, "big")
    mibs = [number.to_bytes(4, "big") + block for number in range(-(-size // MIB))]
    return b"".join(mib.ljust(MIB, b"\x5a") for mib in mibs)[:size]


@dataclass
class World:
    """One job of one vault, whose plan is made by `plan`. `seconds` is what functions have left,
    `resent` the messages that are sent anew."""

    server: GlacierServer
    rules: JobRules = RULES
    seconds: float = 900.0
    machines: FakeMachines = field(default_factory=FakeMachines)
    planned: list[PlannedArchive] = field(default_factory=list[PlannedArchive])
    resent: list[str] = field(default_factory=list[str])

    @cached_property
    def s3(self) -> "S3Client":
        return boto3.client("s3", REGION)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", REGION)

    @cached_property
    def glacier(self) -> "GlacierClient":
        return self.server.client(REGION)

    def now(self) -> str:
        """The clock of Glacier."""
        return to_iso(datetime.fromtimestamp(self.server.glacier.now, UTC))

    def begin(self) -> None:
        """Tables, buckets, and the job as it is when its archives are requested."""
        create_tables(self.dynamodb)
        for bucket in (LIVE, JOBS_BUCKET):
            self.s3.create_bucket(Bucket=bucket)
        self.server.vault(VAULT, REGION)
        state = JobState(JOB, REQUEST, JobStatus.RESTORING, self.now(), started_at=self.now())
        self.states.create(state)
        self.vaults.create(VaultState(JOB))

    def add(self, body: bytes, key: str = "", description: str = "") -> Archive:
        """An archive in the vault, and in the plan."""
        archive = self.server.vault(VAULT, REGION).add(body, description)
        self.plan(
            PlannedArchive(
                archive.archive_id,
                key or f"in/{len(self.planned)}",
                archive.size_bytes,
                to_iso(datetime.fromtimestamp(archive.created, UTC)),
                archive.sha256_tree_hash,
                description,
            )
        )
        return archive

    def plan(self, archive: PlannedArchive) -> None:
        """One more row, with its record."""
        self.planned.append(archive)
        write_part(self.s3, JOBS_BUCKET, JOB, 0, self.planned)
        entry = ManifestEntry(
            JOB, vault_bucket(VAULT), archive.archive_id, archive.size_bytes, VAULT_CLASS, "Bulk"
        )
        record = ObjectRecord(archive_object_id(VAULT, archive.archive_id), entry, History(), 0)
        self.dynamodb.put_item(TableName="objects", Item=described(record))

    def replan(self, line: int, **changes: Any) -> PlannedArchive:
        """The row of the plan changed by hand."""
        self.planned[line] = self.planned[line]._replace(**changes)
        write_part(self.s3, JOBS_BUCKET, JOB, 0, self.planned)
        return self.planned[line]

    def pointer(self, line: int) -> Pointer:
        return Pointer(JOB, 0, line)

    def retrieve(self, line: int, **changes: Any) -> dict[str, Any]:
        """Asks for the archive of a row; the document of the retrieval job when it has ended."""
        answer = self.glacier.initiate_job(
            vaultName=VAULT,
            jobParameters={
                "Type": "archive-retrieval",
                "ArchiveId": self.planned[line].archive_id,
                "Tier": "Bulk",
                "SNSTopic": TOPIC,
                "Description": self.pointer(line).text,
            },
        )
        self.server.advance(1)
        described = self.glacier.describe_job(vaultName=VAULT, jobId=answer["jobId"])
        document = {name: value for name, value in described.items() if name != "ResponseMetadata"}
        return {**document, **changes}

    def deliver(self, *documents: Mapping[str, Any] | str, receives: int = 1) -> list[Outcome]:
        """A batch of the queue; what became of each message."""
        bodies = [each if isinstance(each, str) else json.dumps(each) for each in documents]
        batch = [Delivery(f"m{number}", body, receives) for number, body in enumerate(bodies)]
        outcomes = self.transferrer().transfer(batch, lambda: self.seconds).outcomes
        return [outcomes[one.message_id] for one in batch]

    def transferrer(self) -> Transferrer:
        """The function, as an execution environment makes it."""
        handing_over = HandingOver(lambda: self.machines.client, MACHINE)
        return Transferrer(
            self.tasks,
            self.judge,
            self.archives,
            self.recorder,
            handing_over,
            MAX_RECEIVES,
            self.resent.append,
        )

    def large(self) -> LargeTransfer:
        """The steps of transfer-large."""
        return LargeTransfer(self.tasks, self.judge, self.archives, self.recorder, lambda: self.seconds)

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb, "jobs", no_pause)

    @property
    def vaults(self) -> VaultStates:
        return VaultStates(self.dynamodb, "jobs", no_pause)

    @property
    def agains(self) -> VaultAgains:
        return VaultAgains(self.dynamodb, "jobs")

    @property
    def uploads(self) -> Uploads:
        return Uploads(VaultUploads(self.dynamodb, "jobs"), self.now, makers(ACCOUNT, "thaw"))

    @property
    def tasks(self) -> Tasks:
        reader = RecordReader(self.dynamodb, "objects", no_pause)
        return Tasks(Jobs(self.states), PlanReader(self.s3, JOBS_BUCKET), reader)

    @property
    def judge(self) -> Judge:
        return Judge(self.glacier, self.agains)

    @property
    def archives(self) -> Archives:
        landings = Landings(S3Clients(lambda _: self.s3), self.rules, ACCOUNT)
        return Archives(self.glacier, landings, self.uploads, self.now)

    @property
    def recorder(self) -> Recorder:
        writer = RecordWriter(self.dynamodb, "objects", "rollups", slot=lambda: 0, pause=no_pause)
        return Recorder(writer, self.vaults, self.uploads)

    def record(self, line: int) -> ObjectRecord:
        return to_record(self.item(line))

    def status(self, line: int) -> Status:
        return self.record(line).status

    def item(self, line: int) -> dict[str, Any]:
        """The record as it is stored."""
        object_path, version_id = archive_object_id(VAULT, self.planned[line].archive_id)
        key = {"object_path": {"S": object_path}, "version_id": {"S": version_id}}
        answer = self.dynamodb.get_item(TableName="objects", Key=cast("Any", key))
        return cast("dict[str, Any]", answer.get("Item", {}))

    def attribute(self, line: int, name: str) -> str:
        return self.item(line).get(name, {}).get("S", "")

    def object(self, key: str) -> bytes | None:
        """What is at the key."""
        try:
            return self.s3.get_object(Bucket=LIVE, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None

    def open_uploads(self) -> list[str]:
        """The ids of all multipart uploads that are open."""
        answer = self.s3.list_multipart_uploads(Bucket=LIVE)
        return [upload.get("UploadId", "") for upload in answer.get("Uploads", [])]

    def calls(self) -> "Calls":
        """What is asked of S3 and DynamoDB from now on."""
        return Calls(self.s3, self.dynamodb)


class Calls:
    """The calls that clients make, by `service.Operation`, in their order; `fail` makes them fail."""

    def __init__(self, *clients: Any) -> None:
        self.made: list[str] = []
        self._before: dict[str, Callable[[], object]] = {}
        self._after: dict[str, Callable[[], object]] = {}
        for client in clients:
            client.meta.events.register("before-call", self._called)
            client.meta.events.register("after-call", self._answered)

    def before(self, name: str, act: Callable[[], object]) -> None:
        """Does this before each call of `name`."""
        self._before[name] = act

    def after(self, name: str, act: Callable[[], object]) -> None:
        """Does this when a call of `name` took effect."""
        self._after[name] = act

    def count(self, name: str) -> int:
        return self.made.count(name)

    def _called(self, model: Any, **_: Any) -> None:
        name = f"{model.service_model.service_name}.{model.name}"
        self.made.append(name)
        self._before.get(name, _nothing)()

    def _answered(self, model: Any, **_: Any) -> None:
        self._after.get(f"{model.service_model.service_name}.{model.name}", _nothing)()


def _nothing() -> None:
    return None


def no_pause(_seconds: float) -> None:
    """Nobody waits in a test."""


@contextmanager
def world() -> Generator[World]:
    """A world that begins."""
    with mock_aws(), GlacierServer(times=compressed(0)) as server:
        made = World(server)
        with mended(made.now):
            made.begin()
            yield made


def reasons(outcomes: Sequence[Outcome]) -> list[str]:
    """The kinds of outcomes, by their names."""
    return [type(outcome).__name__ for outcome in outcomes]
