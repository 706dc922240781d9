"""Buckets are contiguous and narrow enough for percentiles within the stated relative error."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from thaw.core.histogram import RELATIVE_ERROR, bounds, bucket_of, midpoint, percentile

LONGEST = 10**9
"""Milliseconds, eleven and a half days: no restore takes longer."""

durations = st.one_of(
    st.integers(0, LONGEST), st.integers(0, 400), st.integers(0, 30).map(lambda power: (1 << power) - 1)
)


def test_the_stated_error_is_at_most_one_percent() -> None:
    assert RELATIVE_ERROR <= 0.01


def test_buckets_leave_no_gap_and_do_not_overlap() -> None:
    after = 0
    for bucket in range(bucket_of(LONGEST) + 2):
        first, next_first = bounds(bucket)
        assert first == after < next_first
        after = next_first
    assert after > LONGEST


def test_a_histogram_up_to_the_longest_restore_fits_one_row() -> None:
    assert bucket_of(LONGEST) < 2000


def test_every_bucket_holds_what_its_bounds_say() -> None:
    for bucket in range(bucket_of(LONGEST) + 1):
        first, after = bounds(bucket)
        assert bucket_of(first) == bucket_of(after - 1) == bucket


@given(durations)
@settings(max_examples=500)
def test_a_number_is_in_its_bucket_and_near_its_midpoint(value: int) -> None:
    first, after = bounds(bucket_of(value))
    assert first <= value < after
    assert abs(midpoint(bucket_of(value)) - value) <= RELATIVE_ERROR * value


@given(durations, durations)
def test_buckets_keep_the_order_of_numbers(one: int, other: int) -> None:
    assert (bucket_of(one) <= bucket_of(other)) or one > other


@given(st.lists(durations, min_size=1, max_size=60), st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 1.0]))
@example([7], 0.5)
@example(list(range(10)), 0.9)
@settings(max_examples=500)
def test_percentiles_are_within_the_stated_error_of_exact_ones(values: list[int], fraction: float) -> None:
    exact = sorted(values)[max(ceil(fraction * len(values)), 1) - 1]
    found = percentile(Counter(map(bucket_of, values)), fraction)
    assert found is not None
    assert abs(found - exact) <= RELATIVE_ERROR * exact


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.0, 1), (0.1, 1), (0.5, 5), (0.51, 6), (0.9, 9), (0.91, 10), (0.99, 10), (1.0, 10)],
)
def test_percentiles_are_by_nearest_rank(fraction: float, expected: int) -> None:
    assert percentile(Counter(map(bucket_of, range(1, 11))), fraction) == expected


@pytest.mark.parametrize("counts", [{}, {5: 0}])
def test_no_numbers_have_no_percentile(counts: dict[int, int]) -> None:
    assert percentile(counts, 0.5) is None


def test_a_bucket_emptied_by_a_correction_is_passed_over() -> None:
    assert percentile({1: 0, 3: 2}, 0.0) == 3
