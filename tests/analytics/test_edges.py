"""The reports at their edges: nothing at all, nothing known, huge numbers, odd names, ends of buckets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import duckdb
import pytest

from analytics.engines import DuckDbEngine
from analytics.reports import DTYPES, Source, run_report
from analytics.rollup_relations import load_rollups
from analytics.schema import REPORTS, Origin
from tests.analytics.object_rows import at, source_of
from thaw.core.histogram import bounds, bucket_of
from thaw.core.history import NOTHING, History, Status
from thaw.core.jobs import Job, Totals
from thaw.core.keys import ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import from_millis, to_iso, to_millis
from thaw.store.jobs import JobCounters

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
BILLION = 10**9
FIFTY_TB = 50 * 2**40
MANY_BYTES = 9 * 10**18
"""Near the greatest whole number of 64 bits."""

FROM_COUNTERS = [name for name, report in REPORTS.items() if Origin.ROLLUPS in report.origins]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def record(
    history: History, size: int | None = 1, job_id: str = "job", storage_class: str = "GLACIER"
) -> ObjectRecord:
    entry = ManifestEntry(job_id, "cold", "key", size, storage_class, "Bulk" if storage_class else "")
    return ObjectRecord(ObjectId("cold/key", "null"), entry, history, 1)


def restored(at: datetime, took: timedelta, days: int) -> History:
    """Requested at `at`, readable `took` later and until `days` after that."""
    return History(to_iso(at), to_iso(at + took), to_iso(at + took + timedelta(days=days)))


def counted(connection: duckdb.DuckDBPyConnection, totals: Totals, counters: JobCounters) -> Source:
    """A source of the counters of one job."""
    load_rollups(connection, [(Job("job", to_iso(NOON), "Bulk", totals), counters)])
    return Source(DuckDbEngine(connection), frozenset({Origin.ROLLUPS}))


@pytest.mark.parametrize("name", REPORTS)
def test_without_any_object_a_report_is_empty_and_still_typed(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    found = run_report(name, source_of(connection, [], Origin.OBJECTS), at(NOON))
    assert len(found) == 0
    columns = REPORTS[name].columns
    assert {column: str(dtype) for column, dtype in found.dtypes.items()} == {
        column: DTYPES[kind] for column, kind in columns
    }
    assert list(found.columns) == [column for column, _ in columns]


def test_a_registered_job_without_objects_has_six_statuses_of_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    source = counted(connection, Totals(0, 0), {})
    found = run_report("progress", source, at(NOON))
    assert found["status"].tolist() == list(Status)
    assert found[["objects", "bytes", "percent_objects", "percent_bytes"]].eq(0).all(axis=None)
    forecast = run_report("forecast", source, at(NOON))
    assert forecast["phase"].tolist() == ["restore", "copy"]
    assert forecast[["eta", "expected_from_durations"]].isna().all(axis=None), "nothing is left to do"
    for name in set(FROM_COUNTERS) - {"progress", "forecast"}:
        assert run_report(name, source, at(NOON)).empty


@pytest.mark.parametrize("name", REPORTS)
def test_before_everything_all_is_pending_and_nothing_has_happened(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    source = source_of(connection, [record(restored(NOON, timedelta(hours=5), 3))], Origin.OBJECTS)
    found = run_report(name, source, at(datetime(1999, 12, 31, 23, 59, 59, 999000, UTC)))
    if name == "progress":
        assert found.set_index("status")["objects"].to_dict()["PENDING"] == 1
    elif name == "forecast":
        assert found["left_objects"].tolist() == [1, 1]
    else:
        assert found.empty


def test_nulls_everywhere_are_one_pending_object_of_no_bytes(connection: duckdb.DuckDBPyConnection) -> None:
    source = source_of(connection, [record(NOTHING, None, storage_class="")], Origin.OBJECTS)
    found = run_report("progress", source, at(NOON)).set_index("status").loc["PENDING"]
    assert (found["objects"], found["bytes"], found["percent_bytes"]) == (1, 0, 0.0)
    assert run_report("attention", source, at(NOON)).empty


def test_an_unknown_class_and_tier_have_a_name(connection: duckdb.DuckDBPyConnection) -> None:
    records = [record(restored(NOON, timedelta(hours=1), 3), storage_class="")]
    for origin in (Origin.OBJECTS, Origin.ROLLUPS):
        found = run_report(
            "restore_duration", source_of(connection, records, origin), at(NOON + timedelta(1))
        )
        assert found[["storage_class", "tier"]].to_numpy().tolist() == [["UNKNOWN", "UNKNOWN"]]


@pytest.mark.parametrize(
    ("begin", "days"),
    [
        (datetime(2024, 2, 28, 22, tzinfo=UTC), ["2024-02-28", "2024-02-29", "2024-03-01"]),
        (datetime(2023, 2, 28, 22, tzinfo=UTC), ["2023-02-28", "2023-03-01", "2023-03-02"]),
        (datetime(2026, 12, 31, 22, tzinfo=UTC), ["2026-12-31", "2027-01-01", "2027-01-02"]),
    ],
)
def test_temporary_storage_knows_the_calendar(
    connection: duckdb.DuckDBPyConnection, begin: datetime, days: list[str]
) -> None:
    records = [record(restored(begin, timedelta(hours=1), 2), FIFTY_TB)]
    for origin in (Origin.OBJECTS, Origin.ROLLUPS):
        source = source_of(connection, records, origin)
        found = run_report("temporary_storage", source, at(begin + timedelta(days=300)))
        assert found["day"].dt.strftime("%Y-%m-%d").tolist() == days
        assert found["byte_seconds"].tolist() == [FIFTY_TB * hours * 3600 for hours in (1, 24, 23)]


def test_days_without_any_temporary_copy_have_no_row(connection: duckdb.DuckDBPyConnection) -> None:
    lives = [restored(NOON, timedelta(0), 1), restored(NOON + timedelta(days=400), timedelta(0), 1)]
    source = source_of(connection, [record(life) for life in lives], Origin.OBJECTS)
    found = run_report("temporary_storage", source, at(NOON + timedelta(days=800)))
    assert found["day"].dt.strftime("%Y-%m-%d").tolist() == [
        *("2024-02-29", "2024-03-01"),
        *("2025-04-04", "2025-04-05"),
    ]


def test_a_month_of_a_gigabyte_costs_its_price(connection: duckdb.DuckDBPyConnection) -> None:
    life = History(restore_completed_at=to_iso(NOON), restore_expires_at=to_iso(NOON + timedelta(hours=730)))
    source = source_of(connection, [record(life, 2**30)], Origin.OBJECTS)
    found = run_report("temporary_storage", source, at(NOON + timedelta(days=99)))
    assert found["gb_months"].sum() == pytest.approx(1)
    assert found["cost_usd"].sum() == pytest.approx(0.023)


def test_every_bucket_has_the_bounds_of_the_core(connection: duckdb.DuckDBPyConnection) -> None:
    buckets = range(bucket_of(2**41) + 1)
    durations = list(chain.from_iterable((bounds(bucket)[0], bounds(bucket)[1] - 1) for bucket in buckets))
    start = to_millis("2000-01-01T00:00:00.000Z")
    lives = [History(from_millis(start), from_millis(start + duration)) for duration in durations]
    expected = [(bounds(bucket)[0] / 1000, bounds(bucket)[1] / 1000, 2) for bucket in buckets]
    for origin in (Origin.OBJECTS, Origin.ROLLUPS):
        source = source_of(connection, [record(life) for life in lives], origin)
        found = run_report("restore_duration_histogram", source, at(datetime(2200, 1, 1, tzinfo=UTC)))
        rows = found[["from_seconds", "to_seconds", "objects"]].itertuples(index=False, name=None)
        assert list(rows) == expected, origin


def test_a_percentile_of_a_whole_rank_is_the_number_at_that_rank(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    start = to_millis("2024-02-29T00:00:00.000Z")
    lives = [History(from_millis(start), from_millis(start + took)) for took in range(1, 101)]
    for origin in (Origin.OBJECTS, Origin.ROLLUPS):
        (row,) = run_report(
            "restore_duration", source_of(connection, [record(life) for life in lives], origin), at(NOON)
        ).to_dict("records")
        found = [row[f"{name}_seconds"] for name in ("min", "p50", "p90", "p95", "p99", "max", "mean")]
        assert found == [0.001, 0.05, 0.09, 0.095, 0.099, 0.1, 0.0505]


def test_a_billion_objects_are_counted_exactly(connection: duckdb.DuckDBPyConnection) -> None:
    hour = "hour#2024-02-29T11"
    source = counted(
        connection,
        Totals(BILLION, MANY_BYTES),
        {
            ("status", "restored_objects"): BILLION - 1,
            ("status", "restored_bytes"): MANY_BYTES - 3,
            (hour, "completed_objects"): BILLION - 1,
            (hour, "completed_bytes"): MANY_BYTES - 3,
            ("duration#GLACIER#Bulk", "objects"): BILLION - 1,
            ("duration#GLACIER#Bulk", "size_bytes"): MANY_BYTES - 3,
            ("duration#GLACIER#Bulk", "duration_ms"): (BILLION - 1) * 18_000_000,
            ("duration#GLACIER#Bulk", f"b{bucket_of(18_000_000)}"): BILLION - 1,
            ("storage#2024-02-29T11#2024-03-09", "size_bytes"): MANY_BYTES,
            ("storage#2024-02-29T11#2024-03-09", "start_byte_ms"): MANY_BYTES * 3_599_999,
        },
    )
    progress = run_report("progress", source, at(NOON))
    counts = progress[["status", "objects", "bytes"]].to_numpy().tolist()
    assert ["PENDING", 1, 3] in counts
    assert ["RESTORED", BILLION - 1, MANY_BYTES - 3] in counts
    hourly = run_report("progress_hourly", source, at(NOON))
    assert hourly[["completed_objects", "completed_bytes"]].to_numpy().tolist() == [
        [BILLION - 1, MANY_BYTES - 3]
    ]
    duration = run_report("restore_duration", source, at(NOON))
    assert duration[["objects", "bytes", "mean_seconds"]].to_numpy().tolist() == [
        [BILLION - 1, MANY_BYTES - 3, 18_000.0]
    ]
    storage = run_report("temporary_storage", source, at(NOON))
    assert storage["byte_seconds"].tolist() == [MANY_BYTES / 1000], "one millisecond of it"
    forecast = run_report("forecast", source, at(NOON)).iloc[0]
    assert (forecast["done_objects"], forecast["left_objects"]) == (BILLION - 1, 1)


def test_a_pace_that_would_take_centuries_gives_no_eta(connection: duckdb.DuckDBPyConnection) -> None:
    hour = "hour#2024-02-29T11"
    counters = {(hour, "completed_objects"): 1, ("status", "restored_objects"): 1}
    source = counted(connection, Totals(BILLION, 0), counters)
    found = run_report("forecast", source, at(NOON)).iloc[0]
    assert found["objects_per_hour"] == pytest.approx(1 / 6)
    assert found["left_objects"] == BILLION - 1
    assert found.isna()["eta"]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    "job_id", ["o'neill", "'; DROP TABLE objects; --", '"', "日本 \U0001f9ca", "\\", "%", ""]
)
def test_a_job_id_is_text_whatever_it_holds(
    connection: duckdb.DuckDBPyConnection, name: str, job_id: str
) -> None:
    life = restored(NOON - timedelta(days=9), timedelta(hours=5), 3)
    others = [record(life, job_id=other) for other in ("job", "o''neill", "x")]
    for origin in REPORTS[name].origins:
        source = source_of(connection, [record(life, job_id=job_id), *others], origin)
        found = run_report(name, source, at(NOON, job_id))
        assert set(found["job_id"]) == {job_id}
        assert len(run_report(name, source, at(NOON))) == 4 * len(found)


@pytest.mark.parametrize(("seconds", "measured"), [(-0.001, 0), (0, 1), (0.001, 1)])
def test_a_restore_is_measured_from_the_moment_of_its_completion_on(
    connection: duckdb.DuckDBPyConnection, seconds: float, measured: int
) -> None:
    source = source_of(connection, [record(restored(NOON, timedelta(hours=5), 7))], Origin.OBJECTS)
    as_of = NOON + timedelta(hours=5, seconds=seconds)
    assert run_report("restore_duration", source, at(as_of))["objects"].sum() == measured
