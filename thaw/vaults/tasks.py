"""What the messages of the vaults' queue are about: which archives of which jobs, and what is left to do."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from thaw.copying.making import SERVICE_ERRORS, code_of
from thaw.copying.outcomes import Again, Left
from thaw.copying.tasks import Delivery
from thaw.core.archives import PlannedArchive, Pointer, archive_object_id
from thaw.core.errors import ThawError
from thaw.core.history import Status
from thaw.core.job_states import JobState
from thaw.core.records import ObjectRecord
from thaw.core.retrieval_jobs import Action, RetrievalJob, RetrievalStatus
from thaw.core.targets import Target
from thaw.store.job_states import JobStates
from thaw.store.reader import Found, RecordReader
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_parts import PlanReader

STATE_SECONDS = 60.0
"""How long a job's state is taken for what is stored: so long after a stop transfers may still begin."""

Settled = Left | Again


class Place(NamedTuple):
    """An archive in the plan of a job, as its record stands."""

    pointer: Pointer
    vault: str
    state: JobState
    archive: PlannedArchive
    record: ObjectRecord

    @property
    def target(self) -> Target:
        return Target((self.record.id,))


class Task(NamedTuple):
    """A retrieval job that has ended, and its archive."""

    retrieval: RetrievalJob
    place: Place


@dataclass(frozen=True)
class Asked:
    """By message id: what is to be done, what needs nothing more, which message repeats which other; and the
    jobs whose inventories are there."""

    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    settled: dict[str, Settled] = field(default_factory=dict[str, Settled])
    repeats: dict[str, str] = field(default_factory=dict[str, str])
    inventories: dict[str, str] = field(default_factory=dict[str, str])


class Jobs:
    """The states of jobs, each remembered for a minute. `clock` counts seconds from anywhere."""

    def __init__(self, states: JobStates, clock: Callable[[], float] = time.monotonic) -> None:
        self._states = states
        self._clock = clock
        self._known: dict[str, tuple[float, JobState]] = {}

    def find(self, job_id: str) -> JobState | None:
        """The state; None for a job that there is not. Raises ClientError."""
        known = self._known.get(job_id)
        if known is not None and self._clock() - known[0] < STATE_SECONDS:
            return known[1]
        return self.read(job_id)

    def read(self, job_id: str) -> JobState | None:
        """The state as it is now. Raises ClientError."""
        self._known.pop(job_id, None)
        state = self._states.find(job_id)
        if state is not None:
            self._known[job_id] = (self._clock(), state)
        return state


@dataclass(frozen=True)
class Tasks:
    """Finds what messages are about: one read a job, one a part of a plan, one of all records."""

    jobs: Jobs
    plans: PlanReader
    reader: RecordReader

    def of(self, deliveries: Iterable[Delivery]) -> Asked:
        """What `deliveries` ask for; a message that cannot be read is to be delivered again, and ends in the
        dead-letter queue."""
        asked = Asked()
        retrievals: dict[str, tuple[RetrievalJob, Pointer]] = {}
        for delivery in deliveries:
            try:
                retrieval = RetrievalJob.from_message(delivery.body)
            except ThawError as exc:
                asked.settled[delivery.message_id] = Again(code_of(exc), str(exc))
                continue
            self._sort(delivery.message_id, retrieval, asked, retrievals)
        self._settle(retrievals, asked)
        return asked

    def at(self, pointer: Pointer) -> Place | Left:
        """The archive that `pointer` names, as stored now. Raises PlanError, StoreError, ClientError."""
        state, archive = self.jobs.read(pointer.job_id), self.plans.archive(pointer)
        vault = _vault(state)
        if state is None or not vault:
            return Left(f"{pointer.job_id} is no vault transfer")
        target = _target(vault, archive.archive_id)
        record = self.reader.find([target])[target]
        if isinstance(record, Exception):
            raise record
        return _place(pointer, state, archive, record)

    def _sort(
        self,
        message_id: str,
        retrieval: RetrievalJob,
        asked: Asked,
        retrievals: dict[str, tuple[RetrievalJob, Pointer]],
    ) -> None:
        pointer = Pointer.of(retrieval.description)
        if retrieval.status is RetrievalStatus.IN_PROGRESS:
            asked.settled[message_id] = Left("the retrieval job has not ended")
        elif retrieval.action is Action.INVENTORY and retrieval.inventory_of:
            asked.inventories[message_id] = retrieval.inventory_of
        elif retrieval.action is Action.INVENTORY or pointer is None:
            asked.settled[message_id] = Left(f"retrieval job {retrieval.job_id} is none of ours")
        else:
            retrievals[message_id] = (retrieval, pointer)

    def _settle(self, retrievals: Mapping[str, tuple[RetrievalJob, Pointer]], asked: Asked) -> None:
        targets = {name: _target(one.vault, one.archive_id) for name, (one, _) in retrievals.items()}
        records = self.reader.find(targets.values())
        first: dict[str, tuple[str, str]] = {}
        for name, (retrieval, pointer) in retrievals.items():
            task = self._task(retrieval, pointer, records[targets[name]])
            if not isinstance(task, Task):
                asked.settled[name] = task
                continue
            other, job_id = first.setdefault(retrieval.archive_id, (name, retrieval.job_id))
            if other == name:
                asked.tasks[name] = task
            elif job_id == retrieval.job_id:
                asked.repeats[name] = other
            else:
                asked.settled[name] = Again(
                    "SameArchive", "Another retrieval of the archive is in this batch."
                )

    def _task(self, retrieval: RetrievalJob, pointer: Pointer, record: Found) -> Task | Settled:
        try:
            state = self.jobs.find(pointer.job_id)
            if state is None:
                return Again("JobNotFound", f"No job {pointer.job_id} is known; a retrieval job names it.")
            if _vault(state) != retrieval.vault:
                return Left(f"{pointer.job_id} is no transfer of vault {retrieval.vault}")
            archive = self.plans.archive(pointer)
        except PlanError as exc:
            return Left(str(exc))
        except SERVICE_ERRORS as exc:
            return Again(code_of(exc), str(exc))
        if isinstance(record, Exception):
            return Again(code_of(record), str(record))
        if archive.archive_id != retrieval.archive_id:
            return Left("the plan is another by now: the archive is requested for its new place")
        place = _place(pointer, state, archive, record)
        return place if isinstance(place, Left) else Task(retrieval, place)


def _place(
    pointer: Pointer, state: JobState, archive: PlannedArchive, record: ObjectRecord | None
) -> Place | Left:
    if record is None or record.entry.job_id != pointer.job_id:
        return Left(f"the archive has no record of job {pointer.job_id}")
    if record.status is Status.COPIED:
        return Left("the archive is transferred")
    return Place(pointer, _vault(state), state, archive, record)


def _vault(state: JobState | None) -> str:
    return state.request.vault.vault if state and state.request.vault else ""


def _target(vault: str, archive_id: str) -> Target:
    return Target((archive_object_id(vault, archive_id),))
