"""A query of Athena that takes too long is stopped, and no report is lost with another."""

import contextlib
from typing import Any, cast

import pyathena
import pytest

from infra.report_function import TIMEOUT_SECONDS
from lambdas.report.bounded import LIMIT_SECONDS, RESERVE_SECONDS, BoundedConnection, fair_end
from lambdas.report.errors import IncompleteRunError, QueryTimeoutError
from lambdas.report.handler import RUN_METRICS
from tests.lambdas.report.deployed import SECONDS, Deployed, deployed
from tests.store.tables import record

ATTENTION, STORAGE = "total_failed", "byte_seconds"
"""What only the statement of that report has."""


@pytest.fixture
def reporting() -> Deployed:
    return deployed([record("pending.bin")])


def written(reporting: Deployed) -> set[str]:
    """The reports of which there are files."""
    return {key.split("/")[3] for key in reporting.files}


def test_the_limit_is_that_of_the_function() -> None:
    assert LIMIT_SECONDS == TIMEOUT_SECONDS == SECONDS


def test_a_query_that_would_outlive_the_function_is_stopped(reporting: Deployed) -> None:
    reporting.athena.durations = [10_000]
    with pytest.raises(IncompleteRunError) as caught:
        reporting.invoke(["attention"])
    assert reporting.athena.stopped == ["1"]
    assert reporting.athena.passed == LIMIT_SECONDS - RESERVE_SECONDS
    assert str(caught.value) == (
        "The run for 2026-11-22T03:00:00.000Z wrote nothing and told nobody. attention: QueryTimeoutError:"
        " The query for the report attention was stopped: of the 900 s of a run, 120 s are left, and 120 s"
        " are kept for other reports and for writing. Raise athena_max_concurrency, or run"
        " `thaw report attention` on a DynamoDB export, where time does not matter."
    )
    assert isinstance(caught.value.__cause__, QueryTimeoutError)
    assert reporting.athena.closed == 1


def test_a_query_that_is_done_in_time_is_not_stopped(reporting: Deployed) -> None:
    reporting.athena.durations = [LIMIT_SECONDS - RESERVE_SECONDS]
    reporting.invoke(["attention"])
    assert reporting.athena.stopped == []


def test_a_slow_report_leaves_time_for_the_other(reporting: Deployed) -> None:
    half = (LIMIT_SECONDS - RESERVE_SECONDS) // 2
    reporting.athena.durations = [10_000, half]
    with pytest.raises(IncompleteRunError, match=r"wrote attention and told nobody\. temporary_storage: "):
        reporting.invoke("objects")
    assert reporting.athena.stopped == ["1"]
    assert written(reporting) == {"attention"}


def test_what_the_first_leaves_is_the_other_s(reporting: Deployed) -> None:
    reporting.athena.durations = [80, LIMIT_SECONDS - RESERVE_SECONDS - 80]
    assert set(reporting.invoke("objects")["rows"]) == {"temporary_storage", "attention"}


@pytest.mark.parametrize(
    ("broken", "lost", "kept"),
    [(ATTENTION, "attention", "temporary_storage"), (STORAGE, "temporary_storage", "attention")],
)
def test_a_report_that_athena_does_not_give_keeps_no_other_back(
    reporting: Deployed, broken: str, lost: str, kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reporting.athena.broken = broken
    with pytest.raises(IncompleteRunError, match=f"wrote {kept} and told nobody. {lost}: .*TooMany"):
        reporting.invoke("objects")
    assert written(reporting) == {kept}
    assert reporting.topic.messages == []
    assert RUN_METRICS["objects"] not in capsys.readouterr().out, "no finished run is counted"
    reporting.athena.broken = ""
    reporting.invoke("objects")
    assert written(reporting) == {kept, lost}, "tried again, all is there"
    assert len(reporting.topic.messages) == 1


def test_all_that_failed_is_named(reporting: Deployed) -> None:
    reporting.athena.broken = "SELECT"
    with pytest.raises(IncompleteRunError, match=r"wrote progress and .* temporary_storage: .* attention: "):
        reporting.invoke(["progress", "temporary_storage", "attention"])


def test_a_query_is_not_begun_when_its_time_is_over(reporting: Deployed) -> None:
    bounded = BoundedConnection(reporting.athena, "attention", fair_end(100_000, 1), lambda: 100_000)
    with pytest.raises(QueryTimeoutError, match="attention was not begun: of the 900 s of a run, 100 s"):
        bounded.cursor()


class Api:
    """Athena's interface, whose query runs for so many polls and then succeeds."""

    def __init__(self, polls: int) -> None:
        self.polls, self.stopped = polls, list[str]()

    def start_query_execution(self, **_: Any) -> dict[str, Any]:
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        self.polls -= 1
        status = {"State": "SUCCEEDED" if self.polls < 0 else "RUNNING"}
        return {"QueryExecution": {"QueryExecutionId": "q-1", "Query": "SELECT 1", "Status": status}}

    def get_query_results(self, **_: Any) -> dict[str, Any]:
        return {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803 (AWS's name)
        self.stopped.append(QueryExecutionId)


@pytest.mark.parametrize(("polls", "stopped"), [(2, []), (3, ["q-1"])])
def test_pyathena_lets_go_of_a_query_that_is_stopped(
    monkeypatch: pytest.MonkeyPatch, polls: int, stopped: list[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    connect = cast("Any", pyathena).connect
    connection = connect(work_group="thaw", region_name="eu-north-1", poll_interval=0)
    api = Api(polls)
    monkeypatch.setattr(connection, "_client", api)
    left = iter([5, 4, 3, 2, 2])
    cursor = BoundedConnection(connection, "attention", 2, lambda: next(left)).cursor()
    with pytest.raises(QueryTimeoutError) if stopped else contextlib.nullcontext():
        cursor.execute("SELECT 1")
    assert api.stopped == stopped
