"""A watcher in memory: real tables of moto, and services that tell what a test says."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from tests.core.watched import RULES, SIZE, START, progress
from thaw.core.job_states import JobState, Wave
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.progress_events import ProgressEvent
from thaw.core.watch_figures import JobCounters
from thaw.jobs.announcing import Announcer
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.executions import Executions
from thaw.jobs.watching import Hands, Watcher
from thaw.store.job_states import JobStates
from thaw.store.outbox import Channel, Outbox
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

JOBS = "thaw-jobs"
CREATE_JOB = "arn:aws:states:eu-north-1:123456789012:stateMachine:thaw-create-job"
READ_REPORT = "arn:aws:states:eu-north-1:123456789012:stateMachine:thaw-read-report"
TRANSFER_VAULT = "arn:aws:states:eu-north-1:123456789012:stateMachine:thaw-transfer-vault"
_TEXT_KEYS = ("job_id", "item", "active", "created_at")


def jobs_table() -> "DynamoDBClient":
    """The client of a new jobs table; within `mock_aws`."""
    client = boto3.client(
        "dynamodb",
        region_name="eu-north-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 moto's
    )
    client.create_table(
        TableName=JOBS,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in _TEXT_KEYS],
        KeySchema=_keys("job_id", "item"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": _keys(first, second),
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, first, second in (("active", "active", "job_id"), ("states", "item", "created_at"))
        ],
    )
    return client


def _keys(first: str, second: str) -> Any:
    return [
        {"AttributeName": first, "KeyType": "HASH"},
        {"AttributeName": second, "KeyType": "RANGE"},
    ]


class ExecutionDoesNotExist(Exception):  # noqa: N818 AWS's name
    """As Step Functions answers."""


class ExecutionAlreadyExists(Exception):  # noqa: N818 AWS's name
    """As Step Functions answers."""


class Machines:
    """Step Functions: executions by ARN with their status; `calls` counts."""

    class exceptions:  # noqa: N801 as a client has it
        ExecutionDoesNotExist = ExecutionDoesNotExist
        ExecutionAlreadyExists = ExecutionAlreadyExists

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.started_at = datetime.fromisoformat(START)
        self.calls: Counter[str] = Counter()

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 AWS's name
        self.calls["describe_execution"] += 1
        if executionArn not in self.statuses:
            raise ExecutionDoesNotExist(executionArn)
        return {"status": self.statuses[executionArn], "startDate": self.started_at}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:  # noqa: A002, ARG002, N803 AWS's names
        self.calls["start_execution"] += 1
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        if self.statuses.get(arn, "RUNNING") != "RUNNING":
            raise ExecutionAlreadyExists(name)
        self.statuses[arn] = "RUNNING"
        return {"executionArn": arn}


class Batch:
    """S3 Batch Operations: jobs by id with their status; what was asked to be cancelled."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.failed_tasks = 0
        self.cancelled: list[str] = []
        self.calls: Counter[str] = Counter()

    def describe_job(self, **given: Any) -> Any:
        self.calls["describe_job"] += 1
        job_id = given["JobId"]
        summary = {"TotalNumberOfTasks": 10, "NumberOfTasksFailed": self.failed_tasks}
        return {"Job": {"JobId": job_id, "Status": self.statuses[job_id], "ProgressSummary": summary}}

    def update_job_status(self, **given: Any) -> Any:
        self.calls["update_job_status"] += 1
        self.cancelled.append(given["JobId"])
        return {"JobId": given["JobId"], "Status": "Cancelling"}


@dataclass
class World:
    """All that a watcher sees, and what came of it."""

    dynamodb: "DynamoDBClient"
    machines: Machines = field(default_factory=Machines)
    batch: Batch = field(default_factory=Batch)
    registered: dict[str, tuple[Job, JobCounters]] = field(default_factory=dict[str, tuple[Job, JobCounters]])
    events: list[ProgressEvent] = field(default_factory=list[ProgressEvent])
    given_up: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    next_waves: list[Wave] = field(default_factory=list[Wave])
    reads: Counter[str] = field(default_factory=Counter[str])
    now: str = START
    publish: Callable[[ProgressEvent], None] | None = None

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb, JOBS, pause=lambda _: None)

    @property
    def vaults(self) -> VaultStates:
        return VaultStates(self.dynamodb, JOBS, pause=lambda _: None)

    def add(self, state: JobState) -> None:
        """A job, registered as one of no objects."""
        self.states.create(state)
        self.make_progress(state.job_id, progress(0))

    def make_progress(self, job_id: str, how_far: Progress, counters: JobCounters | None = None) -> None:
        """How far the job's counters say it is."""
        found = {
            ("status", f"{status.lower()}_{name}"): amount
            for status, part in how_far.by_status.items()
            if status != "PENDING"
            for name, amount in (("objects", part.objects), ("bytes", part.size_bytes))
        }
        total = how_far.job.totals.objects
        job = Job(job_id, START, "Bulk", Totals(total, total * SIZE))
        self.registered[job_id] = (job, {**found, **(counters or {})})

    def watcher(self) -> Watcher:
        client: Any = self.batch
        machines: Any = self.machines
        publish = self.publish or self.events.append
        return Watcher(
            states=self.states,
            batch=BatchOperations(client, "123456789012", "arn:aws:iam::123456789012:role/batch"),
            executions=Executions(machines, CREATE_JOB, READ_REPORT, TRANSFER_VAULT),
            announcer=Announcer(Outbox(self.dynamodb, JOBS), [Channel("sns", publish)]),
            hands=Hands(self._counters, self._next_wave, self._give_up, self.vaults.find),
            rules=RULES,
            now=lambda: self.now,
        )

    def _counters(self, job_id: str) -> tuple[Job, JobCounters] | None:
        self.reads["counters"] += 1
        return self.registered.get(job_id)

    def _give_up(self, job_id: str, reason: str) -> None:
        self.given_up.append((job_id, reason))

    def _next_wave(self, job_id: str, uncopied: int) -> Wave | None:
        """The first of `next_waves`, where nothing is uncopied."""
        if uncopied or not self.next_waves:
            return None
        made = self.next_waves.pop(0)
        self.batch.statuses[made.batch_job_id] = "New"
        self.states.update(job_id, lambda state: _with(state, made))
        return made


def _with(state: JobState, made: Wave) -> JobState:
    waves = tuple(made if each.number == made.number else each for each in state.waves)
    return replace(state, waves=waves, requested=all(each.batch_job_id for each in waves))
