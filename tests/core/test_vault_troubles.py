"""What of a vault transfer is trouble, and how its watcher ends it."""

from dataclasses import replace
from typing import Any

from tests.core.vault_watched import transfer, vault_state
from tests.core.watched import START, after, announced, look_at, progress, requested, told
from thaw.core.job_states import JobStatus
from thaw.core.progress_events import Trouble
from thaw.core.vault_states import VaultState
from thaw.core.vault_troubles import vault_troubles


def completed(**by_hour: int) -> dict[tuple[str, str], int]:
    """Counters: so many archives retrieved in hours named h03, h04, ..."""
    return {(f"hour#2026-11-21T{hour[1:]}", "completed_objects"): n for hour, n in by_hour.items()}


def found(
    now: str, vault: VaultState | None = None, counters: Any = None, **by_status: int
) -> dict[str, Trouble]:
    """The troubles of a transfer of ten archives, by kind."""
    state = transfer(changed_at=START)
    seen = progress(10, **by_status)
    troubles = vault_troubles(state, vault or vault_state(), seen, counters or {}, now)
    return {trouble.kind: trouble for trouble in troubles}


def test_archives_that_wait_for_half_of_their_time_are_stuck() -> None:
    assert "stuck" not in found(after(12.9), counters=completed(h03=4), restored=4, copied=0)
    told = found(after(13), counters=completed(h03=4), restored=3, copied=1)
    assert told["stuck"].objects == 3
    assert "stuck" not in found(after(13), counters=completed(h03=4), restored=4, copied=6)


def test_archives_whose_window_is_nearly_over_are_told_and_those_where_it_is() -> None:
    assert "expiring_uncopied" not in found(after(21), counters=completed(h03=4), restored=4)
    assert found(after(22), counters=completed(h03=4), restored=4)["expiring_uncopied"].objects == 4
    assert found(START, expired=2)["expiring_uncopied"].objects == 2


def test_retrievals_that_take_longer_than_aws_says_are_overdue() -> None:
    asked = requested(("2026-11-21T03", 10))
    assert "overdue" not in found(after(5.9), counters=asked, restoring=10)
    assert found(after(6), counters=asked, restoring=10)["overdue"].objects == 10


def test_waiting_for_the_bytes_of_the_next_day_is_no_standstill() -> None:
    held = vault_state(held="Of the bytes nothing is left.")
    assert "stalled" in found(after(6), copied=5)
    assert "stalled" not in found(after(23), held, copied=5)
    assert "stalled" in found(after(23), held, copied=5, restored=1)
    assert found(after(30.1), held, copied=5)["stalled"].detail.endswith("nothing is left.")


def test_a_pause_is_told_with_the_words_of_glacier_while_it_lasts() -> None:
    vault = vault_state(paused_until=after(1), pause_reason="Glacier takes no requests: no.")
    assert found(START, vault)["paused"].detail.startswith("Glacier takes no requests: no.")
    assert found(START, vault)["paused"].objects == 10
    assert "paused" not in found(after(1), vault)


def test_a_conflict_and_a_manifest_that_cannot_be_written_are_told() -> None:
    assert "v/a" in found(START, vault_state(conflict="At v/a there is another"))["conflict"].detail
    assert "unwritten" not in found(START, vault_state(manifest_attempts=3), copied=10)
    told = found(START, vault_state(manifest_attempts=4, manifest_execution="arn:4"), copied=10)
    assert "in 3 attempts: see arn:4" in told["unwritten"].detail


def test_the_troubles_of_a_transfer_are_told_as_events() -> None:
    vault = vault_state(paused_until=after(1), pause_reason="No.")
    decision = look_at(announced(transfer()), progress=progress(10), vault=vault)
    assert [event.event_id for event in decision.events] == ["job-1-1-trouble-paused"]
    assert decision.state.trouble == ("paused",)


def test_a_transfer_is_complete_when_it_is_closed_and_not_before() -> None:
    """Numbers 4 and 18: a run that never ends though everything is done."""
    done = progress(10, copied=10)
    waiting = look_at(announced(transfer(), 100), progress=done, vault=vault_state())
    assert (waiting.state.status, waiting.events) == (JobStatus.COPYING, ())
    ended = look_at(replace(waiting.state, closed=True), progress=done, vault=vault_state())
    assert told(ended.events) == [("end", "Complete", "100")]


def test_failures_are_told_with_where_to_find_them() -> None:
    """Number 15: every failure path ends as SUCCEEDED."""
    state = announced(transfer(closed=True), 90)
    ended = look_at(state, progress=progress(10, copied=8, failed=2), vault=vault_state())
    assert told(ended.events) == [("end", "CompleteWithFailures", "80")]
    assert ended.state.reason.startswith("2 of 10 archives were not transferred; `thaw vault manifest job-1`")


def test_a_transfer_that_is_stopped_ends_when_it_is_closed() -> None:
    stopped = announced(transfer(cancel_requested_at=START), 30)
    seen = progress(10, copied=3, restored=4, restoring=3)
    first = look_at(stopped, after(1), progress=seen, vault=vault_state())
    assert (first.state.ended, first.events) == (False, ())
    last = look_at(replace(first.state, closed=True), after(1), progress=seen, vault=vault_state())
    assert told(last.events) == [("end", "Cancelled", "30")]


def test_a_transfer_takes_the_days_that_it_takes() -> None:
    """Number 16: the published system gives up after 48 hours."""
    state, seen = announced(transfer(), 10), progress(10, copied=1, restoring=9)
    months = look_at(state, after(24 * 90), progress=seen, vault=vault_state())
    assert (months.state.ended, months.state.reason) == (False, "")
    given = announced(transfer(timeout_hours=72, closed=True), 10)
    assert not look_at(given, after(71), progress=seen, vault=vault_state()).state.ended
    ended = look_at(given, after(72), progress=seen, vault=vault_state())
    assert told(ended.events) == [("end", "Timeout", "10")]
    assert "requested of Glacier goes on, and the next run finds what is done" in ended.state.reason
