"""Times have one spelling, which sorts as time does; anything without an offset is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import moments
from thaw.core import times
from thaw.core.errors import TimestampError


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-11-21T03:04:05.678Z", "2026-11-21T03:04:05.678Z"),
        ("2026-11-21T03:04:05Z", "2026-11-21T03:04:05.000Z"),
        ("2026-11-21T03:04:05.678912Z", "2026-11-21T03:04:05.678Z"),
        ("2026-11-21T03:04:05.999999Z", "2026-11-21T03:04:05.999Z"),
        ("2026-11-21T03:04:05+00:00", "2026-11-21T03:04:05.000Z"),
        ("2026-11-21T00:04:05.678-03:00", "2026-11-21T03:04:05.678Z"),
        ("2026-11-21T04:34:05.6+01:30", "2026-11-21T03:04:05.600Z"),
        ("2026-11-21 03:04:05.678Z", "2026-11-21T03:04:05.678Z"),
        ("2026-11-21T03:04:05,678Z", "2026-11-21T03:04:05.678Z"),
        ("20261121T030405.678000Z", "2026-11-21T03:04:05.678Z"),
        ("2026-W47-6T03:04:05.678Z", "2026-11-21T03:04:05.678Z"),
        ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_stored_in_one_fixed_width_form(written: str, stored: str) -> None:
    assert times.parse(written) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21T25:00:00.000Z",
        "2026-02-30T00:00:00.000Z",
        "1700000000",
        "2026-11-21T03:04:05.678Q",
    ],
)
def test_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(TimestampError, match=r"is no time like 2026-11-21T03:04:05\.678Z"):
        times.parse(text)


@pytest.mark.parametrize("value", [None, 5, 1.5, ["2026-11-21T03:04:05Z"], {}])
def test_a_value_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(TimestampError, match="A time must be text like"):
        times.parse(value)


@pytest.mark.parametrize("text", ["2026-11-21T03:04:05.678", "2026-11-21", "2026-11-21T03:04"])
def test_a_time_without_offset_is_refused(text: str) -> None:
    with pytest.raises(TimestampError, match="has no time zone; give a UTC time"):
        times.parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.999-01:00"])
def test_a_time_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(TimestampError, match="outside the years 1 to 9999"):
        times.parse(text)


@given(moments(), st.integers(-14 * 60, 14 * 60))
def test_any_offset_gives_the_same_time(moment: datetime, offset_minutes: int) -> None:
    try:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    except OverflowError:
        return
    assert times.parse(elsewhere.isoformat()) == times.to_iso(moment) == times.to_iso(elsewhere)


@given(moments())
def test_a_time_survives_milliseconds(moment: datetime) -> None:
    written = times.to_iso(moment)
    assert times.from_millis(times.to_millis(written)) == written
    assert datetime.fromisoformat(written) == moment
    assert times.parse(written) == written


@given(moments(), moments())
def test_times_sort_as_text(one: datetime, other: datetime) -> None:
    assert (times.to_iso(one) < times.to_iso(other)) == (one < other)
    assert len(times.to_iso(one)) == 24


@given(st.text(st.sampled_from("0123456789-:.,TZz+ W"), max_size=30) | st.text(max_size=30))
def test_parsing_gives_a_fixed_width_time_or_a_typed_error(text: str) -> None:
    try:
        written = times.parse(text)
    except TimestampError:
        return
    assert times.from_millis(times.to_millis(written)) == written


def test_milliseconds_count_from_1970() -> None:
    assert times.to_millis("1970-01-01T00:00:01.001Z") == 1001
    assert times.from_millis(1001) == "1970-01-01T00:00:01.001Z"


def test_a_datetime_without_zone_is_refused() -> None:
    with pytest.raises(TimestampError, match="has no time zone"):
        times.to_iso(datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None))
