"""A job's counters as the tables people read: progress, progress by hour, restore durations."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from thaw.core.histogram import bounds, percentile
from thaw.core.history import Status
from thaw.core.jobs import Job, Progress
from thaw.core.rollups import DURATION, HOUR, SEPARATOR
from thaw.store.jobs import JobCounters

Cell = str | int | float
Row = dict[str, Cell]

KINDS = ("requested", "completed", "copied", "failed", "expired")
MILLIS = 1000


class RollupTable(NamedTuple):
    """A named table; every row has the same columns in the same order."""

    name: str
    rows: list[Row]


def rollup_tables(job: Job, counters: JobCounters) -> list[RollupTable]:
    """`progress`, `progress_hourly` and `restore_duration` of one job, from its counters alone."""
    return [
        RollupTable("progress", list(progress_rows(Progress.of(job, counters)))),
        RollupTable("progress_hourly", list(hourly_rows(job.job_id, counters))),
        RollupTable("restore_duration", list(duration_rows(job.job_id, counters))),
    ]


def progress_rows(progress: Progress) -> Iterator[Row]:
    """A row for each of the six statuses, those without objects included."""
    totals = progress.job.totals
    for status in Status:
        part = progress.by_status[status]
        yield {
            "job_id": progress.job.job_id,
            "status": status,
            "objects": part.objects,
            "bytes": part.size_bytes,
            "percent_objects": _percent(part.objects, totals.objects),
            "percent_bytes": _percent(part.size_bytes, totals.size_bytes),
        }


def hourly_rows(job_id: str, counters: JobCounters) -> Iterator[Row]:
    """A row for each hour (UTC) in which something happened: objects and bytes by kind of event."""
    for metric, amounts in _rows_of(HOUR, counters):
        _, hour = metric.split(SEPARATOR)
        yield {
            "job_id": job_id,
            "hour": f"{hour}:00:00.000Z",
            **{
                f"{kind}_{unit}": amounts[f"{kind}_{unit}"] for unit in ("objects", "bytes") for kind in KINDS
            },
        }


def duration_rows(job_id: str, counters: JobCounters) -> Iterator[Row]:
    """A row for each storage class and tier; seconds are within the histogram's relative error."""
    for metric, amounts in _rows_of(DURATION, counters):
        _, storage_class, tier = metric.split(SEPARATOR)
        buckets = {int(name[1:]): count for name, count in amounts.items() if name[0] == "b" and count}
        if buckets:
            yield {
                "job_id": job_id,
                "storage_class": storage_class,
                "tier": tier,
                "objects": amounts["objects"],
                "bytes": amounts["size_bytes"],
                "min_seconds": bounds(min(buckets))[0] / MILLIS,
                **{
                    f"p{percent}_seconds": (percentile(buckets, percent / 100) or 0) / MILLIS
                    for percent in (50, 90, 95, 99)
                },
                "max_seconds": (bounds(max(buckets))[1] - 1) / MILLIS,
                "mean_seconds": amounts["duration_ms"] / amounts["objects"] / MILLIS,
            }


def _rows_of(kind: str, counters: JobCounters) -> list[tuple[str, Mapping[str, int]]]:
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (metric, attribute), amount in counters.items():
        if metric.startswith(kind + SEPARATOR):
            rows[metric][attribute] += amount
    return sorted((metric, amounts) for metric, amounts in rows.items() if any(amounts.values()))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
