"""A job that copies, its records in tables in memory, and its objects in an S3 in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.dynamodb import JOBS, OBJECTS, Call, FakeDynamoDB, Fault, client_error
from tests.fakes.machines import FakeMachines
from tests.fakes.object_s3 import ObjectS3, S3Call
from tests.fakes.stored_objects import OWNER, Bucket, Stored
from tests.store.tables import BUCKET, COMPLETION, JOB, REQUEST, history_of, record, tables, writer
from thaw.copying.batch import Batch, Copier
from thaw.copying.clients import Clients
from thaw.copying.handing_over import HandingOver
from thaw.copying.outcomes import Outcome
from thaw.copying.preparing import Preparer
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Delivery, Tasks
from thaw.core.copy_messages import CopyMessage
from thaw.core.history import History, Status, merge, status
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState, JobStatus
from thaw.core.keys import NO_VERSION
from thaw.core.times import to_iso
from thaw.store.job_states import JobStates
from thaw.store.reader import RecordReader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LIVE = "live"
PARTNER = "partner"
PARTNER_ACCOUNT = "999988887777"
MACHINE = "arn:aws:states:eu-north-1:111122223333:stateMachine:thaw-copy-large"
UNTIL = datetime(2026, 11, 28, tzinfo=UTC)
KEY_ARN = "arn:aws:kms:eu-north-1:111122223333:key/1234"
READABLE = merge(REQUEST, COMPLETION)
MAX_RECEIVES = 5

RULES = JobRules(
    region="eu-north-1",
    restore_buckets=(BUCKET,),
    copy_destinations=(
        Destination(LIVE, prefix="from/"),
        Destination(BUCKET),
        Destination(PARTNER, region="eu-west-1", account=PARTNER_ACCOUNT),
    ),
)
ELSEWHERE = CopyRequest(destination_bucket=LIVE, destination_prefix="from/")
IN_PLACE = CopyRequest()


def archived(content: str = "the content", size: int = 1000, **more: Any) -> Stored:
    """An object of an archive class that is readable now."""
    return replace(Stored(content, size, storage_class="GLACIER", restored_until=UNTIL), **more)


@dataclass
class World:
    """One job and its copier. `seconds` is what the function has left, `single_bytes` as in Preparer."""

    copy: CopyRequest = ELSEWHERE
    rules: JobRules = RULES
    versioned: bool = False
    seconds: float = 900.0
    tables: FakeDynamoDB = field(default_factory=lambda: tables([]))
    machines: FakeMachines = field(default_factory=FakeMachines)

    def __post_init__(self) -> None:
        buckets = {
            BUCKET: Bucket(versioned=self.versioned),
            LIVE: Bucket(versioned=self.versioned),
            PARTNER: Bucket(owner=PARTNER_ACCOUNT),
        }
        self.s3 = ObjectS3(**buckets)
        self.regions: list[str] = []
        request = JobRequest(BUCKET, "Bulk", manifest="s3://b/m.csv", expiration_days=7, copy=self.copy)
        self.states.create(JobState(JOB, request, JobStatus.RESTORING, "2026-11-21T00:00:00.000Z"))

    @property
    def states(self) -> JobStates:
        return JobStates(self.tables.client, JOBS, lambda _: None)

    def add(
        self,
        key: str,
        stored: Stored | None = None,
        history: History = READABLE,
        *,
        recorded_size: int | None = None,
    ) -> str:
        """An object with its record; returns its version id, `null` for none."""
        made = self.s3.put(BUCKET, key, stored or archived())
        version_id = made.version_id or NO_VERSION
        one = record(key, version_id, history, size=made.size if recorded_size is None else recorded_size)
        added = tables([one])
        self.tables.tables[OBJECTS].update(added.tables[OBJECTS])
        self._count(added)
        return version_id

    def _count(self, added: FakeDynamoDB) -> None:
        for key, row in added.tables["rollups"].items():
            mine = self.tables.tables["rollups"].setdefault(key, {**row, **_zeros(row)})
            for name, value in row.items():
                if "N" in value:
                    mine[name] = {"N": str(int(mine.get(name, {"N": "0"})["N"]) + int(value["N"]))}

    def preparer(self) -> Preparer:
        return Preparer(self.clients, self.rules, OWNER, lambda: to_iso(self.s3.now))

    @property
    def clients(self) -> Clients:
        def make(region: str) -> "S3Client":
            self.regions.append(region)
            return self.s3.client

        return Clients(make)

    @property
    def tasks(self) -> Tasks:
        return Tasks(self.states, RecordReader(self.tables.client, OBJECTS, lambda _: None))

    @property
    def recorder(self) -> Recorder:
        return Recorder(writer(self.tables), self.clients, self.rules)

    def copier(self) -> Copier:
        handing_over = HandingOver(lambda: self.machines.client, MACHINE)
        return Copier(self.tasks, self.preparer(), self.recorder, handing_over, MAX_RECEIVES)

    def message(self, key: str, version_id: str = NO_VERSION, *, job_id: str = JOB) -> CopyMessage:
        return CopyMessage(job_id, BUCKET, key, version_id, None)

    def deliver(self, *messages: CopyMessage, receives: int = 1) -> Batch:
        """One batch; the ids of its messages are their numbers from 1."""
        deliveries = [Delivery(str(n), one.to_json(), receives) for n, one in enumerate(messages, 1)]
        return self.copier().copy(deliveries, lambda: self.seconds)

    def one(self, key: str, version_id: str = NO_VERSION, *, receives: int = 1) -> Outcome:
        """What becomes of one message, alone in its batch."""
        return self.deliver(self.message(key, version_id), receives=receives).outcomes["1"]

    def status(self, key: str, version_id: str = NO_VERSION) -> Status:
        return status(history_of(self.tables, key, version_id))

    def failure(self, key: str, version_id: str = NO_VERSION) -> tuple[str, str]:
        """The error's code and message in the record."""
        _at, code, message = history_of(self.tables, key, version_id).failure
        return code, message

    def calls(self) -> list[str]:
        return [call.operation for call in self.s3.calls]


def _zeros(row: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: {"N": "0"} for name, value in row.items() if "N" in value}


def throttles(operation: str) -> Callable[[Call], Fault | None]:
    """For `on_call` of the tables."""
    error = client_error(operation, "ThrottlingException")
    return lambda call: Fault(before=error) if call.operation == operation else None


def refuses(operation: str, code: str, key: str = "") -> Callable[[S3Call], None]:
    """For `on_call` of S3: an operation fails, for keys that begin so."""

    def refuse(call: S3Call) -> None:
        if call.operation == operation and call.request["Key"].startswith(key):
            raise client_error(operation, code)

    return refuse
