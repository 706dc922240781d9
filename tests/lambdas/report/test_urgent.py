"""The most urgent objects and the totals of all, in one statement that both engines understand."""

from datetime import UTC, datetime

import pytest
from trino_query_parser import TrinoSyntaxError, parse_statement

from analytics.engines import AthenaEngine
from analytics.reports import Source, run_report
from analytics.schema import ATTENTION_REASONS, Origin
from analytics.statements import Parameters, Times, statement
from lambdas.report.urgent import ATTENTION, Urgent, most_urgent
from tests.lambdas.report.deployed import Athena
from tests.store.tables import COPY, item_of, record
from thaw.core.history import Failure, History

PARAMETERS = Parameters(datetime(2026, 11, 21, 12, tzinfo=UTC), 0.0245)
STATEMENT = statement(ATTENTION, Origin.OBJECTS, PARAMETERS, Times.TEXT)


def history(hour: int, completed: str = "", expires: str = "", *, failed: bool = False) -> History:
    failure = Failure(f"2026-11-21T{hour:02}:30:00.000Z", "SlowDown") if failed else Failure()
    return History(f"2026-11-20T{hour:02}:00:00.000Z", completed, expires, failure=failure)


def athena() -> Athena:
    """Two or three objects of every reason, and some that need nobody."""
    completed = "2026-11-20T23:00:00.000Z"
    histories = {
        **{f"fine/{n}": history(n, completed, "2026-12-24T00:00:00.000Z") for n in range(3)},
        **{f"copied/{n}": COPY for n in range(2)},
        **{f"late/{n}": history(n) for n in range(3)},
        **{f"soon/{n}": history(n, completed, "2026-11-22T00:00:00.000Z") for n in range(2)},
        **{f"failed/{n}": history(n, failed=True) for n in range(3)},
        **{f"gone/{n}": history(n, completed, "2026-11-21T00:00:00.000Z") for n in range(2)},
    }
    return Athena(item_of(record(key, history=each)) for key, each in histories.items())


def bounded(rows: int, held: Athena) -> Urgent:
    return most_urgent(AthenaEngine(held), STATEMENT, rows)


def test_rows_are_the_first_of_the_whole_report_and_totals_are_of_all() -> None:
    source = Source(AthenaEngine(athena()), frozenset({Origin.OBJECTS}), Times.TEXT)
    whole = run_report(ATTENTION, source, PARAMETERS)
    assert set(whole["reason"]) == set(ATTENTION_REASONS), "the rows make a point of every reason"
    for rows in (1, 4, len(whole), 100):
        urgent = bounded(rows, athena())
        assert urgent.frame.equals(whole.head(rows)), rows
        assert urgent.frame.dtypes.equals(whole.dtypes)
        assert urgent.totals == whole["reason"].value_counts().to_dict()


def test_nothing_urgent_is_none_of_every_reason() -> None:
    urgent = bounded(10, Athena([]))
    assert len(urgent.frame) == 0
    assert urgent.totals == dict.fromkeys(ATTENTION_REASONS, 0)


def test_one_statement_in_trino_s_grammar_gives_rows_and_totals() -> None:
    held = athena()
    bounded(2, held)
    (sql,) = held.statements
    parse_statement(sql)
    with pytest.raises(TrinoSyntaxError):
        parse_statement(sql + " LIMIT 1")
