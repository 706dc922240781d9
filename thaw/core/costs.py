"""What a restore, and the copies after it, will cost: exact arithmetic on totals and prices.

Amounts are those of thaw.core.money.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from thaw.core.jobs import Totals
from thaw.core.money import Amount, added, priced
from thaw.core.prices import (
    GB_BYTES,
    HOURS_PER_MONTH,
    MONITORED_CLASS,
    TEMPORARY_CLASS,
    Rate,
    RegionPrices,
)
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.tracking_costs import (
    COPY_EVENTS,
    RESTORE_EVENTS,
    events_cost,
    import_cost,
    scans_cost,
    tables_cost,
)

MAX_SINGLE_COPY_BYTES = 5 * GB_BYTES
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""

MINIMUM_DAYS: Mapping[str, int] = {"GLACIER": 90, "DEEP_ARCHIVE": 180}
"""Days that an archived object is paid for at least: https://aws.amazon.com/s3/pricing/"""

MINIMUM_BYTES: Mapping[str, int] = dict.fromkeys(("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"), 128 * 1024)
"""What an object is billed as at least: https://aws.amazon.com/s3/pricing/"""

BATCH_TIERS = frozenset({"Standard", "Bulk"})
"""Expedited is none of them:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-initiate-restore-object.html"""

_ARCHIVE_PARTS_ARE = "STANDARD"
"""The parts of a multipart copy to an archive class are requests of this class:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html"""


class Line(StrEnum):
    """What is paid once for a job, in the order in which it is shown."""

    RESTORE_REQUESTS = "restore_requests"
    BATCH_JOBS = "batch_operations_jobs"
    BATCH_OBJECTS = "batch_operations_objects"
    RETRIEVAL = "retrieval"
    TEMPORARY_STORAGE = "temporary_storage"
    COPY_REQUESTS = "copy_requests"
    TRANSFER = "transfer"
    EARLY_DELETION = "early_deletion"
    THAW_IMPORT = "thaw_import"
    THAW_TABLES = "thaw_tables"
    THAW_EVENTS = "thaw_events"
    THAW_REPORTS = "thaw_reports"


Lines = Mapping[Line, Amount]


@dataclass(frozen=True)
class Plan:
    """What is to be done with the objects.

    `days`: how long temporary copies are kept. `to`: the storage class copied to, if any, at the prices of
    `destination`. `deleted_at_days`: the age at which the archived originals go, None if they stay.
    """

    prices: RegionPrices
    days: int
    to: str | None = None
    destination: RegionPrices | None = None
    deleted_at_days: int | None = None
    part_bytes: int = 512 * 2**20

    @property
    def target(self) -> RegionPrices:
        """The prices where the copies are."""
        return self.destination or self.prices


class Cost(NamedTuple):
    """What one tier costs, and the hours that it typically takes."""

    hours: float
    lines: Lines


def cost(plan: Plan, storage_class: str, tier: str, totals: Totals) -> Cost | None:
    """What restoring objects of one class costs, but for the fee of the Batch Operations job.

    None: S3 has no such tier for the class.
    """
    kind = (storage_class, tier)
    if kind not in TYPICAL_HOURS:
        return None
    prices, gigabytes = plan.prices, Fraction(totals.size_bytes, GB_BYTES)
    batched = totals.objects if tier in BATCH_TIERS else 0
    lines: dict[Line, Amount] = {
        Line.RESTORE_REQUESTS: priced(prices.restore.get(kind), totals.objects, 1000),
        Line.BATCH_OBJECTS: priced(prices.rates.get(Rate.BATCH_PER_MILLION_OBJECTS), batched, 10**6),
        Line.RETRIEVAL: priced(prices.retrieval.get(kind), gigabytes),
        Line.TEMPORARY_STORAGE: _stored(prices, TEMPORARY_CLASS, gigabytes, plan.days),
        Line.COPY_REQUESTS: _copies(plan, totals),
        Line.TRANSFER: _transfer(plan, gigabytes),
        Line.EARLY_DELETION: _early_deletion(plan, storage_class, gigabytes),
        **_tracking(plan, totals.objects),
    }
    return Cost(TYPICAL_HOURS[kind], lines)


def batch_jobs_fee(prices: RegionPrices, tier: str, jobs: int) -> Amount:
    """What the jobs of S3 Batch Operations cost that request the restores."""
    return priced(prices.rates.get(Rate.BATCH_PER_JOB), jobs if tier in BATCH_TIERS else 0)


def new_storage_per_month(plan: Plan, totals: Totals) -> Amount:
    """What the copies cost each month. Objects below a class's minimum size are taken for all alike."""
    if plan.to is None:
        return Fraction(0)
    billed = max(totals.size_bytes, totals.objects * MINIMUM_BYTES.get(plan.to, 0))
    stored = priced(plan.target.storage.get(plan.to), Fraction(billed, GB_BYTES))
    watched = totals.objects if plan.to == MONITORED_CLASS else 0
    monitored = priced(plan.target.rates.get(Rate.MONITORING_PER_1000_OBJECTS), watched, 1000)
    return added([stored, monitored])


def _stored(prices: RegionPrices, storage_class: str, gigabytes: Fraction, days: int) -> Amount:
    return priced(prices.storage.get(storage_class), gigabytes * days * 24, HOURS_PER_MONTH)


def _copies(plan: Plan, totals: Totals) -> Amount:
    """One request an object; above 5 GB on average, one a part and two more, to begin and to complete."""
    if plan.to is None or not totals.objects:
        return Fraction(0)
    put = plan.target.put.get(plan.to)
    if totals.size_bytes <= totals.objects * MAX_SINGLE_COPY_BYTES:
        return priced(put, totals.objects, 1000)
    parts = -(-totals.size_bytes // (totals.objects * plan.part_bytes))
    part = plan.target.put.get(_ARCHIVE_PARTS_ARE) if plan.to in MINIMUM_DAYS else put
    return added([priced(put, totals.objects, 1000), priced(part, totals.objects * (parts + 1), 1000)])


def _transfer(plan: Plan, gigabytes: Fraction) -> Amount:
    if plan.target.region == plan.prices.region:
        return Fraction(0)
    return priced(plan.prices.transfer.get(plan.target.region), gigabytes)


def _early_deletion(plan: Plan, storage_class: str, gigabytes: Fraction) -> Amount:
    """The storage of the days that are left of the class's minimum."""
    if plan.deleted_at_days is None:
        return Fraction(0)
    left = max(0, MINIMUM_DAYS[storage_class] - plan.deleted_at_days)
    return _stored(plan.prices, storage_class, gigabytes, left)


def _tracking(plan: Plan, objects: int) -> dict[Line, Amount]:
    events = objects * (RESTORE_EVENTS + (COPY_EVENTS if plan.to else 0))
    return {
        Line.THAW_IMPORT: import_cost(plan.prices, objects),
        Line.THAW_TABLES: tables_cost(plan.prices, events),
        Line.THAW_EVENTS: events_cost(plan.prices, events),
        Line.THAW_REPORTS: scans_cost(plan.prices, objects, plan.days),
    }
