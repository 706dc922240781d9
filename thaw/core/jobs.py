"""A job: one manifest, its registered totals, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from thaw.core.errors import SummaryError, TimestampError, TotalsError
from thaw.core.history import Status
from thaw.core.rollups import STATUS
from thaw.core.times import parse

SUMMARY_SCHEMA = 1


class Totals(NamedTuple):
    """A number of objects and their bytes."""

    objects: int
    size_bytes: int


@dataclass(frozen=True)
class Job:
    """One manifest as registered: what `pending` is counted down from.

    `created_at` is fixed-width ISO-8601; `tier` is Expedited, Standard or Bulk; `buckets` hold its objects.
    """

    job_id: str
    created_at: str
    tier: str
    totals: Totals
    by_storage_class: Mapping[str, Totals] = field(default_factory=dict[str, Totals])
    buckets: tuple[str, ...] = ()

    @classmethod
    def from_summary(cls, summary: Mapping[str, Any]) -> "Job":
        """The job that a `summary.json` of `thaw manifest prepare` describes. Raises SummaryError."""
        if summary.get("schema") != SUMMARY_SCHEMA:
            raise SummaryError(
                f"The summary has schema {summary.get('schema')!r}; this version reads {SUMMARY_SCHEMA}:"
                " prepare the manifest again with this version of Thaw."
            )
        try:
            return cls(
                job_id=_text(summary, "job_id"),
                created_at=parse(summary["created_at"]),
                tier=_text(summary, "tier"),
                totals=_totals(summary),
                by_storage_class={name: _totals(part) for name, part in summary["by_storage_class"].items()},
                buckets=tuple(sorted(summary["by_bucket"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError, TimestampError) as exc:
            raise SummaryError(
                f"The summary lacks a field or has a wrong one ({exc!r}): is it Thaw's?"
            ) from exc


def _text(summary: Mapping[str, Any], name: str) -> str:
    if not isinstance(summary[name], str):
        raise TypeError(f"{name} is no text")
    return summary[name]


def _totals(part: Mapping[str, Any]) -> Totals:
    return Totals(objects=int(part["objects"]), size_bytes=int(part["size_bytes"]))


@dataclass(frozen=True)
class Progress:
    """How far a job has come: objects and bytes in every status; they add up to the job's totals."""

    job: Job
    by_status: Mapping[Status, Totals]

    @classmethod
    def of(cls, job: Job, counters: Mapping[tuple[str, str], int]) -> "Progress":
        """Progress from the job's `status` counters, keyed (metric, attribute).

        What no counter holds is PENDING. Raises TotalsError when any number would be negative.
        """
        counted = {
            status: Totals(
                counters.get((STATUS, f"{status.lower()}_objects"), 0),
                counters.get((STATUS, f"{status.lower()}_bytes"), 0),
            )
            for status in Status
            if status is not Status.PENDING
        }
        pending = Totals(
            job.totals.objects - sum(part.objects for part in counted.values()),
            job.totals.size_bytes - sum(part.size_bytes for part in counted.values()),
        )
        by_status = {Status.PENDING: pending, **counted}
        for status, part in by_status.items():
            if min(part) < 0:
                raise TotalsError(
                    f"Job {job.job_id} has {part.objects} objects and {part.size_bytes} bytes {status} of"
                    f" {job.totals.objects} objects and {job.totals.size_bytes} bytes registered: its"
                    f" counters contradict its totals; run `thaw verify --job {job.job_id}`."
                )
        return cls(job, by_status)
