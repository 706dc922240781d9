"""Proves the counters: recomputes them from the records and compares every number."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.jobs import Job, Totals
from thaw.core.records import UNKNOWN, ObjectRecord
from thaw.core.rollups import contributions
from thaw.store.items import STATUS, to_record
from thaw.store.jobs import JobCounters, read_counters
from thaw.store.scan import scan_pages

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Difference = tuple[str, int, int]
"""(name of the number, as stored, as recomputed)"""


@dataclass
class _Recomputed:
    counters: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    objects: Counter[str] = field(default_factory=Counter[str])
    size_bytes: Counter[str] = field(default_factory=Counter[str])
    wrong_status: int = 0

    def add(self, record: ObjectRecord, stored_status: str) -> None:
        for key, amount in contributions(record).items():
            self.counters[key.metric, key.attribute] += amount
        storage_class = record.entry.storage_class or UNKNOWN
        self.objects[storage_class] += 1
        self.size_bytes[storage_class] += record.entry.size_bytes or 0
        self.wrong_status += stored_status != record.status

    def totals(self) -> dict[str, int]:
        by_class = {name: Totals(count, self.size_bytes[name]) for name, count in self.objects.items()}
        totals = _totals(by_class, Totals(self.objects.total(), self.size_bytes.total()))
        return totals | {"records with a stored status other than the derived one": self.wrong_status}


@dataclass(frozen=True)
class Verification:
    """One job's numbers against its records.

    `moved`: the job changed while its records were read, so that a difference proves nothing yet.
    """

    job_id: str
    objects: int
    numbers: int
    differences: list[Difference]
    moved: bool

    @property
    def proven(self) -> bool:
        return not self.differences and not self.moved


class Verified(NamedTuple):
    """The jobs asked for, and how many objects were seen of each other job."""

    jobs: list[Verification]
    other_jobs: Counter[str]


def verify(
    client: "DynamoDBClient",
    objects_table: str,
    rollups_table: str,
    job_ids: list[str],
    progress: Callable[[int], None],
) -> Verified:
    """Recomputes the jobs from all records in one scan. `progress(objects read)` is called a page at a time.

    Records of a job that is not among `job_ids` are only counted. Raises JobNotFoundError for a job that is
    not registered, MalformedItemError for an item that is no record.
    """
    before = {job_id: read_counters(client, rollups_table, job_id) for job_id in job_ids}
    recomputed = {job_id: _Recomputed() for job_id in job_ids}
    other_jobs = _recompute(client, objects_table, recomputed, progress)
    jobs = [
        _compare(*before[job_id], read_counters(client, rollups_table, job_id)[1], recomputed[job_id])
        for job_id in job_ids
    ]
    return Verified(jobs, other_jobs)


def _recompute(
    client: "DynamoDBClient",
    table: str,
    recomputed: Mapping[str, _Recomputed],
    progress: Callable[[int], None],
) -> Counter[str]:
    other_jobs = Counter[str]()
    for items in scan_pages(client, table):
        for item in items:
            record = to_record(item)
            job = recomputed.get(record.entry.job_id)
            if job is None:
                other_jobs[record.entry.job_id] += 1
            else:
                job.add(record, item.get(STATUS, {}).get("S", ""))
        progress(len(items))
    return other_jobs


def _compare(job: Job, before: JobCounters, after: JobCounters, found: _Recomputed) -> Verification:
    stored = _named(before) | _totals(job.by_storage_class, job.totals)
    counted = _named(found.counters) | found.totals()
    differences = [
        (name, stored.get(name, 0), counted.get(name, 0))
        for name in sorted(stored.keys() | counted.keys())
        if stored.get(name, 0) != counted.get(name, 0)
    ]
    numbers = len(stored.keys() | counted.keys())
    return Verification(job.job_id, found.objects.total(), numbers, differences, before != after)


def _named(counters: JobCounters) -> dict[str, int]:
    return {" ".join(name): amount for name, amount in counters.items() if amount}


def _totals(by_storage_class: Mapping[str, Totals], totals: Totals) -> dict[str, int]:
    return {
        f"total {name} {unit}": amount
        for name, part in {**by_storage_class, "of the job": totals}.items()
        for unit, amount in part._asdict().items()
    }
