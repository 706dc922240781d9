"""A job on its way to S3, in memory: its tables, its files, and S3 as the job meets it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, FakeDynamoDB
from tests.fakes.job_s3 import ACCOUNT, JobS3
from tests.fakes.s3control import FakeS3Control
from tests.fakes.sqs import FakeSQS
from tests.jobs.served import FOUND
from tests.store.tables import record
from thaw.core import job_files
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.notifications import RESTORE_EVENTS, queue_entry
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.copy_queue import CopyQueue
from thaw.jobs.import_lines import import_file
from thaw.jobs.listening import Listener
from thaw.jobs.loading import PartLoader
from thaw.jobs.request_lines import RequestLine, to_lines
from thaw.jobs.submitting import Submitter
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables

JOB = "july"
BUCKET = "archive"
JOBS_BUCKET = "thaw-jobs-files"
NOW = "2026-11-21T09:00:00.000Z"
CREATED = "2026-11-21T08:00:00.000Z"
QUEUE = f"arn:aws:sqs:eu-north-1:{ACCOUNT}:thaw-events"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/thaw-batch-restore"
TABLES = Tables(OBJECTS, ROLLUPS, JOBS)
RULES = JobRules(region="eu-north-1", restore_buckets=(BUCKET,), tolerated_failure_percent=5)
REQUEST = JobRequest(BUCKET, "Bulk", manifest="s3://manifests/july.csv", expiration_days=7)
COPYING = replace(REQUEST, copy=CopyRequest())
BY_REQUESTS = replace(REQUEST, way=Way.REQUESTS)


CHANGES = ("PutItem", "UpdateItem", "TransactWriteItems")
"""The operations of DynamoDB that change something."""


class DiedError(Exception):
    """The function was ended here."""


def line(key: str, size: int | None = 100, version_id: str = "null") -> RequestLine:
    return RequestLine(key, version_id, size, "GLACIER")


@dataclass
class World:
    """Everything a step works with; `rules` may be replaced before a step."""

    dynamodb: FakeDynamoDB = field(default_factory=FakeDynamoDB)
    s3: JobS3 = field(default_factory=JobS3)
    control: FakeS3Control = field(init=False)
    sqs: FakeSQS = field(default_factory=FakeSQS)
    rules: JobRules = RULES
    pauses: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        self.control = FakeS3Control(self.s3)
        self.s3.configurations[BUCKET] = {
            "QueueConfigurations": [queue_entry("thaw-events-of-thaw", QUEUE, RESTORE_EVENTS, "")]
        }

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb.client, JOBS, self.pauses.append)

    @property
    def state(self) -> JobState:
        return self.states.read(JOB)

    @property
    def batch(self) -> BatchOperations:
        return BatchOperations(self.control.client, ACCOUNT, ROLE)

    @property
    def listener(self) -> Listener:
        return Listener(self.s3.client, QUEUE, "thaw", ACCOUNT, self.pauses.append)

    @property
    def submitter(self) -> Submitter:
        return Submitter(
            states=self.states,
            batch=self.batch,
            s3=self.s3.client,
            jobs_bucket=JOBS_BUCKET,
            rules=self.rules,
            listener=self.listener,
            concurrency=10,
            now=lambda: NOW,
        )

    @property
    def loader(self) -> PartLoader:
        return PartLoader(
            dynamodb=self.dynamodb.client,
            s3=self.s3.client,
            tables=TABLES,
            jobs_bucket=JOBS_BUCKET,
            copies=CopyQueue(self.sqs.client, "copies"),
            slot=lambda: 0,
            pause=self.pauses.append,
            now=lambda: NOW,
        )

    def prepared(self, *parts: Sequence[str], request: JobRequest = REQUEST, job_id: str = JOB) -> JobState:
        """A job that is opened, whose import parts have the objects with these keys."""
        for number, keys in enumerate(parts):
            records = [record(key, job_id=job_id) for key in keys]
            self.put(f"{job_files.import_folder(job_id)}part-{number:05}.json.gz", import_file(records))
        objects = sum(map(len, parts))
        validated = replace(FOUND, objects=objects)
        state = JobState(job_id, request, JobStatus.LOADING, CREATED, validated=validated)
        return self.states.create(state)

    def load(self, job_id: str = JOB) -> None:
        """Loads all import parts of a job."""
        for key in self.s3.keys(JOBS_BUCKET, job_files.import_folder(job_id)):
            self.loader.load(job_id, key)

    def file(self, key: str) -> bytes:
        return self.s3.files[JOBS_BUCKET, key]

    def put(self, key: str, body: bytes) -> None:
        self.s3.files[JOBS_BUCKET, key] = body

    def begin(
        self, request: JobRequest = REQUEST, status: JobStatus = JobStatus.LOADING, **more: Any
    ) -> JobState:
        """A job with this request."""
        return self.states.create(JobState(JOB, request, status, CREATED, **more))

    def loaded(self, *parts: Sequence[RequestLine], request: JobRequest = REQUEST) -> JobState:
        """A loaded job, whose requests/ files are `parts`."""
        for number, lines in enumerate(parts):
            self.put(f"{job_files.requests_folder(JOB)}part-{number:05}.jsonl", to_lines(lines))
        requests = sum(map(len, parts))
        return self.begin(request, loaded=Loaded(objects=requests, requests=requests))
