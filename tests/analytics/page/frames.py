"""Reports made by hand, with the types that reports have: what the page is tried with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import Any

import pandas as pd

from analytics.page import Heading
from analytics.schema import REPORTS, Kind
from thaw.core.histogram import bounds, bucket_of, midpoint, percentile

AS_OF = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DTYPES = {
    Kind.TEXT: "str",
    Kind.WHOLE: "Int64",
    Kind.NUMBER: "Float64",
    Kind.TIME: "datetime64[ms, UTC]",
    Kind.DAY: "datetime64[s]",
}
HOSTILE = "archive/</script><img src=x onerror=alert(1)>\"'&amp; \u202egnp.exe\n.bin"
COUNTS = {"COPIED": 1180, "RESTORED": 240, "RESTORING": 310, "PENDING": 220, "EXPIRED": 18, "FAILED": 32}
GIB = 2**30

Rows = Iterable[Mapping[str, Any] | Sequence[Any]]


def heading(attention_total: int = 0, job_id: str | None = None) -> Heading:
    return Heading(AS_OF, "objects.parquet", job_id, attention_total)


def frame(report: str, rows: Rows = ()) -> pd.DataFrame:
    """A report with the names and types it has in truth, from rows in the order of its columns."""
    columns = REPORTS[report].columns
    table = pd.DataFrame(
        [list(row) for row in rows], columns=[column.name for column in columns], dtype=object
    )
    return table.astype({column.name: DTYPES[column.kind] for column in columns})


def empty_frames() -> dict[str, pd.DataFrame]:
    return {name: frame(name) for name in REPORTS}


def progress(job: str, counts: Mapping[str, int] = COUNTS, size: int = GIB) -> list[list[Any]]:
    """Rows of `progress`: each object has `size` bytes."""
    total = sum(counts.values())
    share = {status: 100 * count / total if total else 0.0 for status, count in counts.items()}
    return [
        [job, status, count, count * size, share[status], share[status]] for status, count in counts.items()
    ]


def hourly(
    job: str, hours: int, each: int = 10, start: datetime = AS_OF - timedelta(hours=30)
) -> list[list[Any]]:
    """Rows of `progress_hourly`: requests come first, restores follow like a wave, then their copies."""
    began = start.replace(minute=0)
    rows: list[list[Any]] = []
    for hour in range(hours):
        turn = hour / hours
        kinds = [
            each * 3 if turn < 1 / 3 else 0,
            round(each * 2.1 * exp(-(((turn - 0.45) / 0.22) ** 2))),
            round(each * 1.9 * exp(-(((turn - 0.75) / 0.22) ** 2))),
            each // 20 if hour % 7 == 3 else 0,
            each // 20 if hour % 11 == 9 else 0,
        ]
        rows.append([job, began + timedelta(hours=hour), *kinds, *(GIB * kind for kind in kinds)])
    return rows


def durations(job: str, storage_class: str, tier: str, hours: float, objects: int = 1500) -> tuple[Any, Any]:
    """A row of `restore_duration` and the rows of its histogram: a hump around `hours` with a long tail."""
    counts: dict[int, int] = {}
    for number in range(objects):
        turn = (number + 0.5) / objects
        millis = int(hours * 3_600_000 * exp(0.22 * log(turn / (1 - turn))))
        counts[bucket_of(millis)] = counts.get(bucket_of(millis), 0) + 1
    marks = [(percentile(counts, fraction) or 0) / 1000 for fraction in (0, 0.5, 0.9, 0.95, 0.99, 1)]
    mean = sum(midpoint(bucket) * count for bucket, count in counts.items()) / objects / 1000
    row = [job, storage_class, tier, objects, objects * GIB, *marks, mean]
    edges = {bucket: bounds(bucket) for bucket in sorted(counts)}
    histogram = [
        [job, storage_class, tier, low / 1000, high / 1000, counts[bucket]]
        for bucket, (low, high) in edges.items()
    ]
    return row, histogram


def storage(job: str, days: int, *, split: bool = True, start: datetime = AS_OF) -> list[list[Any]]:
    """Rows of `temporary_storage`, each day dearer than the last, then cheaper."""
    midnight = start.replace(hour=0, tzinfo=None)
    rows: list[list[Any]] = []
    for day in range(days):
        work = 1e17 * min(day + 1, days - day)
        months = work / GIB / 3600 / 730
        parts = [work * 0.6, work * 0.4] if split else [None, None]
        rows.append([job, midnight + timedelta(days=day), work, months, months * 0.023, *parts])
    return rows


def forecast(job: str) -> list[list[Any]]:
    eta = AS_OF + timedelta(hours=31)
    return [
        [job, "restore", 1438, 530, 58.3, AS_OF + timedelta(hours=9), AS_OF + timedelta(hours=7)],
        [job, "copy", 1180, 770, 24.8, eta, None],
    ]


def attention(job: str, each: int = 3) -> list[list[Any]]:
    """Rows of `attention`: `each` for every reason, the first with a hostile key."""
    reasons = {
        "expired_uncopied": "EXPIRED",
        "failed": "FAILED",
        "expiring_uncopied": "RESTORED",
        "restore_overdue": "RESTORING",
        "untracked_copy": "COPIED",
    }
    rows: list[list[Any]] = []
    for reason, status in reasons.items():
        for number in range(each):
            key = f"fotos/2019/Überflug {number}/raw/scene-{number:05}-λ.tif" if rows else HOSTILE
            error = "AccessDenied" if status == "FAILED" else None
            since, expires = AS_OF - timedelta(hours=20 + number), AS_OF + timedelta(hours=4)
            rows.append(
                [job, "cold-archive", key, "null", reason, status, since, expires, 7 * GIB + number, error]
            )
    return rows


def full_frames(job: str = "autumn-2026") -> dict[str, pd.DataFrame]:
    """One job under way, all reports."""
    measured = [
        durations(job, "DEEP_ARCHIVE", "Bulk", 31),
        durations(job, "DEEP_ARCHIVE", "Standard", 8.5),
        durations(job, "GLACIER", "Standard", 3.6, objects=400),
    ]
    return {
        "progress": frame("progress", progress(job)),
        "progress_hourly": frame("progress_hourly", hourly(job, 30, each=60)),
        "restore_duration": frame("restore_duration", [row for row, _ in measured]),
        "restore_duration_histogram": frame(
            "restore_duration_histogram", [row for _, rows in measured for row in rows]
        ),
        "temporary_storage": frame("temporary_storage", storage(job, 14)),
        "forecast": frame("forecast", forecast(job)),
        "attention": frame("attention", attention(job)),
    }
