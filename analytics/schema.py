"""What the tables and reports hold: names, order and types of their columns.

Times are UTC: `timestamp` in SQL, `datetime64[ms, UTC]` in pandas, as text ISO-8601 in milliseconds and `Z`.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The type of a column, by its Athena name."""

    TEXT = "varchar"
    WHOLE = "bigint"
    NUMBER = "double"
    TIME = "timestamp"
    DAY = "date"


class Column(NamedTuple):
    """One column."""

    name: str
    kind: Kind


class Origin(StrEnum):
    """What a report is computed from: the counters of `rollups`, or the records of `objects`."""

    ROLLUPS = "rollups"
    OBJECTS = "objects"


class Report(NamedTuple):
    """A report. The first of its origins is the one to take where both can be had."""

    name: str
    columns: tuple[Column, ...]
    origins: tuple[Origin, ...]


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from words of the form `name:kind`; without a kind, text."""
    parts = [word.partition(":") for word in text.split()]
    return tuple(Column(name, Kind(kind or Kind.TEXT)) for name, _, kind in parts)


OBJECT_COLUMNS = _columns(
    "job_id bucket key version_id size_bytes:bigint storage_class tier"
    " restore_requested_at:timestamp restore_completed_at:timestamp restore_expires_at:timestamp"
    " restore_expired_at:timestamp copied_at:timestamp failed_at:timestamp"
    " error_code error_message observed_at:timestamp observed_status status"
)
"""A file of object records, and the relation `objects` that the SQL reads. What is not known is null."""

JOB_COLUMNS = _columns("job_id created_at:timestamp tier objects:bigint bytes:bigint")
"""The relation `jobs`: the registered totals."""

ATTENTION_REASONS = (
    "expired_uncopied",
    "failed",
    "expiring_uncopied",
    "restore_overdue",
    "untracked_copy",
)
"""Why objects stand in the report `attention`, most urgent first, as its SQL numbers them."""

REPORTS = {
    report.name: report
    for report in (
        Report(
            "progress",
            _columns("job_id status objects:bigint bytes:bigint percent_objects:double percent_bytes:double"),
            (Origin.ROLLUPS, Origin.OBJECTS),
        ),
        Report(
            "progress_hourly",
            _columns(
                "job_id hour:timestamp requested_objects:bigint completed_objects:bigint"
                " copied_objects:bigint failed_objects:bigint expired_objects:bigint"
                " requested_bytes:bigint completed_bytes:bigint copied_bytes:bigint failed_bytes:bigint"
                " expired_bytes:bigint"
            ),
            (Origin.ROLLUPS, Origin.OBJECTS),
        ),
        Report(
            "restore_duration",
            _columns(
                "job_id storage_class tier objects:bigint bytes:bigint min_seconds:double p50_seconds:double"
                " p90_seconds:double p95_seconds:double p99_seconds:double max_seconds:double"
                " mean_seconds:double"
            ),
            (Origin.ROLLUPS, Origin.OBJECTS),
        ),
        Report(
            "restore_duration_histogram",
            _columns("job_id storage_class tier from_seconds:double to_seconds:double objects:bigint"),
            (Origin.ROLLUPS, Origin.OBJECTS),
        ),
        Report(
            "temporary_storage",
            _columns(
                "job_id day:date byte_seconds:double gb_months:double cost_usd:double"
                " waiting_byte_seconds:double idle_byte_seconds:double"
            ),
            (Origin.OBJECTS, Origin.ROLLUPS),
        ),
        Report(
            "forecast",
            _columns(
                "job_id phase done_objects:bigint left_objects:bigint objects_per_hour:double eta:timestamp"
                " expected_from_durations:timestamp"
            ),
            (Origin.ROLLUPS, Origin.OBJECTS),
        ),
        Report(
            "attention",
            _columns(
                "job_id bucket key version_id reason status since:timestamp expires_at:timestamp"
                " size_bytes:bigint error_code"
            ),
            (Origin.OBJECTS,),
        ),
    )
}
"""Every report, in the order in which `thaw report all` writes them."""
