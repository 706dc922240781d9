"""The reports of all records: one query each through Athena, and no report is lost with another."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from analytics.engines import AthenaEngine
from analytics.reports import Source, run_report
from analytics.schema import Origin
from analytics.statements import Parameters, Times, statement
from lambdas.report.bounded import BoundedConnection, fair_end
from lambdas.report.urgent import ATTENTION, Urgent, most_urgent

if TYPE_CHECKING:
    import pandas as pd


class FromObjects(NamedTuple):
    """Reports by name, what needs attention (None if that is not known), and why others are not there."""

    frames: Mapping[str, "pd.DataFrame"]
    urgent: Urgent | None
    lost: Mapping[str, Exception]


def query_objects(
    names: Sequence[str], parameters: Parameters, athena: Callable[[], Any], remaining_ms: Callable[[], int]
) -> FromObjects:
    """Asks Athena, when there is a report to be had, for one after the other: they share the connector."""
    frames: dict[str, pd.DataFrame] = {}
    lost: dict[str, Exception] = {}
    urgent: Urgent | None = None
    if not names:
        return FromObjects(frames, urgent, lost)
    with contextlib.closing(athena()) as connection:
        for done, name in enumerate(names):
            end_ms = fair_end(remaining_ms(), len(names) - done)
            engine = AthenaEngine(BoundedConnection(connection, name, end_ms, remaining_ms))
            try:
                if name == ATTENTION:
                    urgent = most_urgent(engine, statement(name, Origin.OBJECTS, parameters, Times.TEXT))
                    frames[name] = urgent.frame
                else:
                    frames[name] = run_report(name, _source(engine), parameters)
            except Exception as exc:  # noqa: BLE001 (the run raises it, when the others are written)
                lost[name] = exc
    return FromObjects(frames, urgent, lost)


def _source(engine: AthenaEngine) -> Source:
    return Source(engine, frozenset({Origin.OBJECTS}), Times.TEXT)
