"""Objects that live through request, completion and copy, as the material of the benchmarks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local.messages import Happening
from tests.store.tables import item_of
from thaw.core.copies import CopyRule
from thaw.core.history import NOTHING, History
from thaw.core.keys import NO_VERSION, ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

JOB = "genome-archive-2026-11"
BUCKET = "genome-archive"
DESTINATION = "genome-research"
COPY_RULES = (CopyRule(BUCKET, "", DESTINATION, ""),)
TIER = "Bulk"

_START = datetime(2026, 11, 21, 3, 55, tzinfo=UTC)
_TYPICAL_DURATION = timedelta(hours=10)
_DAYS_READABLE = 7
_CLASSES = ("GLACIER", "DEEP_ARCHIVE")


@dataclass(frozen=True)
class Pace:
    """How far apart in time the events of a number of objects are.

    Requests fall into `window`; durations are log-normal around ten hours with `sigma`.
    """

    window: timedelta
    sigma: float


BUSY = Pace(timedelta(minutes=10), 0.005)
"""Events come in faster than batches are taken: a batch holds minutes, here across a full hour."""

BACKLOG = Pace(timedelta(hours=6), 0.1)
"""A batch holds events of many hours, as when a queue is drained after an outage."""

WHOLE_JOB = Pace(timedelta(days=2), 0.4)
"""All objects of a job of two days."""


@dataclass(frozen=True)
class Life:
    """One object version and the times (fixed-width ISO-8601) of what happens to it."""

    entry: ManifestEntry
    version_id: str
    requested_at: str
    completed_at: str
    expires_at: str
    copied_at: str

    @property
    def id(self) -> ObjectId:
        return ObjectId(object_path(self.entry.bucket, self.entry.key), self.version_id)

    @property
    def history(self) -> History:
        """All of it."""
        return History(
            restore_requested_at=self.requested_at,
            restore_completed_at=self.completed_at,
            restore_expires_at=self.expires_at,
            copied_at=self.copied_at,
        )

    def requested(self) -> Happening:
        return self._happening("ObjectRestore:Post", self.requested_at)

    def completed(self) -> Happening:
        return self._happening("ObjectRestore:Completed", self.completed_at, self.expires_at)

    def copied(self, bucket: str = DESTINATION, version_id: str = NO_VERSION) -> Happening:
        """The copy arrives in `bucket` under its own key."""
        entry = self.entry
        return Happening(
            "ObjectCreated:Copy",
            bucket,
            entry.key,
            entry.size_bytes or 0,
            "STANDARD",
            self.copied_at,
            version_id,
        )

    def item(self) -> "dict[str, AttributeValueTypeDef]":
        """The record as the manifest's import leaves it."""
        return item_of(ObjectRecord(self.id, self.entry, NOTHING, 0))

    def _happening(self, name: str, at: str, expires_at: str = "") -> Happening:
        entry = self.entry
        return Happening(
            name,
            entry.bucket,
            entry.key,
            entry.size_bytes or 0,
            entry.storage_class,
            at,
            self.version_id,
            expires_at,
        )


def lives(
    count: int, pace: Pace, *, prefix: str = "runs", versioned: bool = False, job_id: str = JOB
) -> Iterator[Life]:
    """`count` lives, the same in every run; keys start with `prefix`, a quarter of them need URL-encoding."""
    chance = random.Random(f"{count} {prefix}")
    for number in range(count):
        requested = _START + pace.window * chance.random()
        completed = requested + _TYPICAL_DURATION * chance.lognormvariate(0, pace.sigma)
        midnight = completed.replace(hour=0, minute=0, second=0, microsecond=0)
        entry = ManifestEntry(
            job_id,
            BUCKET,
            _key(prefix, number),
            int(chance.lognormvariate(18, 1.5)),
            _CLASSES[number % len(_CLASSES)],
            TIER,
        )
        yield Life(
            entry,
            f"{chance.getrandbits(190):032x}"[:32] if versioned else NO_VERSION,
            to_iso(requested),
            to_iso(completed),
            to_iso(midnight + timedelta(days=_DAYS_READABLE + 1)),
            to_iso(completed + timedelta(minutes=2) * chance.random()),
        )


def _key(prefix: str, number: int) -> str:
    folder = f"{prefix}/2019-{number % 12 + 1:02d}/flowcell-{number // 96:06d}"
    match number % 8:
        case 3:
            return f"{folder}/year=2019/lane=3/sample-{number:08d}_R1.parquet"
        case 7:
            return f"{folder}/Probe Nr. {number:08d} (Kühlraum 3) R1+R2.fastq.gz"
        case _:
            return f"{folder}/sample-{number:08d}_S12_L001_R1_001.fastq.gz"
