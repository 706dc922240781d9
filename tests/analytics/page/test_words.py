import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.page import words
from tests.analytics.page.frames import HOSTILE


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, words.NONE),
        (0, "0 ms"),
        (0.012, "12 ms"),
        (35, "35 s"),
        (60, "1 min"),
        (3599.7, "1 h"),
        (15_120, "4 h 12 min"),
        (172_800, "48 h"),
        (360_000, "4 d 4 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1.00 KiB"),
        (50 * 2**40, "50.00 TiB"),
        (2**70, "1,024 EiB"),
    ],
)
def test_sizes_are_in_powers_of_1024(count: int, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [
        (0, 0, words.NONE),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (999_999, 1_000_000, "99.9 %"),
        (1, 10**9, "< 0.1 %"),
        (1, 3, "33.3 %"),
    ],
)
def test_a_percentage_never_rounds_up_to_all_nor_down_to_none(part: int, total: int, text: str) -> None:
    assert words.percent(part, total) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, words.NONE), (0, "$0.00"), (0.0012, "$0.0012"), (0.5, "$0.50"), (1234.5, "$1,234.50")],
)
def test_small_amounts_are_not_nothing(amount: float | None, text: str) -> None:
    assert words.usd(amount) == text


def test_what_cannot_be_seen_in_a_key_is_written_out() -> None:
    assert "\\u202egnp.exe\\u000a.bin" in words.visible(HOSTILE)
    assert words.visible("Überflug λ 日本 👩\u200d🚀") == "Überflug λ 日本 👩\u200d🚀", (
        "letters and emoji stay"
    )


@given(st.text())
def test_any_key_can_be_written_as_utf_8_in_one_line(key: str) -> None:
    assert len(words.visible(key).encode().splitlines()) <= 1
