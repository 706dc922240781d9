"""Proves the counters: recomputes them from the records and compares every number.

A job's counters are what its records give, and what those had given that left it for another job.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.jobs import Job, Totals
from thaw.core.records import UNKNOWN, ObjectRecord
from thaw.core.rollups import contributions
from thaw.store.error_codes import error_code
from thaw.store.items import STATUS, to_record
from thaw.store.jobs import JobCounters, read_counters
from thaw.store.ledgers import Left, read_left, read_loaded
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

    def add_left(self, left: Left) -> None:
        """What records had added that are gone."""
        for (metric, attribute), amount in left.counters.items():
            self.counters[metric, attribute] += amount
        for storage_class, part in left.totals.items():
            self.objects[storage_class] += part.objects
            self.size_bytes[storage_class] += part.size_bytes

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
    jobs_table: str = "",
) -> Verified:
    """Recomputes the jobs from all records in one scan. `progress(objects read)` is called a page at a time.

    `jobs_table` ("", or a name of none, in a stack that starts no jobs) tells what records had added that
    moved on to other jobs; without it they would show as differences. Records of a
    job that is not among `job_ids` are only counted. Raises JobNotFoundError for a job that is not
    registered, MalformedItemError for an item that is no record.
    """
    read = partial(_read, client, rollups_table, jobs_table)
    before = {job_id: read(job_id) for job_id in job_ids}
    recomputed = {job_id: _Recomputed() for job_id in job_ids}
    other_jobs = _recompute(client, objects_table, recomputed, progress)
    jobs = [_compare(before[job_id], read(job_id), recomputed[job_id]) for job_id in job_ids]
    return Verified(jobs, other_jobs)


class _Written(NamedTuple):
    """What the tables say of a job: what it is made of, and what its records should add up to."""

    job: Job
    counters: JobCounters
    left: Left
    loaded: Mapping[str, Totals]


def _read(client: "DynamoDBClient", rollups_table: str, jobs_table: str, job_id: str) -> _Written:
    job, counters = read_counters(client, rollups_table, job_id)
    written = _Written(job, counters, Left(Counter(), {}), {})
    if not jobs_table:
        return written
    try:
        left = read_left(client, jobs_table, job_id)
        return written._replace(left=left, loaded=read_loaded(client, jobs_table, job_id))
    except ClientError as exc:
        if error_code(exc) != "ResourceNotFoundException":
            raise
        return written


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


def _compare(before: _Written, after: _Written, found: _Recomputed) -> Verification:
    job, objects = before.job, found.objects.total()
    found.add_left(before.left)
    stored = _named(before.counters) | _totals(job.by_storage_class, job.totals)
    counted = _named(found.counters) | found.totals()
    differences = [
        (name, stored.get(name, 0), counted.get(name, 0))
        for name in sorted(stored.keys() | counted.keys())
        if stored.get(name, 0) != counted.get(name, 0)
    ]
    numbers = len(stored.keys() | counted.keys())
    return Verification(job.job_id, objects, numbers, differences, before != after)


def _named(counters: JobCounters) -> dict[str, int]:
    return {" ".join(name): amount for name, amount in counters.items() if amount}


def _totals(by_storage_class: Mapping[str, Totals], totals: Totals) -> dict[str, int]:
    return {
        f"total {name} {unit}": amount
        for name, part in {**by_storage_class, "of the job": totals}.items()
        for unit, amount in part._asdict().items()
    }
