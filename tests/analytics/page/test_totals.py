"""Charts that show fewer steps than there are rows still add up to what the rows say."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.page.hourly import KINDS, MAX_STEPS, reached
from analytics.page.rows import table_rows
from analytics.page.scales import DAY, HOUR
from analytics.page.storage import costs
from tests.analytics.page.frames import frame, hourly, storage


@pytest.mark.parametrize(
    ("hours", "step"), [(1, HOUR), (MAX_STEPS, HOUR), (MAX_STEPS + 1, DAY), (20_000, 7 * DAY)]
)
def test_a_long_time_is_drawn_by_day_without_losing_totals(hours: int, step: object) -> None:
    rows = table_rows(frame("progress_hourly", hourly("j", hours)))
    grid, steps = reached(rows)
    assert grid.step == step
    assert len(steps) <= MAX_STEPS
    for kind in KINDS:
        for unit in ("objects", "bytes"):
            assert steps[-1].by[f"{kind}_{unit}"] == sum(row[f"{kind}_{unit}"] for row in rows)


def test_a_day_holds_its_own_hours() -> None:
    rows = table_rows(frame("progress_hourly", hourly("j", 500, start=datetime(2024, 2, 28, 22, tzinfo=UTC))))
    grid, steps = reached(rows)
    leap_day = [row["requested_objects"] for row in rows if row["hour"].day == 29 and row["hour"].month == 2]
    assert grid.at(steps[1].step) == datetime(2024, 2, 29, tzinfo=UTC)
    assert steps[1].by["requested_objects"] - steps[0].by["requested_objects"] == sum(leap_day)


@given(st.integers(1, 2_000), st.sampled_from(["told apart", "together"]))
@settings(max_examples=15)
def test_costs_add_up_whatever_the_bars(days: int, how: str) -> None:
    rows = table_rows(frame("temporary_storage", storage("j", days, split=how == "told apart")))
    _, found = costs(rows)
    assert len(found) <= 120
    assert sum(cost.usd for cost in found.values()) == pytest.approx(sum(row["cost_usd"] for row in rows))
    parts = sum(cost.waiting + cost.idle + cost.unsplit for cost in found.values())
    assert parts == pytest.approx(sum(row["cost_usd"] for row in rows))
