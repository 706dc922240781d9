"""The bounded statement of the report function, on a real Trino: the rows and totals that DuckDB gives."""

from dataclasses import dataclass

import pandas as pd
import pytest
from trino.dbapi import Connection, Cursor

from analytics.engines import AthenaEngine
from analytics.schema import ATTENTION_REASONS
from lambdas.report.urgent import most_urgent
from tests.lambdas.report.test_urgent import STATEMENT, athena
from tests.trino.loading import load

pytestmark = pytest.mark.trino


@dataclass(frozen=True)
class Trino:
    """As an engine of reports."""

    cursor: Cursor

    def query(self, sql: str) -> pd.DataFrame:
        rows = self.cursor.execute(sql).fetchall()
        names = [column[0] for column in self.cursor.description or []]
        return pd.DataFrame(rows, columns=names, dtype="object")


@pytest.mark.parametrize("rows", [1, 5, 100])
def test_trino_and_duckdb_find_the_same_most_urgent(trino: Connection, rows: int) -> None:
    held, cursor, schema = athena(), trino.cursor(), f"urgent_{rows}"
    cursor.execute(f"CREATE SCHEMA {schema}").fetchall()
    load(held.connection, "objects", cursor, schema)
    cursor.execute(f"USE memory.{schema}").fetchall()
    try:
        found = most_urgent(Trino(cursor), STATEMENT, rows)
    finally:
        cursor.execute("USE memory.default").fetchall()
    expected = most_urgent(AthenaEngine(held), STATEMENT, rows)
    assert found.frame.equals(expected.frame)
    assert found.totals == expected.totals
    assert min(expected.totals[reason] for reason in ATTENTION_REASONS) > 0
