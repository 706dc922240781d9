"""Queries that end before the function does: Athena would go on, and a retry begin a second scan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.report.errors import QueryTimeoutError

LIMIT_SECONDS = 900
"""The most that Lambda gives a run: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

RESERVE_SECONDS = 120
"""Ours: of these, for fetching a hundred pages of rows, writing the files and telling."""

_UNDER_WAY = ("QUEUED", "RUNNING")
"""https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecutionStatus.html"""


def fair_end(remaining_ms: int, reports: int) -> int:
    """What must be left of `remaining_ms` after the first of so many reports' queries, in milliseconds.

    All have equal shares, so that a slow one does not take the others' time; what it leaves is theirs too.
    """
    return remaining_ms - (remaining_ms - RESERVE_SECONDS * 1000) // reports


@dataclass(frozen=True)
class BoundedConnection:
    """A PyAthena connection whose queries for `report` are over while `end_ms` of the function are left.

    `remaining_ms` is the Lambda context's get_remaining_time_in_millis. PyAthena calls a cursor's `on_poll`
    with the state of its query, once a second, and lets through what that raises:
    https://pyathena.dev/
    """

    connection: Any
    report: str
    end_ms: int
    remaining_ms: Callable[[], int]

    def cursor(self) -> Any:
        """PyAthena's plain cursor; its execute() raises QueryTimeoutError, and has stopped the query then."""
        if self._over:
            raise self._timeout("not begun")
        return self.connection.cursor(on_poll=self._watch)

    def _watch(self, execution: Any) -> None:
        if execution.state in _UNDER_WAY and self._over:
            self.connection.client.stop_query_execution(QueryExecutionId=execution.query_id)
            raise self._timeout("stopped")

    @property
    def _over(self) -> bool:
        return self.remaining_ms() <= self.end_ms

    def _timeout(self, what: str) -> QueryTimeoutError:
        left, kept = max(0, self.remaining_ms()) // 1000, self.end_ms // 1000
        return QueryTimeoutError(
            f"The query for the report {self.report} was {what}: of the {LIMIT_SECONDS} s of a run, {left} s"
            f" are left, and {kept} s are kept for other reports and for writing. Raise"
            f" athena_max_concurrency, or run `thaw report {self.report}` on a DynamoDB export, where time"
            " does not matter."
        )
