"""A job service in memory, whose workflow goes on by one step of the test's at every pause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from tests.fakes.dynamodb import JOBS, FakeDynamoDB, client_error
from tests.fakes.machines import FakeMachines
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState, JobStatus, Validated
from thaw.core.jobs import Job, Progress, Totals
from thaw.jobs.service import JobService
from thaw.jobs.service_types import Tools
from thaw.jobs.starting import JobStarter
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
ACCOUNT = "123456789012"
MACHINE = f"arn:aws:states:eu-north-1:{ACCOUNT}:stateMachine:thaw-create-job"
VAULT_MACHINE = f"arn:aws:states:eu-north-1:{ACCOUNT}:stateMachine:thaw-transfer-vault"
TOPIC = f"arn:aws:sns:eu-north-1:{ACCOUNT}:thaw-progress"
JOBS_BUCKET = "thaw-jobs-files"
RULES = JobRules(
    region="eu-north-1",
    restore_buckets=("archive", "vault"),
    manifest_buckets=("manifests",),
    copy_destinations=(Destination("live"), Destination("archive"), Destination("vault", "warm/")),
    vaults=("photos",),
)
FOUND = Validated(
    rows_in=4,
    objects=2,
    size_bytes=3000,
    duplicates=1,
    filtered=0,
    rejects=1,
    objects_of_unknown_size=0,
    by_storage_class={"GLACIER": Totals(2, 3000)},
    rejects_key="jobs/x/rejects.csv",
    parts=1,
    expected_hours=12.0,
    cost_usd="0.01",
    price_date="2026-11-21",
)
ASKED = {"bucket": "manifests", "key": "july.csv", "tier": "BULK", "expiration_days": 7, "client_tag": "july"}
TRANSFER = {"vault": "photos", "destination_bucket": "live", "destination_prefix": "photos/"}
LISTED = {"bucket": "archive", "prefix": "2019/", "tier": "STANDARD", "expiration_days": 7}

Step = Callable[[JobState], JobState]
"""What the workflow makes of the state in one pause."""


class ServedS3:
    """Objects by (bucket, key). `denied` keys answer 403; `reads` counts what was asked for."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.denied: set[str] = set()
        self.reads: list[str] = []

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def get_object(self, *, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:  # noqa: N803 (boto3's names)
        self.reads.append(Key)
        if Key in self.denied:
            raise client_error("GetObject", "AccessDenied", f"arn:aws:iam::{ACCOUNT}:role/x may not")
        body = self.objects.get((Bucket, Key))
        if body is None:
            raise client_error("GetObject", "NoSuchKey")
        if not body:
            raise client_error("GetObject", "InvalidRange")
        return {"Body": BytesIO(body[: int(Range.rpartition("-")[2]) + 1] if Range else body)}

    def get_paginator(self, operation: str) -> "ServedS3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        keys = [key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)]
        return [{"Contents": [{"Key": key}]} for key in keys]

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        for each in Delete["Objects"]:
            del self.objects[Bucket, each["Key"]]
        return {}


class Served:
    """The service, and what it works on. `steps` are what the workflow does next, one at a pause."""

    def __init__(self, rules: JobRules = RULES) -> None:
        self.dynamodb = FakeDynamoDB()
        self.machines = FakeMachines()
        self.s3 = ServedS3()
        self.s3.objects["manifests", "july.csv"] = b"archive,2019/a%20b\r\narchive,2019/c\r\n"
        self.steps: list[Step] = [restoring]
        self.pauses: list[float] = []
        self.now = NOW
        self.cancelled: list[str] = []
        self.progress: dict[str, Progress] = {}
        self._tokens = count()
        self.states = JobStates(self.dynamodb.client, JOBS, lambda _: None)
        self.vaults = VaultStates(self.dynamodb.client, JOBS, lambda _: None)
        starter = JobStarter(self.states, self.machines.client, MACHINE, self.pause, VAULT_MACHINE)
        tools = Tools(
            progress=self.progress.get,
            cancel_waves=lambda state: self.cancelled.append(state.job_id),
            vaults=self.vaults,
            now=lambda: self.now,
            token=lambda: f"{next(self._tokens):06x}",
        )
        self.service = JobService(self.states, starter, self.s3.client, rules, JOBS_BUCKET, tools)

    def pause(self, seconds: float) -> None:
        """Time goes by, and the workflow of the newest job goes on."""
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)
        if self.steps and self.machines.running:
            job_id = [*self.machines.running][-1].rpartition("-")[0]
            self.states.update(job_id, self.steps.pop(0))

    def stored(self) -> list[str]:
        """The ids of the jobs in the table."""
        return sorted({job_id for job_id, _ in self.dynamodb.tables[JOBS]})

    def put(self, state: JobState) -> JobState:
        return self.states.create(state)


def restoring(state: JobState) -> JobState:
    """As the workflow leaves a job that is started."""
    return replace(state, status=JobStatus.RESTORING, validated=FOUND, started_at=state.created_at)


def refused(state: JobState) -> JobState:
    """As the workflow leaves a job whose manifest is at fault."""
    reason = f"The manifest in arn:aws:s3:::manifests of account {ACCOUNT} names no archived object."
    return replace(state, status=JobStatus.FAILED, reason=reason, refusal=422, ended_at=state.created_at)


def failed(state: JobState) -> JobState:
    reason = f"arn:aws:iam::{ACCOUNT}:role/thaw-batch may not be assumed."
    return replace(state, status=JobStatus.FAILED, reason=reason, ended_at=state.created_at)


def progress_of(job_id: str, **objects: int) -> Progress:
    """A job's progress with so many objects, of 1,000 bytes each, `pending=`, `copied=`, ..."""
    total = sum(objects.values())
    counters = {
        ("status", f"{status}_{unit}"): number * (1000 if unit == "bytes" else 1)
        for status, number in objects.items()
        for unit in ("objects", "bytes")
    }
    job = Job(job_id, "2026-11-21T03:04:05.000Z", "Bulk", Totals(total, total * 1000))
    return Progress.of(job, counters)
