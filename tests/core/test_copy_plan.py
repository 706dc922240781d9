"""Where copies go, and how objects of any size are cut into parts that S3 takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core import copy_plan
from thaw.core.copy_plan import (
    MAX_COPY_BYTES,
    MAX_OBJECT_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    CopyRefusedError,
    Place,
    Way,
    place_of,
    ways,
)
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import Destination, JobRules

MIN_PART_BYTES = 5 * 2**20
RULES = JobRules(
    region="eu-north-1",
    copy_destinations=(
        Destination("live", "a/"),
        Destination("live", "b/", "eu-west-1", "999988887777"),
        Destination("archive"),
    ),
)

sizes = st.integers(MAX_COPY_BYTES + 1, MAX_OBJECT_BYTES) | st.sampled_from(
    [MAX_COPY_BYTES + 1, MAX_OBJECT_BYTES]
)


@given(sizes)
def test_parts_hold_all_bytes_once_within_s3s_limits(size: int) -> None:
    each = copy_plan.part_bytes(size)
    count = copy_plan.part_count(size, each)
    assert MIN_PART_BYTES <= each <= MAX_PART_BYTES
    assert 1 < count <= MAX_PARTS
    first, last = copy_plan.part(1, size, each), copy_plan.part(count, size, each)
    assert (first.first, last.last) == (0, size - 1)
    assert copy_plan.part(2, size, each).first == first.last + 1
    assert 0 < last.last - last.first + 1 <= each


@given(sizes)
def test_groups_hold_all_parts_once(size: int) -> None:
    each = copy_plan.part_bytes(size)
    numbers = [n for group in copy_plan.groups(size, each) for n in range(group.first, group.last + 1)]
    assert numbers == list(range(1, copy_plan.part_count(size, each) + 1))


@given(sizes)
def test_a_group_takes_a_function_less_than_a_third_of_its_time(size: int) -> None:
    each = copy_plan.part_bytes(size)
    group = next(copy_plan.groups(size, each))
    rounds = -(-(group.last - group.first + 1) // 16)
    assert rounds * each / copy_plan.STREAM_BYTES_PER_SECOND < 300


def test_the_largest_object_is_ten_thousand_parts_of_5_gib_and_a_larger_one_refused() -> None:
    assert MAX_OBJECT_BYTES == 10_000 * 5 * 2**30
    assert copy_plan.part_bytes(MAX_OBJECT_BYTES) == MAX_PART_BYTES
    with pytest.raises(
        CopyRefusedError, match="53687091200001 bytes is larger than S3's 53687091200000"
    ) as raised:
        copy_plan.part_bytes(MAX_OBJECT_BYTES + 1)
    assert raised.value.code == "EntityTooLarge"


@pytest.mark.parametrize(
    ("copy", "place"),
    [
        (CopyRequest(), Place("archive", "k", "", "", in_place=True)),
        (CopyRequest(destination_bucket="archive"), Place("archive", "k", "", "", in_place=True)),
        (CopyRequest(destination_prefix="p/"), Place("archive", "p/k", "", "", in_place=False)),
        (
            CopyRequest(destination_bucket="live", destination_prefix="a/"),
            Place("live", "a/k", "", "", in_place=False),
        ),
        (
            CopyRequest(destination_bucket="live", destination_prefix="b/"),
            Place("live", "b/k", "eu-west-1", "999988887777", in_place=False),
        ),
    ],
)
def test_a_copy_goes_where_the_rules_let_it(copy: CopyRequest, place: Place) -> None:
    assert place_of(RULES, copy, "archive", "k") == place


@pytest.mark.parametrize(("bucket", "prefix"), [("live", ""), ("live", "c/"), ("other", "a/")])
def test_a_copy_goes_nowhere_else(bucket: str, prefix: str) -> None:
    copy = CopyRequest(destination_bucket=bucket, destination_prefix=prefix)
    with pytest.raises(CopyRefusedError, match=f"Copies to {bucket}/{prefix}k are outside") as raised:
        place_of(RULES, copy, "archive", "k")
    assert raised.value.code == "DestinationNotAllowed"


def test_a_key_that_the_prefix_makes_too_long_is_refused() -> None:
    copy = CopyRequest(destination_bucket="live", destination_prefix="a/")
    with pytest.raises(
        CopyRefusedError, match=r"1 to 1024\. Choose a shorter destination prefix\."
    ) as raised:
        place_of(RULES, copy, "archive", "k" * 1023)
    assert raised.value.code == "KeyTooLongError"


GIB = 2**30
object_sizes = st.integers(0, 6 * GIB) | st.integers(0, MAX_OBJECT_BYTES)


@given(st.dictionaries(st.text(max_size=3), object_sizes, max_size=10), st.floats(-60, 840))
def test_what_is_begun_ends_in_time(sizes: dict[str, int], seconds: float) -> None:
    plan = ways(sizes, seconds, 16)
    assert plan.keys() == sizes.keys()
    taken = {way: [copy_plan.copy_seconds(sizes[n], 16) for n in plan if plan[n] is way] for way in Way}
    assert max(taken[Way.AT_ONCE], default=0.0) <= max(seconds, 0.0)
    assert sum(taken[Way.IN_PARTS]) <= max(seconds, 0.0)
    for name, way in plan.items():
        assert (way in (Way.AT_ONCE, Way.LATER)) == (sizes[name] <= MAX_COPY_BYTES)


def test_many_small_objects_fit_beside_each_other() -> None:
    assert set(ways({str(n): GIB for n in range(10)}, 60.0, 16).values()) == {Way.AT_ONCE}


def test_of_large_objects_as_many_as_fit_are_copied_here() -> None:
    plan = ways({"a": 300 * GIB, "b": 100 * GIB, "c": 100 * GIB}, 840.0, 16)
    assert plan == {"b": Way.IN_PARTS, "c": Way.IN_PARTS, "a": Way.APART}
