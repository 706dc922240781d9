"""What the watcher decides at one look: events, ends, waves, and jobs whose workflow died."""

from dataclasses import replace

import pytest

from tests.core.watched import START, after, announced, job, look_at, progress, told, wave
from thaw.core.job_requests import Way
from thaw.core.job_states import JobStatus
from thaw.core.watch_states import MISSING, SeenWave, merged, with_reading
from thaw.core.watching import MISSING_HOURS


def test_the_first_look_at_a_run_tells_its_start_and_no_step_besides() -> None:
    decision = look_at(job(), progress=progress(10, restored=4))
    assert told(decision.events) == [("start", "Restoring", "40")]
    assert look_at(decision.state, progress=progress(10, restored=4)).events == ()
    again = replace(decision.state, run=2)
    (event,) = look_at(again, progress=progress(10, restored=4)).events
    assert event.event_id == "job-1-2-start"


def test_the_highest_step_reached_is_told_once_and_none_below_it() -> None:
    decision = look_at(announced(job()), progress=progress(100, restored=37))
    assert told(decision.events) == [("step-30", "Restoring", "37")]
    for restored in (37, 39, 29, 5):
        assert look_at(decision.state, progress=progress(100, restored=restored)).events == ()
    assert told(look_at(decision.state, progress=progress(100, restored=40)).events) == [
        ("step-40", "Restoring", "40")
    ]


def test_a_job_is_complete_when_every_object_is_restored_and_every_report_read() -> None:
    done = progress(10, restored=6, expired=4)
    state = announced(job(waves=(wave(),)))
    decision = look_at(state, after(5), progress=done)
    assert told(decision.events) == [("end", "Complete", "100")]
    assert (decision.state.status, decision.state.ended_at) == (JobStatus.COMPLETE, after(5))
    for unsettled in (
        replace(state, waves=(wave(reported=False),)),
        replace(state, waves=(wave(status="Active", reported=False),)),
        replace(state, requested=False),
    ):
        waiting = look_at(unsettled, progress=done)
        assert (waiting.state.status, waiting.events) == (JobStatus.RESTORING, ())


def test_a_job_that_copies_is_complete_when_every_object_is_copied() -> None:
    state = announced(job(copies=True))
    waiting = look_at(state, progress=progress(10, restored=9, copied=1))
    assert told(waiting.events) == [("step-10", "Copying", "10")]
    assert waiting.state.status is JobStatus.COPYING
    assert told(look_at(waiting.state, progress=progress(10, copied=10)).events) == [
        ("end", "Complete", "100")
    ]


def test_failures_are_accounted_for_and_told() -> None:
    decision = look_at(announced(job()), progress=progress(10, restored=7, failed=3))
    assert told(decision.events) == [("end", "CompleteWithFailures", "70")]
    assert decision.state.reason.startswith("3 of 10 objects were not restored")
    open_wave = wave(status="Active", reported=False)
    for state, seen in (
        (job(), progress(10, restored=6, failed=3)),
        (job(waves=(open_wave,)), progress(10, restored=7, failed=3)),
    ):
        waiting = look_at(announced(state, 90), progress=seen)
        assert (waiting.state.status, waiting.state.reason, waiting.cancel) == (JobStatus.RESTORING, "", "")


def test_a_copy_that_lapsed_is_neither_done_nor_lost() -> None:
    decision = look_at(announced(job(copies=True)), progress=progress(10, copied=9, expired=1))
    assert decision.state.status is JobStatus.COPYING
    assert decision.state.trouble == ("expiring_uncopied",)


