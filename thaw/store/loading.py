"""Loads the records of a job, and takes them out again: what other jobs have is left to them.

Loading an object twice changes nothing the second time, so that a part of a job can be loaded again after any
death; its counters count an object once.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.history import Status
from thaw.core.job_states import JobState
from thaw.core.keys import ObjectId
from thaw.core.listing import ARCHIVED
from thaw.core.lives import Place, may_be_taken, place_of
from thaw.core.records import ObjectRecord
from thaw.core.times import from_millis, to_millis
from thaw.store.arrivals import Arrival, created, listed, removed, taken, tried_again
from thaw.store.errors import ForeignRecordError
from thaw.store.items import RUN
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables
from thaw.store.moves import Move, RecordMover, Stored
from thaw.store.reader import chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIED_AGAIN = (Status.FAILED, Status.EXPIRED)

_SETTLED = (Status.COPIED, Status.FAILED)

_LISTING_MILLIS = 24 * 3_600_000
"""A listing is never so old when what it shows is loaded."""

_OWNER_SECONDS = 60
"""A job that has ended may be started again while others take its objects: so late do they notice."""

_CHUNK = 96
"""Records a transaction, so that the counters of most chunks fit into it too."""


class LoadedObject(NamedTuple):
    """An object of a manifest as it is after loading: its record, in whatever job, and what it needs."""

    record: ObjectRecord
    place: Place


class Load(NamedTuple):
    """For which run of which job something is loaded, at what time (fixed-width ISO-8601), and whether the
    job copies in place."""

    job_id: str
    run: int
    now: str
    in_place: bool = False


class Loader:
    """Loads into the three tables. It remembers for a minute what it read of other jobs.

    `slot()` names the counter slot of a transaction, `pause(seconds)` waits between attempts, `clock()` is in
    seconds.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Tables,
        *,
        slot: Callable[[], int],
        pause: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tables = tables
        self._mover = RecordMover(client, tables, slot=slot, pause=pause)
        self._states = JobStates(client, tables.jobs, pause)
        self._clock = clock
        self._owners: dict[str, tuple[JobState | None, float]] = {}

    def load(self, load: Load, records: Iterable[ObjectRecord]) -> Iterator[LoadedObject]:
        """Loads `records` of the job, no object twice, and tells what became of each, in their order.

        A record is created where there is none; one of a job that is over is taken over; one that the job has
        already stays, and learns what a listing showed (the history in `records`), but for one that failed or
        lapsed in an earlier run, or was written over since it was copied (`modified_at` in `records`), or was
        copied in place and is archived again: that begins anew. Nothing is loaded until the iterator is read.

        Raises ForeignRecordError, ContentionError, WriteRefusedError, MalformedItemError, and what the client
        raises.
        """
        for chunk in chunks(records, _CHUNK):
            asked = {_checked(record, load.job_id).id: record for record in chunk}
            known: dict[ObjectId, LoadedObject] = {}
            self._mover.move(list(asked), partial(self._decide, load, asked, known))
            yield from (known[record.id] for record in chunk)

    def unload(self, job_id: str, run: int, ids: Iterable[ObjectId]) -> int:
        """Takes out of the tables what this run of the job loaded of `ids`; returns how many records."""
        return sum(self._unload(job_id, run, chunk) for chunk in chunks(ids, _CHUNK))

    def leave_out(self, load: Load, ids: Iterable[ObjectId]) -> int:
        """Takes those of `ids` out of the tables that earlier runs of the job have loaded, and that are
        neither copied nor failed: this run leaves them out, and nobody would ever end them. Returns how
        many."""
        return sum(self._leave_out(load, chunk) for chunk in chunks(ids, _CHUNK))

    def _leave_out(self, load: Load, ids: list[ObjectId]) -> int:
        return self._take_out(
            ids,
            lambda stored: (
                stored.record.entry.job_id == load.job_id
                and stored.record.status not in _SETTLED
                and not _loaded_by(stored, load.job_id, load.run)
            ),
        )

    def _decide(
        self,
        load: Load,
        asked: dict[ObjectId, ObjectRecord],
        known: dict[ObjectId, LoadedObject],
        object_id: ObjectId,
        stored: Stored | None,
    ) -> Move | None:
        """Notes in `known` what the object will be."""
        record, move = self._arrival(load, asked[object_id], stored)
        theirs = record.entry.job_id != load.job_id
        place = Place.ELSEWHERE if theirs else place_of(record.history, load.now)
        known[object_id] = LoadedObject(record, place)
        return move

    def _arrival(self, load: Load, asked: ObjectRecord, stored: Stored | None) -> Arrival:
        if stored is None:
            return created(self._tables, asked, load.run, load.now)
        job_id = stored.record.entry.job_id
        if job_id == load.job_id:
            if not _loaded_by(stored, job_id, load.run) and _is_tried_again(load, asked, stored.record):
                return tried_again(self._tables, asked, stored, load.now)
            return listed(self._tables, asked.history, stored)
        if may_be_taken(stored.record, self._owner(job_id), load.now):
            return taken(self._tables, asked, stored, load.run, load.now)
        return Arrival(stored.record, None)

    def _unload(self, job_id: str, run: int, ids: list[ObjectId]) -> int:
        return self._take_out(ids, lambda stored: _loaded_by(stored, job_id, run))

    def _take_out(self, ids: list[ObjectId], is_meant: Callable[[Stored], bool]) -> int:
        gone: set[ObjectId] = set()

        def decide(object_id: ObjectId, stored: Stored | None) -> Move | None:
            if stored is None or not is_meant(stored):
                gone.discard(object_id)
                return None
            gone.add(object_id)
            return removed(self._tables, stored)

        self._mover.move(ids, decide)
        return len(gone)

    def _owner(self, job_id: str) -> JobState | None:
        now = self._clock()
        owner, read_at = self._owners.get(job_id, (None, -math.inf))
        if now - read_at >= _OWNER_SECONDS:
            owner = self._states.find(job_id)
            self._owners[job_id] = owner, now
        return owner


def _is_tried_again(load: Load, asked: ObjectRecord, record: ObjectRecord) -> bool:
    """What was written over since it was copied is another object. A copy in place that is listed as archived
    was archived again since (by a lifecycle rule), but for one so new that the listing may be older."""
    written_over = "" < record.history.copied_at < asked.modified_at
    if record.status in _TRIED_AGAIN or written_over:
        return True
    long_copied = record.history.copied_at < from_millis(to_millis(load.now) - _LISTING_MILLIS)
    archived = load.in_place and asked.entry.storage_class in ARCHIVED
    return archived and record.status is Status.COPIED and long_copied


def _loaded_by(stored: Stored, job_id: str, run: int) -> bool:
    return stored.record.entry.job_id == job_id and stored.item.get(RUN, {}).get("N") == str(run)


def _checked(record: ObjectRecord, job_id: str) -> ObjectRecord:
    if record.entry.job_id != job_id:
        raise ForeignRecordError(
            f"The record of {record.id.object_path} is of job {record.entry.job_id}, not of {job_id}:"
            " load the files that were prepared for this job."
        )
    return record
