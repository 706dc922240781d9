"""Statements are composed of what they read, once each, and say clearly what cannot be asked for."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from analytics.errors import ReportError
from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, Times, statement

AS_OF = datetime(2026, 11, 21, 3, 4, 5, 678912, UTC)
ALL = [(name, origin) for name, report in REPORTS.items() for origin in report.origins]


def parameters_of(**changes: object) -> str:
    """The relation `parameters` of a statement."""
    asked = Parameters(**{"as_of": AS_OF, "usd_per_gb_month": 0.023, **changes})  # type: ignore[arg-type] # as named
    text = statement("progress", Origin.ROLLUPS, asked)
    return text[text.index("parameters AS (") : text.index("\n)")]


@pytest.mark.parametrize(("name", "origin"), ALL)
def test_every_relation_is_defined_once_before_it_is_read(name: str, origin: Origin) -> None:
    text = statement(name, origin, Parameters(AS_OF, 0.023))
    defined: list[str] = []
    for line in text.splitlines():
        if found := re.fullmatch(r"(?:WITH )?(\w+) AS \(", line):
            defined.append(found[1])
        reads = (
            line.removeprefix("-- reads:").replace(",", " ").split() if line.startswith("-- reads:") else []
        )
        assert set(reads) <= set(defined), f"{reads} in {line}"
    assert len(defined) == len(set(defined))
    assert all(len(re.findall(rf"\b{relation}\b", text)) > 1 for relation in defined), "all of them are read"


def test_times_matter_to_objects_alone() -> None:
    parameters = Parameters(AS_OF, 0.023)
    for name, origin in ALL:
        typed, text = (statement(name, origin, parameters, times) for times in Times)
        assert (typed == text) is (origin is Origin.ROLLUPS)


def test_parameters_are_literals() -> None:
    text = parameters_of(job_id="o'neill", attention_hours=1e-7)
    assert "CAST('2026-11-21 03:04:05.678' AS timestamp) AS as_of" in text
    assert "CAST('o''neill' AS varchar) AS job_id" in text
    assert "1e-07 AS attention_hours" in text
    assert "0.023e0 AS usd_per_gb_month" in text


def test_as_of_is_turned_to_utc() -> None:
    elsewhere = AS_OF.astimezone(timezone(timedelta(hours=-7)))
    assert parameters_of(as_of=elsewhere) == parameters_of()


def test_without_as_of_and_job_the_engine_tells_the_time_and_every_job_counts() -> None:
    text = parameters_of(as_of=None)
    assert "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp) AS as_of" in text
    assert "CAST(NULL AS varchar) AS job_id" in text


@pytest.mark.parametrize("name", ["usd_per_gb_month", "attention_hours"])
@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf])
def test_an_impossible_number_is_refused(name: str, number: float) -> None:
    with pytest.raises(ReportError, match=f"{name} is {number}; it must be a number of 0 or more"):
        parameters_of(**{name: number})


@pytest.mark.parametrize(("name", "origin"), [("attention", Origin.ROLLUPS), ("unheard-of", Origin.OBJECTS)])
def test_a_report_that_is_not_there_is_refused(name: str, origin: Origin) -> None:
    with pytest.raises(
        ReportError, match=f"There is no report {name} from {origin}; there is progress from roll"
    ):
        statement(name, origin, Parameters(AS_OF, 0.023))
