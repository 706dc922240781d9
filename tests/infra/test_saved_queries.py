"""Saved queries are the reports' own SQL, within what Athena takes, and say where they are to be run."""

import pytest

from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, Times, statement
from infra import saved_queries as module
from infra.errors import QueryLengthError
from infra.limits import MAX_QUERY_BYTES
from infra.saved_queries import saved_queries

NOW = Parameters(as_of=None, usd_per_gb_month=0.023, attention_hours=24)


def test_each_is_the_report_s_statement_over_times_as_text_below_a_line_that_says_where() -> None:
    queries = {query.name: query.sql for query in saved_queries("thaw_dynamodb", "thaw", NOW)}
    assert queries.keys() == {name for name, report in REPORTS.items() if Origin.OBJECTS in report.origins}
    for name, sql in queries.items():
        first, _, rest = sql.partition("\n")
        assert first == (
            "-- Choose the data source thaw_dynamodb and the database thaw. It reads every object."
        )
        assert rest == statement(name, Origin.OBJECTS, NOW, Times.TEXT)


def test_athena_takes_the_longest_with_much_to_spare() -> None:
    longest = max(len(query.sql.encode()) for query in saved_queries("thaw_dynamodb", "thaw", NOW))
    assert longest < MAX_QUERY_BYTES / 4


def test_a_query_longer_than_athena_takes_is_refused_with_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUERY_BYTES", 100)
    with pytest.raises(
        QueryLengthError, match=r"query progress has \d+ bytes, but Athena takes 100; shorten"
    ):
        list(saved_queries("thaw_dynamodb", "thaw", NOW))
