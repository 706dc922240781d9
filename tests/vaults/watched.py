"""Vault transfers under their watcher: the deployed wiring over tables and S3 of moto, and a Glacier that
answers what a test says."""

import json
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from benchmarks.tables import create_tables
from lambdas.vault_settings import VaultSettings
from lambdas.watch_vaults.clients import Clients, make_watcher
from tests.core.vault_watched import VAULT, transfer, vault_state
from tests.core.watched import START
from tests.fakes.job_s3 import validate
from tests.jobs.watched import Machines
from tests.lambdas.job_functions import ENVIRONMENT
from thaw.core.archives import VAULT_CLASS, PlannedArchive, Pointer, archive_object_id, vault_bucket
from thaw.core.history import History, Status
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState
from thaw.core.jobs import Job, Totals
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.targets import Target
from thaw.core.times import from_millis, to_millis
from thaw.core.vault_states import Plan, VaultState
from thaw.store.items import described, to_record
from thaw.store.job_states import JobStates
from thaw.store.jobs import register_job
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_budget import VaultBudget
from thaw.store.vault_states import VaultStates
from thaw.store.vault_uploads import VaultUploads
from thaw.store.writer import RecordWriter
from thaw.vaults.looks import Watched
from thaw.vaults.plan_parts import write_part
from thaw.vaults.watching import VaultWatcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

REGION = "eu-north-1"
JOBS_BUCKET, LIVE = "job-files", "live"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:thaw-vaults"
FINISH = f"arn:aws:states:{REGION}:123456789012:stateMachine:thaw-finish-vault"
RULES = JobRules(REGION, vaults=(VAULT,), copy_destinations=(Destination(LIVE),))
HASH = "0" * 64


def glacier_error(code: str, message: str = "as the test says", status: int = 400) -> ClientError:
    """As Glacier answers."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "InitiateJob")


TIMEOUT = ReadTimeoutError(endpoint_url="https://glacier")


class FakeGlacier:
    """`asked` are archive ids in their order; `errors` come first, by archive id or "*" for any; `jobs` are
    what ListJobs shows, `page_size` at a time: retrievals never end by themselves."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.parameters: list[Mapping[str, Any]] = []
        self.errors: defaultdict[str, list[Exception]] = defaultdict(list)
        self.jobs: list[dict[str, Any]] = []
        self.page_size = 2
        self.calls: Counter[str] = Counter()
        self.stale_markers = 0
        self.markers: list[str] = []

    def initiate_job(self, **request: Any) -> dict[str, str]:
        validate("glacier", "InitiateJob", request)
        self.calls["InitiateJob"] += 1
        archive_id = request["jobParameters"]["ArchiveId"]
        for name in (archive_id, "*"):
            if self.errors[name]:
                raise self.errors[name].pop(0)
        self.asked.append(archive_id)
        self.parameters.append(request)
        parameters = request["jobParameters"]
        pointer = Pointer.of(parameters["Description"])
        assert pointer is not None
        job = retrieval(pointer.line, "InProgress", f"retrieval-{len(self.asked)}", ArchiveId=archive_id)
        self.jobs.append({**job, "JobDescription": parameters["Description"]})
        return {"jobId": f"retrieval-{len(self.asked)}", "location": ""}

    def list_jobs(self, **request: Any) -> dict[str, Any]:
        validate("glacier", "ListJobs", request)
        self.calls["ListJobs"] += 1
        self.markers.append(request.get("marker", ""))
        if "marker" in request and self.stale_markers:
            self.stale_markers -= 1
            raise glacier_error("InvalidParameterValueException", "Invalid marker")
        start = int(request.get("marker", "0"))
        page = self.jobs[start : start + self.page_size]
        following = start + self.page_size
        marker = {"Marker": str(following)} if following < len(self.jobs) else {}
        return {"JobList": page, **marker}


