"""Parts of archives: every byte once, no more than S3 takes, and each with a node of the tree hash."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thaw.core.archive_parts import (
    GROUP_BYTES,
    LARGEST_PART,
    MAX_ARCHIVE_BYTES,
    ONE_PART,
    ArchiveTooLargeError,
    Group,
    Part,
    groups,
    part_bytes,
    part_count,
    parts,
    ranges,
)
from thaw.core.copy_plan import MAX_PART_BYTES, MAX_PARTS
from thaw.core.tree_hash import is_aligned

MIB = 2**20
TB = 10**12

sizes = st.integers(1, MAX_ARCHIVE_BYTES)


@given(sizes)
@example(MAX_ARCHIVE_BYTES)
@example(ONE_PART * MAX_PARTS)
@example(ONE_PART * MAX_PARTS + 1)
@example(40 * TB)
def test_parts_are_powers_of_two_that_s3_takes(size: int) -> None:
    each = part_bytes(size)
    assert each.bit_count() == 1
    assert ONE_PART <= each <= LARGEST_PART <= MAX_PART_BYTES
    assert part_count(size, each) <= MAX_PARTS
    assert each == ONE_PART or part_count(size, each // 2) > MAX_PARTS, "no larger than need be"


@given(st.integers(1, 3 * 2**30))
def test_parts_hold_every_byte_once_and_are_aligned(size: int) -> None:
    each = part_bytes(size)
    found = list(parts(size, each))
    assert [part.number for part in found] == list(range(1, len(found) + 1))
    assert found[0].first == 0
    assert found[-1].last == size - 1
    assert all(one.last + 1 == other.first for one, other in itertools.pairwise(found))
    assert all(is_aligned(part.first, part.last, size) for part in found)
    assert all(is_aligned(one.first, one.last, size) for part in found for one in ranges(part))


@given(sizes)
@example(MAX_ARCHIVE_BYTES)
def test_groups_hold_every_part_once_and_fit_a_state(size: int) -> None:
    each = part_bytes(size)
    found = list(groups(size, each))
    numbers = [(group.first, group.last) for group in found]
    assert numbers[0][0] == 1
    assert numbers[-1][1] == part_count(size, each)
    assert all(one[1] + 1 == other[0] for one, other in itertools.pairwise(numbers))
    assert all((last + 1 - first) * each <= GROUP_BYTES for first, last in numbers)
    assert len(found) * len('{"first": 10000, "last": 10000}, ') < 200_000


def test_parts_of_a_group_are_those_of_the_archive() -> None:
    size = 100 * ONE_PART + 1
    assert list(parts(size, ONE_PART, Group(3, 5))) == list(parts(size, ONE_PART))[2:5]


def test_ranges_hold_every_byte_of_a_part() -> None:
    part = Part(2, 64 * MIB, 64 * MIB + 40 * MIB + 6)
    found = [(one.first, one.last) for one in ranges(part)]
    assert found == [
        (64 * MIB, 80 * MIB - 1),
        (80 * MIB, 96 * MIB - 1),
        (96 * MIB, 104 * MIB + 6),
    ]
    assert sum(one.size_bytes for one in ranges(part)) == part.size_bytes


def test_an_archive_that_no_parts_hold_is_refused() -> None:
    with pytest.raises(ArchiveTooLargeError) as raised:
        part_bytes(MAX_ARCHIVE_BYTES + 1)
    assert str(raised.value) == (
        "An archive of 42,949,672,960,001 bytes is larger than 10,000 parts of 4 GiB"
        " (42,949,672,960,000 bytes): it cannot become one object."
    )
