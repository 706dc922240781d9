"""What of a running job is trouble: told from counters, and never where it may be none."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.watched import (
    RULES,
    START,
    after,
    announced,
    job,
    look_at,
    progress,
    requested,
    storage,
    wave,
)
from thaw.core.job_states import JobState, Loaded
from thaw.core.jobs import Totals
from thaw.core.progress_events import Trouble
from thaw.core.watch_figures import eta, expiring_uncopied, overdue, typical_hours
from thaw.core.watch_troubles import troubles


def found(state: JobState, now: str, counters: Any = None, **by_status: int) -> dict[str, Trouble]:
    """The troubles of a job of ten objects, by kind."""
    seen = troubles(state, progress(10, **by_status), counters or {}, RULES, now)
    return {trouble.kind: trouble for trouble in seen}


def test_copies_that_lapse_soon_are_trouble_where_copying_lags() -> None:
    counters = storage(("2026-11-22", 4), ("2026-11-28", 6))
    state = job(copies=True)
    told = found(state, START, counters, restored=9, copied=1)
    assert told["expiring_uncopied"].objects == 3, "one of the four may be the one that is copied"
    assert not found(state, START, counters, restored=6, copied=4)
    assert not found(state, START, storage(("2026-11-28", 10)), restored=10)
    assert not found(job(), START, counters, restored=10), "nobody asked for copies"


def test_copies_that_lapsed_already_are_trouble() -> None:
    told = found(job(copies=True), START, storage(("2026-11-20", 3)), restored=7, expired=3)
    assert told["expiring_uncopied"].objects == 3
    assert told["expiring_uncopied"].detail.startswith("3 temporary copies lapsed")


def test_restores_that_take_longer_than_is_typical_are_overdue() -> None:
    counters = requested(("2026-11-21T03", 8), ("2026-11-21T05", 2))
    assert "overdue" not in found(job(), after(12.9), counters, restoring=10)
    told = found(job(), after(13), counters, restoring=7, restored=3)["overdue"]
    assert told.objects == 5, "of the eight, three may be the ones that came"
    assert "more than 12 hours ago" in told.detail
    assert "overdue" not in found(job(), after(13), counters, restoring=2, restored=8)


def test_a_job_that_stands_still_is_stalled() -> None:
    copying = job(copies=True, changed_at=START)
    assert not found(copying, after(5.9), restored=10)
    told = found(copying, after(6), restored=10)["stalled"]
    assert (told.objects, told.kind) == (10, "stalled")
    assert not found(job(changed_at=START), after(6), restoring=10), "S3 may take twelve hours"
    assert "stalled" in found(job(changed_at=START), after(12), restoring=10)


def test_what_changes_is_not_stalled() -> None:
    state = announced(job(copies=True))
    for hour in range(0, 40, 2):
        copied = hour // 4
        decision = look_at(state, after(hour), progress=progress(10, restored=10 - copied, copied=copied))
        state = decision.state
        assert "stalled" not in state.trouble
    assert look_at(state, after(45), progress=progress(10, restored=1, copied=9)).state.trouble == (
        "stalled",
    )


def test_a_trouble_is_told_when_it_begins() -> None:
    state = announced(job(copies=True))
    counters = storage(("2026-11-22", 4))
    first = look_at(state, progress=progress(10, restored=9), counters=counters)
    assert [event.event_id for event in first.events] == ["job-1-1-trouble-expiring_uncopied"]
    assert first.events[0].fields["Trouble"][0]["Kind"] == "expiring_uncopied"
    assert look_at(first.state, progress=progress(10, restored=9), counters=counters).events == ()
    over = look_at(first.state, progress=progress(100, restored=9, copied=4), counters=counters)
    assert over.state.trouble == ()


def test_a_report_that_does_not_add_up_is_trouble() -> None:
    state = job(waves=(wave(problem="Wave 1 lacks 3 objects."),))
    assert found(state, START, restored=9)["unaccounted"].detail == "Wave 1 lacks 3 objects."


@pytest.mark.parametrize(
    ("classes", "tier", "hours"),
    [
        (("GLACIER",), "Bulk", 12),
        (("GLACIER", "DEEP_ARCHIVE"), "Bulk", 48),
        (("INTELLIGENT_TIERING",), "Standard", 12),
        ((), "Bulk", 48),
        (("GLACIER",), "Expedited", 5 / 60),
    ],
)
def test_typical_is_what_aws_says_of_the_slowest_class(classes: Any, tier: str, hours: float) -> None:
    loaded = Loaded(by_storage_class=dict.fromkeys(classes, Totals(1, 1)))
    state = job(loaded=loaded)
    assert typical_hours(replace(state, request=replace(state.request, tier=tier))) == hours


@given(st.lists(st.sampled_from(["pending", "restoring", "restored", "copied", "failed"]), max_size=30))
def test_least_numbers_are_never_more_than_there_are(objects: list[str]) -> None:
    """Every object that was restored lapses tomorrow, and every one was requested long ago."""
    by_status = {name: objects.count(name) for name in ("restoring", "restored", "copied", "failed")}
    seen = progress(len(objects), **by_status)
    lapsing = by_status["restored"] + by_status["copied"]
    asked = len(objects) - objects.count("pending")
    assert expiring_uncopied(seen, storage(("2026-11-22", lapsing)), after(48)) <= by_status["restored"]
    late = overdue(seen, requested(("2026-11-21T03", asked)), after(48))
    assert late <= by_status["restoring"]
    if not by_status["failed"]:
        assert late == by_status["restoring"]


def test_the_end_is_expected_at_the_pace_so_far() -> None:
    assert eta(job(), 25, 100, after(2)) == after(8)
    assert eta(job(), 0, 100, after(2)) == after(12), "as AWS says"
    assert eta(job(), 0, 100, after(13)) == ""
    assert eta(job(), 100, 100, after(2)) == ""
    assert eta(job(), 1, 10**9, after(2)) == "", "no date, at such a pace"
    assert eta(job(started_at=""), 25, 100, after(2)) == ""
