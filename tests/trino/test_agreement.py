"""A real Trino runs every report's SQL unchanged and gives what DuckDB gives: rows, order, types."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import duckdb
import pytest
from trino.dbapi import Connection

from analytics.schema import REPORTS, Kind, Origin
from analytics.statements import Parameters, Times, statement
from tests.trino.loading import load
from tests.trino.records import JOBS, records
from tests.trino.tables import fill

pytestmark = pytest.mark.trino

RECORDS = 3_000
RELATIVE = 1e-12
TYPES = {Kind.TIME: "timestamp(3)"}
STATEMENTS = [
    *((report.name, Origin.OBJECTS, times) for report in REPORTS.values() for times in Times),
    *(
        (report.name, Origin.ROLLUPS, Times.TYPED)
        for report in REPORTS.values()
        if Origin.ROLLUPS in report.origins
    ),
]
AS_OF = (
    datetime(1999, 12, 31, 23, 59, 59, 999000, UTC),
    datetime(2023, 12, 31, 23, 59, 59, 999000, UTC),
    datetime(2024, 2, 29, 12, 34, 56, 789000, UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 0, 0, 1000, UTC),
    datetime(2200, 1, 1, tzinfo=UTC),
)
"""Before everything, at the end of a year, on and between ties on a leap day, after everything."""

Row = list[object]


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        fill(connection, list(records(RECORDS)))
        yield connection


@pytest.fixture(scope="module")
def loaded(trino: Connection, duck: duckdb.DuckDBPyConnection) -> Connection:
    """Trino with the same tables."""
    cursor = trino.cursor()
    for times in Times:
        cursor.execute(f"CREATE SCHEMA {times}").fetchall()
        duck.execute(f"USE {times}")
        for table in ("objects", "jobs", "counters") if times is Times.TYPED else ("objects",):
            load(duck, table, cursor, times)
    return trino


@pytest.mark.parametrize(("name", "origin", "times"), STATEMENTS)
@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_trino_and_duckdb_agree(
    loaded: Connection,
    duck: duckdb.DuckDBPyConnection,
    name: str,
    origin: Origin,
    times: Times,
    as_of: datetime,
) -> None:
    sql = statement(name, origin, Parameters(as_of, 0.023), times)
    _compare(loaded, duck, sql, name, times)


@pytest.mark.parametrize(("name", "job_id"), list(product(REPORTS, (*JOBS, "no such job"))))
def test_they_agree_about_one_job(
    loaded: Connection, duck: duckdb.DuckDBPyConnection, name: str, job_id: str
) -> None:
    parameters = Parameters(datetime(2024, 3, 1, 12, tzinfo=UTC), 0.023, job_id, 0.1)
    origin = REPORTS[name].origins[0]
    rows = _compare(loaded, duck, statement(name, origin, parameters), name, Times.TYPED)
    assert {row[0] for row in rows} <= {job_id}


@pytest.mark.parametrize("name", ["progress", "progress_hourly", "restore_duration", "attention"])
def test_they_agree_about_now(loaded: Connection, duck: duckdb.DuckDBPyConnection, name: str) -> None:
    sql = statement(name, REPORTS[name].origins[0], Parameters(None, 0.023))
    assert _compare(loaded, duck, sql, name, Times.TYPED)


def test_now_is_utc_whatever_the_zone_of_the_session(
    trino: Connection, duck: duckdb.DuckDBPyConnection
) -> None:
    sql = statement("progress", Origin.OBJECTS, Parameters(None, 0.023))
    clock = re.search("CAST\\(current_timestamp .* AS timestamp\\)", sql)
    assert clock, "no parameter as_of without a time"
    for zone in ("UTC", "Asia/Kolkata", "America/St_Johns"):
        session = Connection(f"http://{trino.host}:{trino.port}", user="thaw", timezone=zone)
        duck.execute(f"SET TimeZone = '{zone}'")
        for answer in (session.cursor(), duck):
            ((now,),) = answer.execute(f"SELECT {clock[0]}").fetchall()
            assert abs(now - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_rollups_are_read_alike_however_objects_hold_times() -> None:
    for name, origin, _ in STATEMENTS:
        if origin is Origin.ROLLUPS:
            parameters = Parameters(AS_OF[0], 0.023)
            assert statement(name, origin, parameters, Times.TEXT) == statement(name, origin, parameters)


def _compare(
    trino: Connection, duck: duckdb.DuckDBPyConnection, sql: str, name: str, times: Times
) -> list[Row]:
    """The rows of both, after they were found equal."""
    columns = REPORTS[name].columns
    cursor = trino.cursor()
    cursor.execute(f"USE memory.{times}")
    rows = cursor.execute(sql).fetchall()
    described = [(column.name, column.type_code) for column in cursor.description or ()]
    assert [kept for kept, _ in described] == [column.name for column in columns]
    for (column, kind), (_, found) in zip(columns, described, strict=True):
        assert str(found).startswith(TYPES.get(kind, kind)), f"{column} is {found} in Trino"
    expected = [list(row) for row in duck.execute(f"USE {times}").execute(sql).fetchall()]
    assert len(rows) == len(expected)
    for ours, theirs in zip(expected, rows, strict=True):
        assert all(map(_equal, ours, theirs)), f"DuckDB {ours}\nTrino  {theirs}"
    return rows


def _equal(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=RELATIVE)
    return type(ours) is type(theirs) and ours == theirs
