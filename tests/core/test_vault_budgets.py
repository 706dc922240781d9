"""Never more is asked for than can be transferred before it can be read no more."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.watched import SIZE, after, progress
from thaw.core.jobs import Totals
from thaw.core.vault_budgets import (
    SAFETY,
    UNLIMITED,
    UNMEASURED,
    Room,
    backlog,
    rate,
    staged_limit,
)

NOW = after(2.5)
TIB = 1024**4

sizes = st.lists(st.integers(1, 10**13), max_size=30)


def moved(kind: str, **by_hour: int) -> dict[tuple[str, str], int]:
    """Counters: so many objects (of SIZE bytes) in hours named h03, h04, ..."""
    counters: dict[tuple[str, str], int] = {}
    for hour, objects in by_hour.items():
        metric = f"hour#2026-11-21T{hour[1:]}"
        counters[metric, f"{kind}_objects"] = objects
        counters[metric, f"{kind}_bytes"] = objects * SIZE
    return counters


@given(sizes, st.integers(0, 50), st.integers(0, 10**13), st.integers(1, 40), st.integers(1, 10**13))
def test_what_fits_stays_within_the_limit_unless_it_is_a_single_archive(
    asked: list[int], objects: int, staged: int, most: int, most_bytes: int
) -> None:
    room = Room(Totals(most, most_bytes), Totals(objects, staged if objects else 0))
    fits = room.fits(asked)
    room.take(asked[:fits])
    within = room.staged.objects <= most and room.staged.size_bytes <= most_bytes
    assert within or not fits or (room.staged.objects, fits) == (1, 1)
    if fits < len(asked):
        after_one_more = Totals(room.staged.objects + 1, room.staged.size_bytes + asked[fits])
        assert after_one_more.objects > most or after_one_more.size_bytes > most_bytes


@given(sizes)
def test_what_is_given_back_leaves_the_room_as_it_was(asked: list[int]) -> None:
    room = Room(UNLIMITED, Totals(3, 5))
    room.take(asked)
    room.give_back(asked)
    assert room.staged == (3, 5)


def test_an_archive_larger_than_the_limit_is_asked_for_when_nothing_else_is_under_way() -> None:
    assert Room(Totals(10, 100), Totals(0, 0)).fits([5000, 1]) == 1
    assert Room(Totals(10, 100), Totals(1, 1)).fits([5000, 1]) == 0


def test_what_is_retrieved_and_not_transferred_counts_like_what_is_being_retrieved() -> None:
    looks: Any = [(progress(10, restoring=3, restored=4, copied=2), {}), (progress(9, restoring=1), {})]
    assert backlog(looks, NOW).staged == (8, 8 * SIZE)


def test_the_rate_is_that_of_the_best_hour_of_a_day_where_nothing_waits() -> None:
    counters = {**moved("copied", h03=50, h04=400, h05=10), **moved("completed", h03=900)}
    assert backlog([(progress(1000, copied=460), counters)], NOW).per_hour == (400, 400 * SIZE)
    tomorrow = after(25.5)
    assert backlog([(progress(1000, copied=460), counters)], tomorrow).per_hour == (10, 10 * SIZE)


def test_where_retrieved_archives_wait_the_rate_is_what_transfers_do_now() -> None:
    counters = {**moved("copied", h02=4000, h04=60, h05=30), **moved("completed", h02=9000)}
    found = backlog([(progress(10_000, restored=5000, copied=4090), counters)], NOW)
    assert found.per_hour == (60, 60 * SIZE), "90 in the last hour and a half"


def test_what_was_there_already_says_nothing_of_how_fast_transfers_are() -> None:
    counters = {**moved("copied", h04=100_000), **moved("completed", h03=20)}
    assert backlog([(progress(100_000, copied=100_000), counters)], NOW).per_hour == (20, 20 * SIZE)


def test_the_limit_is_half_of_a_day_at_the_rate_and_never_below_what_is_harmless() -> None:
    assert staged_limit(Totals(0, 0), 0) == UNMEASURED
    fast = Totals(10**6, TIB)
    assert staged_limit(fast, 0) == (12 * 10**6, 12 * TIB)
    assert SAFETY < 1
    assert staged_limit(fast, 5000) == (UNLIMITED.objects, 5000), "the stack's word is the last"


def test_the_rate_of_a_transfer_is_in_bytes_a_second() -> None:
    assert rate(moved("copied", h04=3600, h05=1800), NOW) == SIZE
    assert rate(moved("copied", h03=3600), NOW) == 0
