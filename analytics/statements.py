"""The SQL of a report, composed of the relations it reads; Athena (Trino) and DuckDB take the same text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from pathlib import Path

from analytics.errors import ReportError
from analytics.schema import REPORTS, Origin
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.times import to_iso

_SQL = Path(__file__).with_name("sql")
_READS = "-- reads:"


class Times(StrEnum):
    """How the relation `objects` holds times: as timestamps, or as ISO-8601 text as in DynamoDB."""

    TYPED = "typed"
    TEXT = "text"


@dataclass(frozen=True)
class Parameters:
    """What a report is asked for.

    `as_of` has a time zone and is cut to the millisecond; None is the time at which the engine runs the
    statement. `job_id` None is every job. An object that expires within `attention_hours` needs attention.
    `usd_per_gb_month` is the price of temporary storage.
    """

    as_of: datetime | None
    usd_per_gb_month: float
    job_id: str | None = None
    attention_hours: float = 24.0


def statement(report: str, origin: Origin, parameters: Parameters, times: Times = Times.TYPED) -> str:
    """The statement that computes `report` from tables of `origin`; it has no trailing semicolon.

    OBJECTS needs a table `objects` (OBJECT_COLUMNS, times as `times` says, of whole milliseconds); ROLLUPS
    needs `jobs` (JOB_COLUMNS) and `counters` (job_id varchar, metric varchar, attribute varchar, amount
    decimal(38,0)), the metric without its slot. Raises ReportError.
    """
    if report not in REPORTS or origin not in REPORTS[report].origins:
        known = [f"{name} from {each}" for name, one in REPORTS.items() for each in one.origins]
        raise ReportError(f"There is no report {report} from {origin}; there is {', '.join(known)}.")
    return compose(_read(f"reports/{report}"), origin, parameters, times)


def compose(body: str, origin: Origin, parameters: Parameters, times: Times = Times.TYPED) -> str:
    """`body`, a SELECT whose first line names the relations it reads, with these relations before it."""
    rendered = {"parameters": _parameters(parameters), "guidance": _guidance()}
    folders = ("shared", str(origin), f"times/{times}")
    relations: dict[str, str] = {}

    def add(name: str) -> None:
        if name not in relations:
            text = rendered.get(name) or _relation(name, folders)
            for read in _reads(text):
                add(read)
            relations[name] = text

    for read in _reads(body):
        add(read)
    named = ",\n".join(f"{name} AS (\n{text.rstrip()}\n)" for name, text in relations.items())
    return f"WITH {named}\n{body.rstrip()}"


def _relation(name: str, folders: tuple[str, ...]) -> str:
    return next(_read(f"{folder}/{name}") for folder in folders if (_SQL / folder / f"{name}.sql").exists())


@cache
def _read(path: str) -> str:
    return (_SQL / f"{path}.sql").read_text("utf-8")


def _reads(text: str) -> list[str]:
    """The relations that the first line of a file names."""
    first = text.partition("\n")[0]
    return first.removeprefix(_READS).replace(",", " ").split() if first.startswith(_READS) else []


def _parameters(parameters: Parameters) -> str:
    as_of = "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp)"
    if parameters.as_of is not None:
        as_of = f"CAST({_quoted(to_iso(parameters.as_of).replace('T', ' ').rstrip('Z'))} AS timestamp)"
    job_id = "NULL" if parameters.job_id is None else _quoted(parameters.job_id)
    return (
        f"SELECT\n    {as_of} AS as_of,\n    CAST({job_id} AS varchar) AS job_id,\n"
        f"    {_double('attention_hours', parameters.attention_hours)} AS attention_hours,\n"
        f"    {_double('usd_per_gb_month', parameters.usd_per_gb_month)} AS usd_per_gb_month"
    )


def _guidance() -> str:
    """AWS's typical times of retrieval, in seconds, as a relation."""
    rows = ", ".join(
        f"({_quoted(storage_class)}, {_quoted(tier)}, {round(hours * 3600)})"
        for (storage_class, tier), hours in TYPICAL_HOURS.items()
    )
    return (
        f"SELECT storage_class, tier, seconds\nFROM (VALUES {rows})\n    AS v (storage_class, tier, seconds)"
    )


def _quoted(text: str) -> str:
    """A string literal: both engines know one escape, the doubled quote."""
    return "'" + text.replace("'", "''") + "'"


def _double(name: str, number: float) -> str:
    """A literal that both engines read as a double. Raises ReportError for what is not finite or below 0."""
    if not isfinite(number) or number < 0:
        raise ReportError(f"{name} is {number}; it must be a number of 0 or more.")
    text = repr(float(number))
    return text if "e" in text else f"{text}e0"
