"""Loads one part of a job: its records into the tables, and what is to be done of each into its files.

Loading a part again, also after a death half way, gives the same counters and the same files; only copy
messages are sent again, and the copier does not mind. What is requested of a vault stands in its plan, and is
not copied by the copier.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thaw.core.copy_messages import CopyMessage
from thaw.core.job_files import is_left_out, loaded_folder, requests_folder
from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, Loaded
from thaw.core.jobs import Totals
from thaw.core.lives import Place
from thaw.core.loaded_parts import loaded_to_json
from thaw.core.records import UNKNOWN, ObjectRecord
from thaw.jobs.changes import is_undone, refuse_cancelled
from thaw.jobs.copy_queue import CopyQueue, message_of
from thaw.jobs.errors import CancelledError
from thaw.jobs.import_lines import records_of
from thaw.jobs.request_lines import RequestLine, to_lines
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables
from thaw.store.loading import Load, LoadedObject, Loader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class PartLoader:
    """Loads and unloads import parts. `slot()` names counter slots, `pause(seconds)` waits, `now()` is a
    fixed-width time."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    tables: Tables
    jobs_bucket: str
    copies: CopyQueue
    slot: Callable[[], int]
    pause: Callable[[float], None]
    now: Callable[[], str]

    def load(self, job_id: str, key: str) -> Loaded:
        """Loads the import part `key` of the jobs bucket for the present run of its job; of what the run
        leaves out, nothing stays but what is done.

        Raises CancelledError, JobNotFoundError, CopyQueueError, what `Loader.load` and the clients raise.
        """
        state = self._states().read(job_id)
        refuse_cancelled(state)
        part = _Part(state)
        load = Load(job_id, state.run, self.now(), state.request.copies_in_place)
        records = records_of(self._read(key))
        if is_left_out(key):
            self._loader().leave_out(load, (record.id for record in records))
        else:
            for each in self._loader().load(load, records):
                part.add(each)
        self._check_wanted(state, key)
        if state.request.way is not Way.VAULT:
            self.copies.send_all(part.copies)
            self._write(_beside(key, requests_folder(job_id), ".jsonl"), to_lines(part.requests))
        self._write(_beside(key, loaded_folder(job_id), ".json"), loaded_to_json(part.loaded()).encode())
        return part.loaded()

    def unload(self, job_id: str, key: str) -> int:
        """Takes out of the tables what the present run of the job loaded of a part; how many records.

        Its files stay, for whoever wants to know why. Raises as `load` does.
        """
        ids = (record.id for record in records_of(self._read(key)))
        return self._loader().unload(job_id, self._states().read(job_id).run, ids)

    def _check_wanted(self, loaded: JobState, key: str) -> None:
        """Takes the part back if its job was given up while it was loaded: a Map that fails does not stop the
        functions that it has called, and who undoes the job may have been at this part before."""
        state = self._states().find(loaded.job_id)
        if state is not None and state.run == loaded.run and is_undone(state):
            self.unload(loaded.job_id, key)
            raise CancelledError(f"Job {loaded.job_id} was given up while {key} was loaded.")

    def _loader(self) -> Loader:
        return Loader(self.dynamodb, self.tables, slot=self.slot, pause=self.pause)

    def _states(self) -> JobStates:
        return JobStates(self.dynamodb, self.tables.jobs, self.pause)

    def _read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.jobs_bucket, Key=key)["Body"].read()

    def _write(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.jobs_bucket, Key=key, Body=content)


@dataclass
class _Part:
    """What is to be said of the objects of a part."""

    state: JobState
    requests: list[RequestLine] = field(default_factory=list[RequestLine])
    copies: list[CopyMessage] = field(default_factory=list[CopyMessage])
    _places: Counter[Place] = field(default_factory=Counter[Place])
    _elsewhere: Counter[str] = field(default_factory=Counter[str])
    _objects: Counter[str] = field(default_factory=Counter[str])
    _bytes: Counter[str] = field(default_factory=Counter[str])

    def add(self, loaded: LoadedObject) -> None:
        record, place = loaded
        self._places[place] += 1
        if place is Place.ELSEWHERE:
            self._elsewhere[record.entry.job_id] += 1
            return
        storage_class = record.entry.storage_class or UNKNOWN
        self._objects[storage_class] += 1
        self._bytes[storage_class] += record.entry.size_bytes or 0
        if place is Place.REQUESTS:
            self.requests.append(_request(record))
        elif place is Place.READABLE and self.state.request.copy is not None:
            self.copies.append(message_of(record))

    def loaded(self) -> Loaded:
        return Loaded(
            objects=self._objects.total(),
            size_bytes=self._bytes.total(),
            by_storage_class={name: Totals(self._objects[name], self._bytes[name]) for name in self._objects},
            requests=self._places[Place.REQUESTS],
            requests_bytes=sum(request.size_bytes or 0 for request in self.requests),
            readable=self._places[Place.READABLE],
            restoring=self._places[Place.RESTORING],
            copied=self._places[Place.COPIED],
            elsewhere=self._places[Place.ELSEWHERE],
            elsewhere_jobs=dict(self._elsewhere),
        )


def _request(record: ObjectRecord) -> RequestLine:
    entry = record.entry
    return RequestLine(entry.key, record.id.version_id, entry.size_bytes, entry.storage_class)


def _beside(key: str, folder: str, suffix: str) -> str:
    """The file of the same part in another folder: `part-00000` of `.../import/part-00000.json.gz`."""
    return folder + key.rpartition("/")[2].partition(".")[0] + suffix
