"""What the messages of the copies queue ask for, and which of them still have something to be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again, Left, Outcome
from thaw.copying.preparing import Task
from thaw.core.copy_messages import CopyMessage
from thaw.core.errors import ThawError
from thaw.core.history import Status
from thaw.core.job_states import JobState, JobStatus
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.store.job_states import JobStates
from thaw.store.reader import Found, RecordReader

_STOPPED = frozenset({JobStatus.CANCELLED, JobStatus.FAILED})
"""A job that timed out is over for its watcher; what it restored is still copied while it can be."""


class Delivery(NamedTuple):
    """A message as the queue delivers it, for the `receives`-th time."""

    message_id: str
    body: str
    receives: int


@dataclass(frozen=True)
class Asked:
    """By message id: what is to be done, what needs nothing more, and which message repeats which other."""

    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    settled: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    repeats: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Tasks:
    """Finds the jobs and records of messages: one read a job, one of all records."""

    states: JobStates
    reader: RecordReader

    def of(self, deliveries: Iterable[Delivery]) -> Asked:
        """What `deliveries` ask for; a message that cannot be read is to be delivered again, and ends in the
        dead-letter queue."""
        asked = Asked()
        named: dict[str, tuple[Delivery, CopyMessage]] = {}
        first: dict[Target, str] = {}
        for delivery in deliveries:
            try:
                message = CopyMessage.from_json(delivery.body)
                target = target_of(message)
            except ThawError as exc:
                asked.settled[delivery.message_id] = Again(code_of(exc), str(exc))
                continue
            if first.setdefault(target, delivery.message_id) == delivery.message_id:
                named[delivery.message_id] = (delivery, message)
            else:
                asked.repeats[delivery.message_id] = first[target]
        self._settle(named, asked)
        return asked

    def _settle(self, named: Mapping[str, tuple[Delivery, CopyMessage]], asked: Asked) -> None:
        jobs = {job_id: self._job(job_id) for job_id in {message.job_id for _, message in named.values()}}
        records = self.reader.find(target_of(message) for _, message in named.values())
        for message_id, (delivery, message) in named.items():
            task = _task(delivery, message, jobs[message.job_id], records[target_of(message)])
            if isinstance(task, Task):
                asked.tasks[message_id] = task
            else:
                asked.settled[message_id] = task

    def _job(self, job_id: str) -> JobState | Exception | None:
        try:
            return self.states.find(job_id)
        except SERVICE_ERRORS as exc:
            return exc


def target_of(message: CopyMessage) -> Target:
    """Where the record of a message is: exactly the version that it names."""
    return Target((ObjectId(object_path(message.bucket, message.key), message.version_id),))


def _task(
    delivery: Delivery, message: CopyMessage, job: JobState | Exception | None, record: Found
) -> Task | Outcome:
    for found in (job, record):
        if isinstance(found, Exception):
            return Again(code_of(found), str(found))
    if not isinstance(record, ObjectRecord) or record.entry.job_id != message.job_id:
        return Left(f"the object has no record of job {message.job_id}")
    if not isinstance(job, JobState) or job.request.copy is None:
        return Left(f"job {message.job_id} does not copy")
    if job.status in _STOPPED or job.cancel_requested_at:
        return Left(f"job {message.job_id} was stopped: {job.status}")
    again = delivery.receives > 1
    if record.status is Status.COPIED and not (again and job.request.copy.delete_source):
        return Left("the object is copied")
    return Task(message, record, job.request.copy, again)
