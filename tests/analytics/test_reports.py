"""A report comes typed from whatever engine, from the first origin that can tell, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import duckdb
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import analytics.reports as module
from analytics.engines import AthenaEngine, DuckDbEngine
from analytics.errors import ReportError
from analytics.reports import DTYPES, Source, run_report
from analytics.rollup_relations import load_rollups
from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters
from tests.analytics.object_rows import END, JOBS, at, create_objects, records, registered
from thaw.core.errors import TotalsError
from thaw.core.jobs import Job, Totals

RECORDS = list(records(60))
BOTH = frozenset(Origin)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_objects(connection, RECORDS)
        load_rollups(connection, registered(RECORDS))
        yield connection


@dataclass
class Cursor:
    """A cursor as PyAthena's plain one is, over DuckDB."""

    connection: duckdb.DuckDBPyConnection
    description: list[tuple[Any, ...]] = field(default_factory=list[Any])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, sql: str) -> None:
        self.description = list(self.connection.execute(sql).description or ())

    def fetchall(self) -> list[Any]:
        return self.connection.fetchall()


@dataclass(frozen=True)
class Connection:
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> Cursor:
        return Cursor(self.connection)


@dataclass
class Recording:
    """An engine that keeps what it is asked and answers nothing."""

    asked: list[str] = field(default_factory=list[str])

    def query(self, sql: str) -> pd.DataFrame:
        self.asked.append(sql)
        raise LookupError


@pytest.mark.parametrize("name", REPORTS)
def test_rows_of_athena_become_the_same_frame(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    duck, athena = (
        run_report(name, Source(engine, BOTH), at(END))
        for engine in (DuckDbEngine(connection), AthenaEngine(Connection(connection)))
    )
    assert_frame_equal(athena, duck)
    assert [str(dtype) for dtype in duck.dtypes] == [DTYPES[kind] for _, kind in REPORTS[name].columns]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_a_function_of_its_own(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    source = Source(DuckDbEngine(connection), BOTH)
    assert_frame_equal(getattr(module, name)(source, at(END)), run_report(name, source, at(END)))


def test_whole_numbers_stay_exact_beside_missing_ones(connection: duckdb.DuckDBPyConnection) -> None:
    engine = DuckDbEngine(connection)
    found = engine.query(
        "SELECT * FROM (VALUES (9007199254740993, DATE '2024-02-29'), (NULL, NULL)) AS v (n, d)"
    )
    assert found["n"].tolist() == [9007199254740993, pd.NA]
    assert found["d"].isna().tolist() == [False, True]
    assert found["d"][0] == pd.Timestamp(date(2024, 2, 29))


def origin_of(source: Source, name: str, as_of: datetime | None) -> Origin:
    """The origin whose tables the report reads."""
    assert isinstance(source.engine, Recording)
    with pytest.raises(LookupError):
        run_report(name, source, Parameters(as_of, 0.023))
    return Origin.OBJECTS if "FROM objects" in source.engine.asked[-1] else Origin.ROLLUPS


def test_the_cheaper_origin_is_taken_unless_it_cannot_look_back() -> None:
    source = Source(Recording(), BOTH, counted_at=END)
    assert origin_of(source, "progress", END) is Origin.ROLLUPS
    assert origin_of(source, "progress", None) is Origin.ROLLUPS
    assert origin_of(source, "progress", END - timedelta(milliseconds=1)) is Origin.OBJECTS
    assert origin_of(source, "temporary_storage", END) is Origin.OBJECTS
    counters = Source(Recording(), frozenset({Origin.ROLLUPS}), counted_at=END)
    assert origin_of(counters, "temporary_storage", END) is Origin.ROLLUPS


def test_counters_alone_do_not_tell_of_the_past() -> None:
    source = Source(Recording(), frozenset({Origin.ROLLUPS}), counted_at=END)
    with pytest.raises(ReportError, match=r"progress is asked for as of 2024-01-01 .* leave as_of out"):
        run_report("progress", source, at(datetime(2024, 1, 1, tzinfo=UTC)))


def test_what_a_source_cannot_tell_is_refused() -> None:
    source = Source(Recording(), frozenset({Origin.ROLLUPS}))
    with pytest.raises(
        ReportError, match=r"attention is made from objects, and this source has rollups only"
    ):
        run_report("attention", source, at(END))
    with pytest.raises(ReportError, match="There is no report 'progres'; there is progress, progress_hourly"):
        run_report("progres", source, at(END))


def test_loading_counters_again_replaces_them(connection: duckdb.DuckDBPyConnection) -> None:
    source = Source(DuckDbEngine(connection), frozenset({Origin.ROLLUPS}))
    load_rollups(
        connection, [(job, counters) for job, counters in registered(RECORDS) if job.job_id == JOBS[0]]
    )
    assert set(run_report("progress", source, at(END))["job_id"]) == {JOBS[0]}
    load_rollups(connection, [])
    assert run_report("progress", source, at(END)).empty


def test_counters_that_contradict_their_totals_are_refused(connection: duckdb.DuckDBPyConnection) -> None:
    job = Job("job", "2026-11-21T00:00:00.000Z", "Bulk", Totals(1, 1))
    with pytest.raises(TotalsError, match="counters contradict its totals; run `thaw verify --job job`"):
        load_rollups(connection, [(job, {("status", "copied_objects"): 2})])