def test_a_wave_that_ended_has_its_report_read_once_and_again_where_that_failed() -> None:
    state = announced(job(waves=(wave(status="Active", reported=False),)))
    seen = {1: SeenWave("Complete", 3, "")}
    decision = look_at(state, progress=progress(10), waves=seen)
    assert decision.read_reports == (1,)
    assert decision.state.waves[0].failed_tasks == 3
    reading = with_reading(decision.state, [(1, "arn:1")])
    assert (reading.waves[0].report_execution, reading.waves[0].report_attempts) == ("arn:1", 1)
    assert look_at(reading, progress=progress(10), reports={1: "RUNNING"}).read_reports == ()
    assert look_at(reading, progress=progress(10), reports={1: "FAILED"}).read_reports == (1,)
    assert look_at(reading, progress=progress(10), reports={1: MISSING}).read_reports == (1,)


def test_word_of_a_wave_that_is_older_than_what_is_known_changes_nothing() -> None:
    state = announced(job(waves=(wave(status="Complete", failed_tasks=3),)))
    decision = look_at(state, progress=progress(10), waves={1: SeenWave("Active", 1, "")})
    assert decision.state.waves == state.waves


def test_a_report_that_cannot_be_read_is_given_up_and_is_trouble() -> None:
    last = wave(reported=False, report_execution="arn:3", report_attempts=3)
    decision = look_at(announced(job(waves=(last,))), progress=progress(10), reports={1: "FAILED"})
    assert decision.read_reports == ()
    assert decision.state.waves[0].reported
    assert decision.state.trouble == ("unaccounted",)
    assert "wave 1 could not be read: see arn:3" in decision.events[0].fields["Trouble"][0]["Detail"]


def test_the_next_wave_may_start_until_all_are_requested() -> None:
    state = announced(job(waves=(wave(), wave(2, "")), requested=False))
    assert look_at(state, progress=progress(20, restored=10)).next_wave
    assert not look_at(replace(state, requested=True), progress=progress(20, restored=10)).next_wave


def test_a_cancelled_job_stops_its_open_waves_and_ends_when_their_reports_are_read() -> None:
    open_wave = wave(status="Active", reported=False)
    state = announced(job(waves=(open_wave, wave(2, "")), requested=False, cancel_requested_at=START))
    first = look_at(state, progress=progress(20, restored=2), waves={1: SeenWave("Active", 0, "")})
    assert "Cancelled on request" in first.cancel
    assert (first.events, first.next_wave, first.state.ended) == ((), False, False)
    second = look_at(first.state, progress=progress(20, restored=2), waves={1: SeenWave("Cancelled", 0, "")})
    assert (second.read_reports, second.state.ended) == ((1,), False)
    reported = replace(second.state, waves=(replace(second.state.waves[0], reported=True), wave(2, "")))
    last = look_at(reported, progress=progress(20, restored=2))
    assert told(last.events) == [("end", "Cancelled", "10")]


def test_a_wave_that_failed_ends_the_job_with_the_reason_of_s3() -> None:
    open_waves = (wave(status="Active", reported=False), wave(2, "Active", reported=False))
    state = announced(job(waves=open_waves))
    seen = {1: SeenWave("Failed", 10, "Etag mismatch"), 2: SeenWave("Active", 0, "")}
    decision = look_at(state, progress=progress(20), waves=seen)
    assert decision.cancel
    assert decision.read_reports == (1,)
    settled = tuple(replace(each, reported=True, batch_status="Failed") for each in decision.state.waves)
    last = look_at(replace(decision.state, waves=settled), progress=progress(20))
    assert told(last.events) == [("end", "Failed", "0")]
    assert last.state.reason == "S3 Batch Operations job batch-1 (wave 1) failed: Etag mismatch"


def test_a_wave_cancelled_in_s3_ends_the_job_as_cancelled() -> None:
    state = announced(job(waves=(wave(status="Cancelled"),)))
    decision = look_at(state, progress=progress(10, restored=9))
    assert told(decision.events) == [("end", "Cancelled", "90")]
    assert "was cancelled in S3" in decision.state.reason


