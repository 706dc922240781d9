import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.page.scales import DAY, HOUR, Grid, LogAxis, upper_ticks

START = datetime(2026, 2, 27, 5, tzinfo=UTC)


@given(st.floats(1e-6, 1e15))
def test_ticks_reach_over_the_top_in_few_steps(top: float) -> None:
    ticks = upper_ticks(top, whole=False)
    assert ticks[0] == 0
    assert ticks[-1] >= top * (1 - 1e-9)
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("top", "ticks"), [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (2000, [0, 500, 1000, 1500, 2000])]
)
def test_whole_ticks(top: int, ticks: list[float]) -> None:
    assert upper_ticks(top, whole=True) == ticks


@given(st.integers(0, 5_000))
def test_a_grid_holds_every_hour_and_is_not_too_long(hours: int) -> None:
    last = START + hours * HOUR
    grid = Grid.over(START, last, (HOUR, DAY), 400)
    assert grid.count <= 400
    assert grid.index(START) == 0
    assert grid.index(last) == grid.count - 1


@given(st.integers(1, 100_000))
def test_ticks_of_time_are_few_and_on_the_axis(hours: int) -> None:
    ticks = list(Grid(START, HOUR, hours).ticks())
    assert 1 <= len(ticks) <= 9
    assert all(0 <= place <= 1 for place, _ in ticks)


def test_ticks_of_days_are_at_midnight() -> None:
    ticks = [at for _, at in Grid(START, HOUR, 100).ticks()]
    assert ticks[1] - ticks[0] == timedelta(days=1)
    assert ticks[0] == datetime(2026, 2, 28, tzinfo=UTC)


@given(st.floats(0, 1e8), st.floats(0, 1e8))
def test_an_axis_of_durations_has_ticks_that_do_not_collide(one: float, other: float) -> None:
    axis = LogAxis.around(min(one, other), max(one, other))
    places = [place for place, _ in axis.ticks()]
    assert places
    assert all(after - before >= 0.09 for before, after in itertools.pairwise(places))
    assert 0 <= axis.place(one) <= 1
