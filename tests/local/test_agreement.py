"""Reports agree if every figure does; one that does not is named with its row, column and sources."""

import pytest

from local.demo.agreement import Rows, differences

ROW = {"job_id": "a", "gb_months": "0.30000000000000004", "eta": "2026-11-21T00:00:00.000Z"}


def told(other: Rows) -> list[str]:
    return list(differences("progress", {"here": [ROW], "there": other}))


def test_the_same_figures_agree_but_for_the_last_digits_of_doubles_and_the_moment() -> None:
    assert told([ROW | {"gb_months": "0.3", "eta": "2026-11-21T00:00:01.000Z"}]) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gb_months": "0.3001"}, "gb_months is '0.30000000000000004' from here and '0.3001' from there"),
        ({"gb_months": ""}, "gb_months is '0.30000000000000004' from here and '' from there"),
        ({"job_id": "b"}, "job_id is 'a' from here and 'b' from there"),
    ],
)
def test_another_figure_is_told(change: dict[str, str], sentence: str) -> None:
    assert told([ROW | change]) == [f"progress, row 1: {sentence}"]


def test_another_number_of_rows_is_told() -> None:
    assert told([]) == ["progress has 1 rows from here and 0 from there"]


def test_a_missing_column_is_told() -> None:
    assert told([{"job_id": "a"}])[0].startswith("progress, row 1: gb_months is")
