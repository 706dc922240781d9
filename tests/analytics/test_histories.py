"""For any histories and any as_of, SQL from objects says what the core says of what was known then."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analytics.reports import run_report
from analytics.schema import REPORTS, Origin
from tests.analytics.object_rows import UNCOUNTED, at, source_of
from tests.strategies import histories, keys, timestamps
from thaw.core.history import NOTHING, History, Observation, Status, known_at, status
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import from_millis, to_iso, to_millis

DAY = 86_400_000
STARTS = ("2026-11-21", "2024-02-28", "2023-12-30", "1969-12-31", "2000-02-28")
"""Where drawn times begin: an ordinary day, before leap days, before the ends of years and of an era."""

SIZES = (None, 0, 1, 10**9 + 7, 50 * 2**40)
URGENT = (Status.EXPIRED, Status.FAILED)
COUNTED = [name for name, report in REPORTS.items() if Origin.ROLLUPS in report.origins]


def moved(history: History, days: int) -> History:
    """The history, so many days later."""

    def move(text: str) -> str:
        return from_millis(to_millis(text) + days * DAY) if text else ""

    failure, observation = history.failure, history.observation
    return History(
        move(history.restore_requested_at),
        move(history.restore_completed_at),
        move(history.restore_expires_at),
        move(history.restore_expired_at),
        move(history.copied_at),
        failure._replace(at=move(failure.at)),
        observation._replace(at=move(observation.at)),
    )


def records_of(drawn: Sequence[History], drawn_keys: Sequence[str]) -> list[ObjectRecord]:
    """Each history as the one record of a job of its own, so that a job's report tells of it alone."""
    found: list[ObjectRecord] = []
    for number, (history, key) in enumerate(zip(drawn, drawn_keys, strict=True)):
        size = SIZES[number % len(SIZES)]
        entry = ManifestEntry(f"job {number:02}", "cold", key, size, ("GLACIER", "")[number % 2], "Bulk")
        found.append(ObjectRecord(ObjectId(object_path("cold", key), "null"), entry, history, 1))
    return found


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[ObjectRecord], str]:
    """Several records (a query costs the same for one), and an as_of at or among their events, or far off."""
    start = to_millis(draw(st.sampled_from(STARTS)) + "T00:00:00.000Z")
    days = (start - to_millis("2026-11-21T00:00:00.000Z")) // DAY
    drawn = [moved(history, days) for history in draw(st.lists(histories(), min_size=6, max_size=24))]
    drawn_keys = draw(st.lists(keys(), min_size=len(drawn), max_size=len(drawn)))
    anywhere = History(restore_requested_at=draw(timestamps()))
    days += draw(st.sampled_from((0, -9, 9)))
    as_of = moved(anywhere, days).restore_requested_at
    events = [time for each in drawn for time in (*each[:5], each.failure.at, each.observation.at) if time]
    if events and draw(st.booleans()):
        as_of = draw(st.sampled_from(events))
    return records_of(drawn, drawn_keys), as_of


LISTED_AS_IT_EXPIRED = History(
    restore_completed_at="2026-11-21T05:00:00.000Z",
    restore_expires_at="2026-11-25T00:00:00.000Z",
    restore_expired_at="2026-11-22T00:00:00.000Z",
    observation=Observation("2026-11-22T00:00:00.000Z", Status.RESTORED),
)


@settings(max_examples=14)
@example(situation=(records_of([LISTED_AS_IT_EXPIRED], ["key"]), "2026-11-23T00:00:00.000Z"))
@given(situation=situations())
def test_reports_as_of_then_are_those_of_what_was_known_then(
    situation: tuple[list[ObjectRecord], str],
) -> None:
    records, as_of = situation
    parameters = at(datetime.fromisoformat(as_of))
    known = [record._replace(history=known_at(record.history, as_of)) for record in records]
    with duckdb.connect() as connection:
        from_objects = source_of(connection, records, Origin.OBJECTS)
        from_counters = source_of(connection, known, Origin.ROLLUPS)
        for name in COUNTED:
            listed = run_report(name, from_objects, parameters)
            counted = run_report(name, from_counters, parameters)
            uncounted = [column for column in UNCOUNTED if column in counted]
            assert_frame_equal(
                listed.drop(columns=uncounted), counted.drop(columns=uncounted), rtol=0, atol=0
            )


@settings(max_examples=20)
@given(situation=situations())
@example(situation=(records_of([NOTHING], ["nothing is known of it"]), "2026-11-21T00:00:00.000Z"))
def test_the_status_is_the_one_that_the_core_derives(
    situation: tuple[list[ObjectRecord], str],
) -> None:
    records, as_of = situation
    with duckdb.connect() as connection:
        source = source_of(connection, records, Origin.OBJECTS)
        found = run_report("progress", source, at(datetime.fromisoformat(as_of)))
    there = found[found["objects"] == 1]
    derived = {record.entry.job_id: status(known_at(record.history, as_of)) for record in records}
    assert dict(zip(there["job_id"], there["status"], strict=True)) == derived


@settings(max_examples=20)
@given(situation=situations())
def test_what_needs_attention_is_told_with_what_was_known(
    situation: tuple[list[ObjectRecord], str],
) -> None:
    records, as_of = situation
    with duckdb.connect() as connection:
        source = source_of(connection, records, Origin.OBJECTS)
        found = run_report("attention", source, at(datetime.fromisoformat(as_of)))
    known = {record.entry.job_id: known_at(record.history, as_of) for record in records}
    assert set(found["job_id"]) >= {job_id for job_id, history in known.items() if status(history) in URGENT}
    for row in found.to_dict("records"):
        history = known[row["job_id"]]
        expires_at = "" if pd.isna(row["expires_at"]) else to_iso(row["expires_at"])
        error_code = "" if pd.isna(row["error_code"]) else row["error_code"]
        assert (row["status"], expires_at) == (status(history), history.restore_expires_at)
        assert error_code == history.failure.error_code
        assert to_iso(row["since"]) <= as_of