def test_a_job_that_is_complete_is_so_whatever_ended_it_meanwhile() -> None:
    state = announced(job(waves=(wave(status="Cancelled"),), cancel_requested_at=START))
    decision = look_at(state, after(1000), progress=progress(10, restored=10))
    assert decision.state.status is JobStatus.COMPLETE


@pytest.mark.parametrize(("hours", "own"), [(168, None), (3, 3)])
def test_a_job_that_takes_too_long_times_out(hours: int, own: int | None) -> None:
    state = announced(job())
    state = replace(state, request=replace(state.request, timeout_hours=own))
    early = look_at(state, after(hours - 0.1), progress=progress(10, restored=9))
    assert not early.state.ended
    late = look_at(state, after(hours), progress=progress(10, restored=9))
    assert told(late.events) == [("end", "Timeout", "90")]
    assert late.state.reason.startswith(f"Not complete {hours} hours after its start")


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT", "SUCCEEDED"])
def test_a_job_whose_workflow_died_is_given_up(status: str) -> None:
    for state in (job(status=JobStatus.LOADING), job(way=Way.REQUESTS, requested=False)):
        decision = look_at(state, workflow=status, progress=progress(10))
        assert f"ended as {status}" in decision.abandoned
        assert not look_at(state, workflow="RUNNING", progress=progress(10)).abandoned
    assert not look_at(job(), workflow="", progress=progress(10)).abandoned, "its workflow has done its part"


def test_a_job_whose_workflow_was_never_started_is_given_up_after_a_while() -> None:
    first = look_at(job(status=JobStatus.PREPARING), workflow=MISSING)
    assert first.abandoned == ""
    assert not look_at(first.state, after(MISSING_HOURS / 2), workflow=MISSING).abandoned
    assert "never started" in look_at(first.state, after(MISSING_HOURS), workflow=MISSING).abandoned


def test_a_job_that_is_being_prepared_is_left_to_its_workflow() -> None:
    state = job(status=JobStatus.LOADING, cancel_requested_at=START)
    decision = look_at(state, after(1000), workflow="RUNNING", progress=progress(10))
    assert (decision.events, decision.cancel, decision.state.status) == ((), "", JobStatus.LOADING)
    requesting = announced(job(way=Way.REQUESTS, requested=False, cancel_requested_at=START))
    decision = look_at(requesting, workflow="RUNNING", progress=progress(10))
    assert not decision.state.ended, "the workflow undoes and ends it"


def test_what_others_changed_meanwhile_stays() -> None:
    before = job(waves=(wave(status="Active", reported=False), wave(2, "")), requested=False)
    after_look = replace(
        before,
        status=JobStatus.COPYING,
        waves=(replace(before.waves[0], batch_status="Complete", failed_tasks=2), before.waves[1]),
        trouble=("stalled",),
    )
    current = replace(
        before,
        cancel_requested_at=START,
        requested=True,
        waves=(replace(before.waves[0], reported=True, problem="odd"), wave(2, "New")),
        revision=9,
    )
    result = merged(current, before, after_look)
    assert (result.cancel_requested_at, result.requested, result.revision) == (START, True, 9)
    assert (result.status, result.trouble) == (JobStatus.COPYING, ("stalled",))
    first, second = result.waves
    assert (first.batch_status, first.failed_tasks, first.reported, first.problem) == (
        "Complete",
        2,
        True,
        "odd",
    )
    assert second.batch_job_id == "batch-2"


def test_a_job_that_others_ended_or_started_again_meanwhile_is_left_alone() -> None:
    before = job()
    looked = replace(before, status=JobStatus.COMPLETE, ended_at=START, trouble=("stalled",))
    failed = replace(before, status=JobStatus.FAILED, ended_at=after(1), reason="no")
    assert merged(failed, before, looked) == failed
    second_run = replace(before, run=2)
    assert merged(second_run, before, looked) == second_run
    moved = replace(before, status=JobStatus.PREPARING)
    assert merged(moved, before, looked).ended_at == ""
