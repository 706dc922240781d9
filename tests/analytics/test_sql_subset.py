"""Every report's SQL keeps to what means the same in Trino and DuckDB; Trino's own grammar reads it and
Trino's own catalogue knows its functions."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from trino_query_parser import TrinoSyntaxError
from trino_sql_validator import validate

import analytics
from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, Times, statement
from tests.analytics.sql_subset import violations

FOLDER = Path(analytics.__file__).parent / "sql"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.sql"))
STATEMENTS = [
    (name, origin, times)
    for name, report in REPORTS.items()
    for origin, times in product(report.origins, Times)
]
AWKWARD = Parameters(datetime(2024, 2, 29, 23, 59, 59, 999000, UTC), 1e-22, 'it\'s "Ü"; -- /* ', 1e22)
CLOCK = "current_timestamp AT TIME ZONE 'UTC'"

SAME_IN_BOTH = """
    -- a comment with 1 / 2, now() and 1.5
    WITH names (name, n) AS (VALUES ('it''s 1/2', 1), ('ü', -1))
    SELECT
        t.name, count(*), CAST(sum(t.n) AS bigint) / 2e0, t.n / CAST(count(*) AS double), floor(t.n / 3e0),
        sum(t.n) / (1e0 * sum(t.n)), coalesce(sum(CAST(t.n AS decimal(38, 0)) * t.n), 0),
        CAST(coalesce(sum(t.n), 0) AS bigint), CAST(floor(max(t.n) * 2e0) AS bigint),
        CAST(sum(t.n) OVER (PARTITION BY t.name) AS double), row_number() OVER (ORDER BY t.n DESC),
        count(*) OVER running, date_diff('millisecond', max(t.at), timestamp '2026-01-01 00:00:00') / 1000e0
    FROM names AS t
    WHERE t.n IS DISTINCT FROM 2 AND t.at + INTERVAL '1' HOUR BETWEEN t.at AND t.at
    GROUP BY GROUPING SETS ((1), ())
    WINDOW running AS (ORDER BY t.n ROWS UNBOUNDED PRECEDING)
    ORDER BY 1
"""

DIFFERENT = {
    "SELECT now()": "now() was not compared",
    "SELECT current_date": "'current_date' (CURRENT_DATE) was not compared",
    "SELECT localtimestamp": "(LOCALTIMESTAMP) was not compared",
    "SELECT x AT TIME ZONE 'UTC' FROM t": "(atTimeZone) was not compared",
    "SELECT approx_percentile(x, 5e-1) FROM t": "approx_percentile() was not compared",
    "SELECT least(x, y), greatest(x, y) FROM t": "least() was not compared",
    "SELECT format_datetime(x, 'YYYY') FROM t": "format_datetime() was not compared",
    "SELECT regexp_extract(x, 'a') FROM t": "regexp_extract() was not compared",
    "SELECT TRY(1 / 0e0)": "try() was not compared",
    "SELECT TRY_CAST(x AS bigint) FROM t": "(TRY_CAST) was not compared",
    "SELECT extract(HOUR FROM x) FROM t": "(EXTRACT) was not compared",
    "SELECT x[1] FROM t": "(subscript) was not compared",
    'SELECT "x" FROM t': "(QUOTED_IDENTIFIER) was not compared",
    "SELECT 1.5": "'1.5' (DECIMAL_VALUE) was not compared",
    "SELECT x % 2 FROM t": "(PERCENT) was not compared",
    "SELECT CAST(x AS timestamp(6)) FROM t": "type timestamp(6) is none of",
    "SELECT CAST(x AS decimal(10, 2)) FROM t": "type decimal(10,2) is none of",
    "SELECT time '10:00:00'": "type time is none of",
    "SELECT x / 2 FROM t": "x/2 may divide whole numbers",
    "SELECT 1e0 * (x / y) FROM t": "x/y may divide whole numbers",
    "SELECT sum(x) FROM t": "sum(x) has another type in each engine",
    "SELECT coalesce(sum(x), 0) AS y FROM t": "coalesce(sum(x),0) has another type",
    "SELECT CAST(sum(x) + 1 AS bigint) FROM t": "sum(x) has another type",
    "SELECT sum(x) OVER (PARTITION BY y) FROM t": "sum(x)over(partitionbyy) has another type",
    "SELECT CAST(x * 2e0 AS bigint) FROM t": "rounds halves differently",
    "SELECT count(*) OVER (ORDER BY x) FROM t": "count() is ordered without an explicit frame",
    "SELECT count(*) OVER w FROM t WINDOW w AS (ORDER BY x)": "count() is ordered without",
    "SELECT count(*) OVER (ORDER BY x RANGE UNBOUNDED PRECEDING) FROM t": "count() is ordered without",
    "SELECT date_diff('hour', x, y) FROM t": "date_diff in 'hour'",
    "SELECT x FROM (VALUES 1, 2) AS t (x)": "VALUES 1 without parentheses",
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_one_select_within_the_subset(name: str) -> None:
    sql = (FOLDER / name).read_text("utf-8")
    assert not violations(sql)


@pytest.mark.parametrize(("name", "origin", "times"), STATEMENTS)
def test_every_statement_is_trino_within_the_subset(name: str, origin: Origin, times: Times) -> None:
    sql = statement(name, origin, AWKWARD, times)
    assert violations(sql) == []
    _known_to_trino(sql)


@pytest.mark.parametrize(("name", "origin", "times"), STATEMENTS)
def test_a_statement_without_a_time_asks_the_engine_once(name: str, origin: Origin, times: Times) -> None:
    sql = statement(name, origin, Parameters(None, 0.023), times)
    _known_to_trino(sql)
    before, after = sql.split(CLOCK)
    assert violations(f"{before}timestamp '2026-11-21 03:00:00'{after}") == []


def _known_to_trino(sql: str) -> None:
    checked = validate(sql)
    assert checked.valid, checked.error
    assert not checked.warnings, f"not in Trino's catalogue: {checked.warnings}"


def test_what_means_the_same_in_both_engines_is_let_pass() -> None:
    assert violations(SAME_IN_BOTH) == []


@pytest.mark.parametrize(("sql", "message"), DIFFERENT.items())
def test_what_differs_is_found(sql: str, message: str) -> None:
    assert any(message in found for found in violations(sql)), violations(sql)


def test_what_is_not_trino_is_refused() -> None:
    with pytest.raises(TrinoSyntaxError):
        violations("SELECT x::bigint FROM t")
    assert validate("SELECT list_sum(x) FROM t").unknown_functions == ["list_sum"]
