"""Whole lives of jobs under the watcher, whatever it sees: few events, each once, all true."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.watched import RULES, SIZE, after, counts, job, look_at, progress, requested, storage, wave
from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Wave
from thaw.core.jobs import Progress
from thaw.core.progress_events import count
from thaw.core.watch_states import SeenWave, merged
from thaw.core.watch_troubles import KINDS
from thaw.core.watching import Decision

MAX_OBJECTS = 10**9


@st.composite
def progresses(draw: st.DrawFn, total: int) -> Progress:
    """Any way in which `total` objects may be spread over the statuses."""
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=5, max_size=5)))
    parts = [cut - before for before, cut in zip([0, *cuts], cuts, strict=False)]
    return progress(total, **counts(parts))


def waves() -> st.SearchStrategy[Wave]:
    """One wave, at any point of its life."""
    made = st.builds(
        partial(wave, 1),
        st.sampled_from(["New", "Active", "Complete", "Failed", "Cancelled"]),
        reported=st.booleans(),
    )
    return st.one_of(st.just(wave(1, "", reported=False)), made)


@st.composite
def looks(draw: st.DrawFn, total: int) -> dict[str, Any]:
    """What one look may see: any progress, counters, and word of S3 for wave 1."""
    counters = {
        **storage(("2026-11-22", draw(st.integers(0, total))), ("2026-11-28", draw(st.integers(0, total)))),
        **requested(("2026-11-21T03", draw(st.integers(0, total)))),
    }
    status = draw(st.sampled_from(["Active", "Complete"]))
    return {
        "progress": draw(progresses(total)),
        "counters": counters,
        "waves": {1: SeenWave(status, 0, "")},
        "workflow": "RUNNING",
    }


@st.composite
def lives(draw: st.DrawFn) -> tuple[JobState, JobRules, list[tuple[str, dict[str, Any]]]]:
    """A job, rules, and looks at it at growing times."""
    total = draw(st.integers(1, MAX_OBJECTS))
    state = job(
        copies=draw(st.booleans()),
        way=draw(st.sampled_from(list(Way))),
        requested=draw(st.booleans()),
        closed=draw(st.booleans()),
        waves=draw(st.one_of(st.just(()), waves().map(lambda one: (one,)))),
    )
    rules = replace(RULES, progress_step_percent=draw(st.integers(1, 100)))
    hours = sorted(draw(st.lists(st.floats(0, 400), min_size=1, max_size=25)))
    return state, rules, [(after(hour), draw(looks(total))) for hour in hours]


def lived(state: JobState, rules: JobRules, seen: Sequence[tuple[str, dict[str, Any]]]) -> list[Decision]:
    """The decisions of all looks until the job ends."""
    made: list[Decision] = []
    for now, what in seen:
        made.append(look_at(state, now, rules, **what))
        state = merged(state, state, made[-1].state)
        if state.ended:
            break
    return made


@given(lives())
def test_the_number_of_events_depends_on_the_step_and_not_on_the_objects(life: Any) -> None:
    state, rules, seen = life
    ids = [event.event_id for decision in lived(state, rules, seen) for event in decision.events]
    steps = math.ceil(100 / rules.progress_step_percent) - 1
    assert len(set(ids)) <= len(("start", "end")) + steps + len(KINDS)
    told_again = [event_id for event_id in set(ids) if ids.count(event_id) > 1]
    assert all("-trouble-" in event_id for event_id in told_again), (
        "only trouble comes back; the outbox is mute"
    )


@given(lives())
def test_a_look_that_is_repeated_says_the_same_under_the_same_ids(life: Any) -> None:
    state, rules, seen = life
    for now, what in seen:
        first, again = (look_at(state, now, rules, **what) for _ in range(2))
        assert first == again, "a crash before the state was written repeats the look"
        state = merged(state, state, first.state)
        if state.ended:
            assert merged(state, state, first.state) == state
            break


@given(lives())
def test_percents_that_are_announced_only_grow_step_by_step(life: Any) -> None:
    state, rules, seen = life
    steps = [
        int(event.event_id.rpartition("-")[2])
        for decision in lived(state, rules, seen)
        for event in decision.events
        if "-step-" in event.event_id
    ]
    assert steps == sorted(set(steps))
    assert all(0 < step < 100 and step % rules.progress_step_percent == 0 for step in steps)


@given(lives())
def test_complete_is_said_only_when_every_object_is_accounted_for(life: Any) -> None:
    state, rules, seen = life
    made = lived(state, rules, seen)
    for (_now, what), decision in zip(seen, made, strict=False):
        counted = count(state, what["progress"])
        end = decision.state
        if end.status is JobStatus.COMPLETE:
            assert counted.done == counted.total
        if end.status is JobStatus.COMPLETE_WITH_FAILURES:
            assert 0 < counted.lost == counted.total - counted.done
        if end.status in (JobStatus.COMPLETE, JobStatus.COMPLETE_WITH_FAILURES):
            assert end.requested
            assert all(wave.reported for wave in end.waves if wave.batch_job_id)
        for event in decision.events:
            assert (event.fields["ProgressPercent"] == "100") == (counted.done == counted.total)


@given(st.integers(1, MAX_OBJECTS), st.data())
def test_percent_is_monotone_in_objects_done_and_100_only_at_all(total: int, data: st.DataObject) -> None:
    done = sorted(data.draw(st.lists(st.integers(0, total), min_size=2, max_size=2)))
    fewer, more = (count(job(copies=True), progress(total, copied=copied)) for copied in done)
    assert fewer.percent <= more.percent
    assert (more.percent == 100) == (more.done == total)
    accepted = progress(total, restoring=total)
    assert count(job(), accepted).percent == 0, "a request that S3 took is nothing done"


@given(lives())
def test_what_an_event_counts_adds_up_to_the_job(life: Any) -> None:
    for decision in lived(*life):
        for event in decision.events:
            fields = event.fields
            assert sum(fields["ObjectsByStatus"].values()) == fields["TotalObjects"]
            assert (
                sum(fields["BytesByStatus"].values()) == fields["TotalBytes"] == fields["TotalObjects"] * SIZE
            )
