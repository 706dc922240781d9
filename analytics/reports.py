"""The reports: each is one statement run by an engine, answered as a typed DataFrame."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pandas as pd

from analytics.engines import Engine
from analytics.errors import ReportError
from analytics.schema import REPORTS, Kind, Origin
from analytics.statements import Parameters, Times, statement

DTYPES: dict[Kind, Any] = {
    Kind.TEXT: "str",
    Kind.WHOLE: "Int64",
    Kind.NUMBER: "Float64",
    Kind.TIME: "datetime64[ms, UTC]",
    Kind.DAY: "datetime64[s]",
}
"""The pandas dtype of each kind of column; days are midnights without zone."""


@dataclass(frozen=True)
class Source:
    """An engine and what its tables hold.

    `origins` are those whose tables it has; `times` is how its `objects` holds times. `counted_at` (with a
    time zone) is when the counters were read: they know nothing of how things stood before.
    """

    engine: Engine
    origins: frozenset[Origin]
    times: Times = Times.TYPED
    counted_at: datetime | None = None


def run_report(name: str, source: Source, parameters: Parameters) -> pd.DataFrame:
    """The report with the columns of REPORTS[name], in order, and their DTYPES. Raises ReportError."""
    if name not in REPORTS:
        raise ReportError(f"There is no report {name!r}; there is {', '.join(REPORTS)}.")
    origin = _origin(name, source, parameters)
    return typed(source.engine.query(statement(name, origin, parameters, source.times)), name)


def typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """What an engine answered, as the report `name`: its columns, in order, and their DTYPES."""
    return pd.DataFrame({column: _typed(frame[column], kind) for column, kind in REPORTS[name].columns})


def _origin(name: str, source: Source, parameters: Parameters) -> Origin:
    """The first of the report's origins that the source has and that reaches back to as_of."""
    had = [origin for origin in REPORTS[name].origins if origin in source.origins]
    if not had:
        raise ReportError(
            f"The report {name} is made from {' or '.join(REPORTS[name].origins)}, and this source has"
            f" {', '.join(sorted(source.origins))} only; give a source of object records."
        )
    counted_at, as_of = source.counted_at, parameters.as_of
    past = counted_at is not None and as_of is not None and as_of < counted_at
    for origin in had:
        if origin is Origin.OBJECTS or not past:
            return origin
    raise ReportError(
        f"The report {name} is asked for as of {as_of}, and the counters, read at {counted_at}, do not tell"
        " how things stood before; leave as_of out, or give a source of object records."
    )


def _typed(values: "pd.Series[Any]", kind: Kind) -> "pd.Series[Any]":
    if kind in (Kind.TIME, Kind.DAY):
        values = pd.to_datetime(values, utc=kind is Kind.TIME)
    return cast("pd.Series[Any]", values.astype(DTYPES[kind]))


def progress(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Objects and bytes in each of the six statuses, per job."""
    return run_report("progress", source, parameters)


def progress_hourly(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Objects and bytes requested, completed, copied, failed and expired, per job and hour (UTC)."""
    return run_report("progress_hourly", source, parameters)


def restore_duration(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Percentiles of restore durations in seconds, per job, storage class and tier."""
    return run_report("restore_duration", source, parameters)


def restore_duration_histogram(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Objects by restore duration, from_seconds inclusive, to_seconds exclusive."""
    return run_report("restore_duration_histogram", source, parameters)


def temporary_storage(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Byte-seconds of temporary copies and their cost, per job and day (UTC)."""
    return run_report("temporary_storage", source, parameters)


def forecast(source: Source, parameters: Parameters) -> pd.DataFrame:
    """What is done and left of restoring and of copying, and when each ends at the pace of late."""
    return run_report("forecast", source, parameters)


def attention(source: Source, parameters: Parameters) -> pd.DataFrame:
    """Objects that need somebody, the most urgent first, with the reason."""
    return run_report("attention", source, parameters)
