"""What an event asks for, and the sentences that refuse."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.schema import REPORTS, Origin
from lambdas.report.errors import RequestError
from lambdas.report.request import Wanted, parse_request

NOW = datetime(2026, 11, 22, 3, 0, 2, tzinfo=UTC)


def test_the_counters_and_the_objects_each_give_what_is_best_taken_from_there() -> None:
    rollups, objects = (parse_request({"reports": kind}, NOW) for kind in ("rollups", "objects"))
    assert (rollups.kind, objects.kind) == ("rollups", "objects")
    assert rollups.names(Origin.OBJECTS) == objects.names(Origin.ROLLUPS) == []
    assert objects.names(Origin.OBJECTS) == ["temporary_storage", "attention"]
    assert {*rollups.names(Origin.ROLLUPS), *objects.names(Origin.OBJECTS)} == set(REPORTS)
    assert not {*rollups.names(Origin.ROLLUPS)} & {*objects.names(Origin.OBJECTS)}, "one writer a file"


def test_chosen_reports_come_in_the_order_of_the_schema_each_from_what_is_best() -> None:
    request = parse_request({"reports": ["attention", "progress", "temporary_storage"]}, NOW)
    assert request.kind == "chosen"
    assert request.wanted == (
        Wanted("progress", Origin.ROLLUPS),
        Wanted("temporary_storage", Origin.OBJECTS),
        Wanted("attention", Origin.OBJECTS),
    )


def test_an_origin_can_be_asked_for_where_a_report_has_it() -> None:
    event = {"reports": ["temporary_storage", "progress"], "origin": "rollups"}
    assert parse_request(event, NOW).names(Origin.ROLLUPS) == ["progress", "temporary_storage"]


def test_a_run_is_for_the_time_of_the_schedule_or_for_now() -> None:
    assert parse_request({"reports": "rollups"}, NOW).at == NOW
    scheduled = parse_request({"reports": "rollups", "as_of": "2026-11-22T03:00:00Z"}, NOW)
    assert scheduled.at == NOW - timedelta(seconds=2)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({}, "asks for the reports None; `reports` is rollups or objects, or a list of names."),
        ({"reports": []}, "asks for the reports []; `reports` is rollups or objects, or a list of names."),
        ({"reports": "all"}, "asks for the reports 'all' from None; `reports` is rollups or objects,"),
        ({"reports": "rollups", "origin": "objects"}, "asks for the reports 'rollups' from 'objects';"),
        ({"reports": ["progres"]}, "asks for the report 'progres', but there are progress, progress_hourly,"),
        (
            {"reports": ["attention"], "origin": "rollups"},
            "'attention', but it cannot be computed from rollups.",
        ),
        ({"reports": ["attention"], "origin": "mars"}, "has the origin 'mars'; it is rollups or objects."),
        (
            {"reports": "rollups", "asof": "x"},
            "has 'asof', which is not known; it takes reports, origin, as_of.",
        ),
        ({"reports": "rollups", "as_of": "soon"}, "has the as_of 'soon': 'soon' is no time like"),
        ({"reports": "rollups", "as_of": 5}, "has the as_of 5: A time must be text"),
        (
            {"reports": "objects", "as_of": "2026-11-22T03:00:03Z"},
            "has the as_of '2026-11-22T03:00:03Z', which is still to come: ask for it then.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(event: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse_request(event, NOW)
    assert str(raised.value).startswith("The event ")
    assert sentence in str(raised.value)
