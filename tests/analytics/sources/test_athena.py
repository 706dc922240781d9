"""Athena as a source: what it is asked, where, and what is made of its rows."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Any, cast

import duckdb
import pytest

from analytics.reports import run_report
from analytics.schema import OBJECT_COLUMNS, REPORTS, Kind, Origin
from analytics.sources.errors import SourceOptionError
from analytics.sources.options import AthenaPlace, Clients
from analytics.statements import Parameters
from tests.analytics.sources.records import NAMES, ROWS, Asking, csv_bytes, opened, unused

PLACE = AthenaPlace("thaw", "thaw_tables", "thaw_db")
PARAMETERS = Parameters(datetime(2026, 11, 22, tzinfo=UTC), 0.023)


class StandIn:
    """A PyAthena connection whose tables are in DuckDB, times as text."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._connection = duckdb.connect()
        columns = ", ".join(
            f"{name} {'bigint' if kind is Kind.WHOLE else 'varchar'}" for name, kind in OBJECT_COLUMNS
        )
        self._connection.execute(f"CREATE TABLE objects ({columns})")
        places = ", ".join("?" * len(NAMES))
        self._connection.executemany(
            f"INSERT INTO objects VALUES ({places})",  # noqa: S608 - question marks
            [list(row.values()) for row in ROWS],
        )

    def cursor(self) -> Any:
        return closing(cast("Any", _Cursor(self.asked, self._connection.cursor())))


class _Cursor:
    def __init__(self, asked: list[str], cursor: duckdb.DuckDBPyConnection) -> None:
        self._asked = asked
        self._cursor = cursor

    def execute(self, sql: str) -> None:
        self._asked.append(sql)
        self._cursor.execute(sql)

    @property
    def description(self) -> Any:
        return self._cursor.description

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._cursor.fetchall()

    def close(self) -> None:
        self._cursor.close()


def asking(connection: StandIn, places: list[AthenaPlace], place: AthenaPlace = PLACE) -> Asking:
    def connect(*where: str) -> StandIn:
        places.append(AthenaPlace(*where))
        return connection

    return Asking(athena=place, clients=Clients(unused, unused, connect))


def test_athena_answers_every_report_as_the_files_do(tmp_path: Any) -> None:
    connection, places = StandIn(), list[AthenaPlace]()
    (tmp_path / "r.csv").write_bytes(csv_bytes(ROWS))
    with opened("athena", asking(connection, places)) as athena, opened(tmp_path / "r.csv") as files:
        assert athena.origins == {Origin.OBJECTS}
        for name in REPORTS:
            assert run_report(name, athena, PARAMETERS).equals(run_report(name, files, PARAMETERS)), name
    assert places == [PLACE]
    assert len(connection.asked) == len(REPORTS), "each report is one query"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (
            AthenaPlace(),
            "needs a work group, a catalog, a database: give --work-group, --catalog, --database",
        ),
        (
            AthenaPlace("g", "", "d"),
            "needs a catalog: give --catalog, the environment variables THAW_CATALOG, or --st",
        ),
    ],
)
def test_what_athena_lacks_is_named_with_every_way_to_give_it(place: AthenaPlace, sentence: str) -> None:
    with pytest.raises(SourceOptionError, match=sentence), opened("athena", asking(StandIn(), [], place)):
        pass


def test_the_stacks_outputs_fill_what_is_not_named() -> None:
    outputs = {"athena_work_group": "a", "athena_data_catalog": "b", "athena_database": "c", "queue_url": "q"}
    assert AthenaPlace(catalog="mine").filled_from(outputs) == AthenaPlace("a", "mine", "c")
    assert AthenaPlace().filled_from({}) == AthenaPlace()
