"""What parts came to is written as it is read, and adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.job_states import Loaded
from thaw.core.jobs import Totals
from thaw.core.loaded_parts import LoadedPartError, loaded_from_json, loaded_to_json, sum_loaded

_COUNTS = st.integers(0, 10**12)
_PARTS = st.builds(
    Loaded,
    **dict.fromkeys(
        ("objects", "size_bytes", "requests", "requests_bytes", "readable", "restoring"), _COUNTS
    ),
    copied=_COUNTS,
    elsewhere=_COUNTS,
    by_storage_class=st.dictionaries(
        st.sampled_from(["GLACIER", "DEEP_ARCHIVE"]), st.builds(Totals, _COUNTS, _COUNTS)
    ),
    elsewhere_jobs=st.dictionaries(st.sampled_from(["one", "two"]), _COUNTS),
)


@given(_PARTS)
def test_a_part_is_read_as_it_was_written(part: Loaded) -> None:
    assert loaded_from_json(loaded_to_json(part)) == part
    assert sum_loaded([part]) == part


@given(st.lists(_PARTS), st.lists(_PARTS))
def test_sums_of_parts_add_up(some: list[Loaded], others: list[Loaded]) -> None:
    assert sum_loaded([sum_loaded(some), sum_loaded(others)]) == sum_loaded([*some, *others])


def test_every_count_is_added() -> None:
    one = Loaded(1, 2, {"GLACIER": Totals(1, 2)}, 3, 4, 5, 6, 7, 8, {"other": 8})
    two = Loaded(10, 20, {"DEEP_ARCHIVE": Totals(10, 20)}, 30, 40, 50, 60, 70, 80, {"other": 80})
    assert sum_loaded([one, two]) == Loaded(
        11,
        22,
        {"DEEP_ARCHIVE": Totals(10, 20), "GLACIER": Totals(1, 2)},
        33,
        44,
        55,
        66,
        77,
        88,
        {"other": 88},
    )
    assert sum_loaded([]) == Loaded()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"by_storage_class": {}, "mood": "fine"}'])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(LoadedPartError, match=r"What a part of a job came to cannot be read .*load the part"):
        loaded_from_json(text)
