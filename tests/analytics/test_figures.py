"""The same records give the same figures: in pandas, by SQL from objects, and by SQL from the counters."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analytics.engines import DuckDbEngine
from analytics.reports import Source, run_report, typed
from analytics.rollup_relations import load_rollups
from analytics.schema import REPORTS, Origin
from analytics.statements import Times
from tests.analytics import pandas_figures
from tests.analytics.known_rows import rows_at
from tests.analytics.object_rows import BEGIN, END, JOBS, UNCOUNTED, at, create_objects, records, registered
from thaw.core.histogram import RELATIVE_ERROR

RECORDS = list(records(1500))
FROM_BOTH = [name for name, report in REPORTS.items() if len(report.origins) > 1]
MOMENTS = (
    BEGIN + timedelta(hours=1.5),
    datetime(2024, 2, 29, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 34, 56, 789000, UTC),
    datetime(2024, 3, 1, 5, tzinfo=UTC),
    END,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_objects(connection, RECORDS)
        load_rollups(connection, registered(RECORDS))
        yield connection


def from_(connection: duckdb.DuckDBPyConnection, origin: Origin) -> Source:
    return Source(DuckDbEngine(connection), frozenset({origin}), counted_at=END)


def expected(name: str, as_of: datetime) -> pd.DataFrame:
    rows = rows_at(RECORDS, as_of)
    if name == "temporary_storage":
        frame = pandas_figures.temporary_storage(rows, as_of, 0.023)
    elif name == "forecast":
        frame = pandas_figures.forecast(rows, as_of)
    else:
        frame = getattr(pandas_figures, name)(rows)
    columns = [column for column, _ in REPORTS[name].columns]
    return typed(frame.reindex(columns=columns).reset_index(drop=True), name)


@pytest.mark.parametrize("as_of", MOMENTS, ids=str)
@pytest.mark.parametrize("name", REPORTS)
def test_sql_from_objects_gives_what_pandas_gives(
    connection: duckdb.DuckDBPyConnection, name: str, as_of: datetime
) -> None:
    found = run_report(name, from_(connection, Origin.OBJECTS), at(as_of))
    assert_frame_equal(found, expected(name, as_of), rtol=1e-12)


@pytest.mark.parametrize("name", FROM_BOTH)
def test_sql_from_the_counters_gives_what_sql_from_objects_gives(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    counted = run_report(name, from_(connection, Origin.ROLLUPS), at(END))
    listed = run_report(name, from_(connection, Origin.OBJECTS), at(END))
    uncounted = [column for column in UNCOUNTED if column in counted]
    assert counted[uncounted].isna().all(axis=None), "no counter tells it, so it is unknown, not zero"
    assert_frame_equal(counted.drop(columns=uncounted), listed.drop(columns=uncounted), rtol=0, atol=0)
    assert len(counted)


@pytest.mark.parametrize("name", REPORTS)
def test_times_as_text_give_the_same_as_timestamps(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    with duckdb.connect() as other:
        create_objects(other, RECORDS, Times.TEXT)
        text = Source(DuckDbEngine(other), frozenset({Origin.OBJECTS}), Times.TEXT)
        found = run_report(name, text, at(MOMENTS[2]))
    assert_frame_equal(found, run_report(name, from_(connection, Origin.OBJECTS), at(MOMENTS[2])))


@pytest.mark.parametrize("name", REPORTS)
def test_one_job_is_what_the_report_of_all_says_of_it(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    for origin in REPORTS[name].origins:
        source = from_(connection, origin)
        whole = run_report(name, source, at(END))
        for job_id in JOBS:
            part = whole[whole["job_id"] == job_id].reset_index(drop=True)
            assert_frame_equal(run_report(name, source, at(END, job_id)), part)
            assert len(part)


def test_percentiles_are_within_the_stated_error_of_the_exact_ones(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = run_report("restore_duration", from_(connection, Origin.ROLLUPS), at(END))
    rows = rows_at(RECORDS, END)
    took = (rows["completed"] - rows["requested"]).dt.total_seconds()
    for row in found.to_dict("records"):
        mine = (rows["job_id"] == row["job_id"]) & (rows["storage_class"] == row["storage_class"])
        for percent in (50, 90, 95, 99):
            exact = np.percentile(took[mine].dropna(), percent, method="inverted_cdf")
            assert row[f"p{percent}_seconds"] == pytest.approx(exact, rel=RELATIVE_ERROR)
