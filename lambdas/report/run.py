"""One run: compute every report, write all of them, and only then tell that they are there.

Nothing is written before all is computed, and nothing is told before all is written. A report that Athena
does not give holds up no other, but nobody is told then. A run that fails raises, and may be run again: it
writes the same keys.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from analytics.engines import DuckDbEngine
from analytics.report_layout import Form
from analytics.reports import Source, run_report
from analytics.rollup_relations import load_rollups
from analytics.schema import Origin
from analytics.statements import Parameters
from lambdas.report.counted import Counted, read_counted
from lambdas.report.errors import IncompleteRunError
from lambdas.report.files import files_of
from lambdas.report.from_objects import query_objects
from lambdas.report.message import Headline, publish_input
from lambdas.report.request import Request
from lambdas.report.settings import Settings
from lambdas.report.shelf import Shelf, Stored
from thaw.core.times import to_iso
from thaw.duckdb_sessions import quiet

if TYPE_CHECKING:
    import pandas as pd
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True)
class Tools:
    """What a run works with. `athena` connects to the work group's catalog and database when it is asked."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    sns: "SNSClient"
    athena: Callable[[], Any]
    now: Callable[[], datetime]
    pause: Callable[[float], None]


class Outcome(NamedTuple):
    """What a run has written; `attention` counts the objects that need somebody, None if it did not look."""

    stored: tuple[Stored, ...]
    attention: int | None


def run(request: Request, settings: Settings, tools: Tools, remaining_ms: Callable[[], int]) -> Outcome:
    """Does what is asked, in the `remaining_ms` of the function.

    Raises whatever goes wrong, IncompleteRunError for what Athena did not give; then nobody is told of a
    success.
    """
    counted = read_counted(tools.dynamodb, settings.rollups_table, tools.now, tools.pause)
    found = query_objects(
        request.names(Origin.OBJECTS), _parameters(settings, request.at), tools.athena, remaining_ms
    )
    stored = (
        *_from_rollups(request, settings, counted),
        *(_stored(name, frame, settings, request.at) for name, frame in found.frames.items()),
    )
    shelf = Shelf(tools.s3, settings.reports_bucket, settings.reports_prefix, settings.home, request.at)
    written = _write(shelf, stored)
    _check_complete(request, stored, found.lost)
    urgent = found.urgent
    headline = Headline(
        kind=request.kind,
        home=settings.home,
        at=request.at,
        counted_at=counted.at,
        progress=counted.progress,
        attention=urgent.totals if urgent else None,
        attention_rows=len(urgent.frame) if urgent else 0,
        written=written,
    )
    tools.sns.publish(**publish_input(headline, settings.topic_arn))
    return Outcome(stored, headline.attention_total)


def _from_rollups(request: Request, settings: Settings, counted: Counted) -> Iterator[Stored]:
    """The reports of the counters, as of when these were read: they cannot tell of another time."""
    names = request.names(Origin.ROLLUPS)
    if not names:
        return
    parameters = _parameters(settings, counted.at)
    with duckdb.connect(":memory:") as connection:
        load_rollups(quiet(connection), counted.jobs)
        source = Source(DuckDbEngine(connection), frozenset({Origin.ROLLUPS}), counted_at=counted.at)
        for name in names:
            yield _stored(name, run_report(name, source, parameters), settings, counted.at)


def _check_complete(request: Request, stored: Sequence[Stored], lost: Mapping[str, Exception]) -> None:
    """Raises IncompleteRunError with all that went wrong; Lambda shows only its text."""
    if lost:
        names = ", ".join(each.report for each in stored) or "nothing"
        reasons = " ".join(f"{name}: {type(exc).__name__}: {exc}" for name, exc in lost.items())
        raise IncompleteRunError(
            f"The run for {to_iso(request.at)} wrote {names} and told nobody. {reasons}"
        ) from next(iter(lost.values()))


def _parameters(settings: Settings, as_of: datetime) -> Parameters:
    return Parameters(as_of, settings.usd_per_gb_month, attention_hours=settings.attention_hours)


def _stored(name: str, frame: "pd.DataFrame", settings: Settings, as_of: datetime) -> Stored:
    return Stored(name, files_of(frame, settings.home, as_of), as_of, len(frame))


def _write(shelf: Shelf, stored: Sequence[Stored]) -> list[str]:
    """The run's own files, then the newest; gives a line for each report on where it is."""
    for each in stored:
        shelf.put_dated(each)
    lines: list[str] = []
    for each in stored:
        newest = shelf.put_latest(each)
        url = shelf.latest_url if newest else shelf.dated_url
        note = "" if newest else " (latest/ holds a newer run)"
        lines += [f"{each.report}: {url(each.report, form)}{note}" for form in Form]
    return lines