class FakeQueue:
    """`sent` are documents; `waiting` messages are in the queue."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.waiting = 0

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        return {"Attributes": {name: str(self.waiting) for name in request["AttributeNames"]}}

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.sent += [json.loads(entry["MessageBody"]) for entry in request["Entries"]]
        return {}


@dataclass
class World:
    """One transfer of `sizes`, whose plan is begun; more can be added. `now` is the clock, which `pauses`
    move on."""

    now: str = START
    rules: JobRules = RULES
    glacier: FakeGlacier = field(default_factory=FakeGlacier)
    queue: FakeQueue = field(default_factory=FakeQueue)
    machines: Machines = field(default_factory=Machines)
    pauses: list[float] = field(default_factory=list[float])

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", region_name=REGION)

    @cached_property
    def s3(self) -> "S3Client":
        return boto3.client("s3", region_name=REGION)

    def begin(self) -> None:
        create_tables(self.dynamodb)
        for bucket in (JOBS_BUCKET, LIVE):
            location: Any = {"LocationConstraint": REGION}
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)

    def add(
        self,
        *parts: Sequence[int],
        job_id: str = "job-1",
        exists: Sequence[str] = (),
        state: JobState | None = None,
        history: Mapping[str, History] | None = None,
    ) -> None:
        """A transfer with these parts, given by the sizes of their archives; the ids are a0, a1, ... of
        job-1, job-2-0 ... of others."""
        number, archives = 0, list[list[PlannedArchive]]()
        for sizes in parts:
            row = list[PlannedArchive]()
            for size in sizes:
                name = f"a{number}" if job_id == "job-1" else f"{job_id}-{number}"
                row.append(PlannedArchive(name, f"v/{name}", size, START, HASH, "", name in exists))
                number += 1
            archives.append(row)
        for part, rows in enumerate(archives):
            write_part(self.s3, JOBS_BUCKET, job_id, part, rows)
        flat = [archive for rows in archives for archive in rows]
        total = Totals(len(flat), sum(archive.size_bytes for archive in flat))
        register_job(self.dynamodb, "rollups", Job(job_id, START, "Standard", total))
        self.states.create(replace(state or transfer(requested=False), job_id=job_id))
        plan = Plan(len(parts), len(flat), total.size_bytes, 0, 0, 0)
        self.vaults.create(replace(vault_state(), job_id=job_id, plan=plan))
        for archive in flat:
            entry = ManifestEntry(
                job_id, vault_bucket(VAULT), archive.archive_id, archive.size_bytes, VAULT_CLASS, "Standard"
            )
            id_ = archive_object_id(VAULT, archive.archive_id)
            item = described(ObjectRecord(id_, entry, History(), 0))
            self.dynamodb.put_item(TableName="objects", Item=item)
        self.tell(history or {})

    def tell(self, news: Mapping[str, History]) -> None:
        """What happened to archives, written as everybody writes it."""
        targets = {Target((archive_object_id(VAULT, name),)): each for name, each in news.items()}
        writer = RecordWriter(self.dynamodb, "objects", "rollups", slot=lambda: 0, pause=self.pauses.append)
        if targets:
            results = writer.apply(targets)
            assert not any(isinstance(result, Exception) for result in results.values())

    def record(self, name: str) -> ObjectRecord:
        path, version_id = archive_object_id(VAULT, name)
        key: Any = {"object_path": {"S": path}, "version_id": {"S": version_id}}
        return to_record(self.dynamodb.get_item(TableName="objects", Key=key).get("Item", {}))

    def item(self, name: str) -> dict[str, str]:
        """The texts of a record."""
        path, version_id = archive_object_id(VAULT, name)
        key: Any = {"object_path": {"S": path}, "version_id": {"S": version_id}}
        item = self.dynamodb.get_item(TableName="objects", Key=key).get("Item", {})
        return {attribute: value.get("S", "") for attribute, value in item.items()}

    def status(self, name: str) -> Status:
        return self.record(name).status

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb, "jobs", self.pauses.append)

    @property
    def vaults(self) -> VaultStates:
        return VaultStates(self.dynamodb, "jobs", self.pauses.append)

    @property
    def agains(self) -> VaultAgains:
        return VaultAgains(self.dynamodb, "jobs")

    @property
    def budget(self) -> VaultBudget:
        return VaultBudget(self.dynamodb, "jobs")

    @property
    def uploads(self) -> VaultUploads:
        return VaultUploads(self.dynamodb, "jobs")

    @property
    def vault(self) -> VaultState:
        return self.vaults.read("job-1")

    @property
    def state(self) -> JobState:
        return self.states.read("job-1")

    def due(self, job_id: str = "job-1") -> list[tuple[int, int]]:
        """What is to be asked for again: (line, attempts)."""
        return [(again.pointer.line, again.attempts) for again in self.agains.due(job_id)]

    def again(self, line: int, cause: str = "retrieval", *, failed: bool = True) -> None:
        """Somebody found that the archive has to be asked for again."""
        self.agains.ask(Pointer("job-1", 0, line), cause, reason="It failed.", size_bytes=1000, failed=failed)

    def watcher(self) -> VaultWatcher:
        """As the function makes it."""
        environment = {
            **ENVIRONMENT,
            "OBJECTS_TABLE": "objects",
            "ROLLUPS_TABLE": "rollups",
            "JOBS_TABLE": "jobs",
            "JOBS_BUCKET": JOBS_BUCKET,
            "JOB_RULES": self.rules.to_json(),
            "VAULT_TOPIC_ARN": TOPIC,
            "VAULT_QUEUE_URL": "archives",
            "TRANSFER_VAULT_MACHINE_ARN": FINISH.replace("finish", "transfer"),
            "TRANSFER_LARGE_MACHINE_ARN": FINISH.replace("finish-vault", "transfer-large"),
            "FINISH_VAULT_MACHINE_ARN": FINISH,
            "VAULT_MAX_RECEIVE_COUNT": "5",
        }
        any_client = cast("Any", self.glacier)
        clients = Clients(
            dynamodb=self.dynamodb,
            s3=self.s3,
            regional=lambda _: self.s3,
            glacier=any_client,
            asking=any_client,
            sqs=cast("Any", self.queue),
            stepfunctions=cast("Any", self.machines),
        )
        settings = VaultSettings.from_environment(environment)
        return make_watcher(settings, clients, lambda: self.now, self._pause, lambda: 0.0)

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def look(self, holder: str = "me", hours: float = 1 / 60, seconds: float = 1000.0) -> Watched:
        """One look after so many hours."""
        self.now = from_millis(to_millis(self.now) + round(hours * 3_600_000))
        return self.watcher().watch(holder, lambda: seconds)


@contextmanager
def worlds(**how: Any) -> Generator[World]:
    """A world without transfers."""
    with mock_aws():
        world = World(**how)
        world.begin()
        yield world


def retrieval(
    line: int, status: str = "Succeeded", job_id: str = "", at: str = START, **more: Any
) -> dict[str, Any]:
    """A retrieval job of the archive in this line, ended at `at`, as ListJobs shows it."""
    ended = status != "InProgress"
    document: dict[str, Any] = {
        "JobId": job_id or f"retrieval-{line}",
        "JobDescription": Pointer("job-1", 0, line).text,
        "Action": "ArchiveRetrieval",
        "ArchiveId": f"a{line}",
        "VaultARN": f"arn:aws:glacier:{REGION}:123456789012:vaults/{VAULT}",
        "CreationDate": START,
        "Completed": ended,
        "StatusCode": status,
        "StatusMessage": status,
        "ArchiveSizeInBytes": 1000,
        "ArchiveSHA256TreeHash": HASH,
        "SHA256TreeHash": HASH,
        "Tier": "Standard",
        "SNSTopic": TOPIC,
    }
    return {**document, **({"CompletionDate": at} if ended else {}), **more}
