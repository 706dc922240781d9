"""When a transfer goes on, is given up, swept; and what an archive needs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.vault_watched import archive_record, retrieved, transfer, vault_state
from tests.core.watched import START, after, progress
from tests.strategies import histories
from thaw.core.history import Failure, History, Status
from thaw.core.job_requests import Way
from thaw.core.job_states import JobStatus
from thaw.core.vault_needs import cost_of
from thaw.core.vault_watching import (
    Need,
    given_up,
    is_late,
    is_under_way,
    may_close,
    may_request,
    need_of,
    settled,
    sweep_is_due,
    with_conflict,
)


def test_a_transfer_has_no_time_but_the_one_it_was_given() -> None:
    assert not given_up(transfer(), after(24 * 400))
    assert not given_up(transfer(timeout_hours=30), after(29.9))
    assert given_up(transfer(timeout_hours=30), after(30))
    assert given_up(transfer(cancel_requested_at=START), START)
    assert given_up(transfer(status=JobStatus.COMPLETE), START)


def test_a_transfer_that_was_given_up_rests_before_it_is_closed() -> None:
    stopped = transfer(cancel_requested_at=after(1))
    assert not may_close(stopped, after(1.02))
    assert may_close(stopped, after(1.03))
    assert not may_close(transfer(timeout_hours=30), after(30.02))
    assert may_close(transfer(timeout_hours=30), after(30.03))


def test_only_loaded_transfers_of_vaults_are_under_way() -> None:
    assert is_under_way(transfer())
    assert is_under_way(transfer(status=JobStatus.COPYING))
    assert not is_under_way(transfer(status=JobStatus.PREPARING))
    state = transfer()
    assert not is_under_way(replace(state, request=replace(state.request, way=Way.REQUESTS)))


def test_archives_are_asked_for_in_the_run_whose_plan_was_begun_and_not_in_a_pause() -> None:
    assert may_request(transfer(), vault_state(), START)
    assert not may_request(transfer(run=2), vault_state(), START)
    assert not may_request(transfer(), vault_state(plan=None), START)
    assert not may_request(transfer(closed=True), vault_state(), START)
    assert not may_request(transfer(), vault_state(paused_until=after(1)), after(0.9))
    assert may_request(transfer(), vault_state(paused_until=after(1)), after(1))


def test_all_is_settled_when_every_archive_is_transferred_or_failed() -> None:
    assert settled(progress(10, copied=7, failed=3))
    for status in ("restoring", "restored", "expired"):
        assert not settled(progress(10, copied=9, **{status: 1}))
    assert not settled(progress(10, copied=9)), "one is pending"


def test_the_first_conflict_is_told() -> None:
    first = with_conflict(vault_state(), "v/a")
    assert "v/a" in first.conflict
    assert with_conflict(first, "v/b") == first


@pytest.mark.parametrize(
    ("now", "tier", "need"),
    [
        (6, "Standard", Need.NOTHING),
        (22.9, "Standard", Need.NOTHING),
        (23.1, "Standard", Need.LONGER),
        (15.9, "Bulk", Need.NOTHING),
        (16.1, "Bulk", Need.LONGER),
        (27.8, "Expedited", Need.NOTHING),
        (29, "Standard", Need.AGAIN),
    ],
)
def test_a_window_is_prolonged_so_early_that_the_answer_comes_in_time(
    now: float, tier: str, need: Need
) -> None:
    assert need_of(archive_record(retrieved(5), tier=tier), after(now)) is need


def test_an_archive_that_was_asked_for_again_needs_nothing_more() -> None:
    asked = retrieved(5)._replace(restore_requested_at=after(23))
    assert need_of(archive_record(asked), after(24)) is Need.NOTHING


@given(history=histories(), again=st.booleans())
def test_what_is_done_or_failed_is_never_asked_for(history: History, *, again: bool) -> None:
    record = archive_record(history)
    cost = cost_of(record, after(1), again=again)
    if record.status in (Status.COPIED, Status.FAILED):
        assert cost is None
    if record.status in (Status.PENDING, Status.EXPIRED):
        assert cost is not None
    if cost is not None and not cost.retrieves:
        assert (record.status, again) == (Status.RESTORED, True)


def test_what_is_late_is_seen_from_the_counters() -> None:
    state, hour = transfer(), "hour#2026-11-21T03"
    asked = {(hour, "requested_objects"): 10}
    assert not is_late(state, progress(10, restoring=10), asked, after(5.5))
    assert is_late(state, progress(10, restoring=10), asked, after(6.1))
    done = {**asked, (hour, "completed_objects"): 4}
    assert not is_late(state, progress(10, restoring=6, restored=4), done, after(1))
    assert is_late(state, progress(10, restoring=6, restored=4), done, after(2))
    assert is_late(state, progress(10, copied=9, expired=1), {}, START)


def test_a_sweep_is_due_at_the_beginning_regularly_and_earlier_when_late() -> None:
    assert sweep_is_due(vault_state(), 30, late=False, now=START)
    swept = vault_state(swept_at=START)
    assert not sweep_is_due(swept, 30, late=False, now=after(0.49))
    assert sweep_is_due(swept, 30, late=False, now=after(0.5))
    assert not sweep_is_due(swept, 30, late=True, now=after(0.16))
    assert sweep_is_due(swept, 30, late=True, now=after(0.17))


def test_a_failure_is_of_the_past_once_the_archive_is_asked_for_anew() -> None:
    history = History(restore_requested_at=after(1), failure=Failure(START, "X", "y"))
    assert cost_of(archive_record(history), after(2), again=False) is None
    assert cost_of(archive_record(history), after(2), again=True) == (True, False)
