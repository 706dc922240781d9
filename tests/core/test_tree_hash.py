"""The tree hash against its definition, and which ranges have a node of their own."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core import tree_hash
from thaw.core.tree_hash import TreeHash, combined, is_aligned

LEAF = 1024 * 1024


def levels(data: bytes, leaf: int) -> list[list[bytes]]:
    """As AWS words it: level by level, in pairs, an odd one goes up as it is."""
    level = [hashlib.sha256(one).digest() for one in split(data, leaf)]
    found = [level]
    while len(level) > 1:
        evens, odds = level[::2], level[1::2]
        pairs = [hashlib.sha256(one + other).digest() for one, other in zip(evens, odds, strict=False)]
        level = pairs + evens[len(odds) :]
        found.append(level)
    return found


def defined(data: bytes, leaf: int = 4) -> bytes:
    return levels(data, leaf)[-1][0]


def split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


@pytest.fixture
def small_leaves(monkeypatch: pytest.MonkeyPatch) -> int:
    """The same arithmetic with leaves of four bytes, so that trees are deep and tests fast."""
    monkeypatch.setattr(tree_hash, "LEAF_BYTES", 4)
    return 4


def test_known_values_hold() -> None:
    # of AWS's own examples and tools: a MiB of one byte, and seven and a half of them
    assert TreeHash().hexdigest() == hashlib.sha256(b"").hexdigest()
    one = TreeHash()
    one.update(b"a" * LEAF)
    assert one.hexdigest() == "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360"
    data = b"a" * LEAF * 7 + b"a" * (LEAF // 2)
    assert tree_hash.tree_hash(data) == defined(data, LEAF)


class TestSmallLeaves:
    @pytest.fixture(autouse=True)
    def leaves(self, small_leaves: int) -> int:
        return small_leaves

    def test_every_number_of_leaves_gives_the_defined_hash(self) -> None:
        for size in range(140):
            data = bytes(number % 251 for number in range(size))
            assert tree_hash.tree_hash(data) == defined(data), size

    def test_the_size_of_the_pieces_does_not_matter(self) -> None:
        data = bytes(range(101))
        for cuts in ([], [1], [4], [3, 4, 5], [7, 50, 51, 100], list(range(101))):
            whole = TreeHash()
            for start, end in pairwise([0, *cuts, len(data)]):
                whole.update(data[start:end])
            assert whole.digest() == defined(data), cuts

    def test_asking_for_the_hash_changes_nothing(self) -> None:
        whole = TreeHash()
        for byte in bytes(range(30)):
            whole.update(bytes([byte]))
            whole.digest()
        assert whole.digest() == defined(bytes(range(30)))

    def test_hashes_of_parts_make_that_of_the_whole(self) -> None:
        for size in range(1, 140):
            data = bytes(number % 251 for number in range(size))
            for part in (4, 8, 16, 32):
                parts = [tree_hash.tree_hash(piece) for piece in split(data, part)]
                assert combined(parts) == defined(data), (size, part)

    def test_exactly_the_aligned_ranges_are_nodes_of_the_tree(self) -> None:
        for size in range(1, 70):
            data = bytes(number % 251 for number in range(size))
            nodes = {node for level in levels(data, 4) for node in level}
            for first in range(0, size, 4):
                for last in range(first, size):
                    is_node = tree_hash.tree_hash(data[first : last + 1]) in nodes
                    assert is_aligned(first, last, size) == is_node, (first, last, size)


def test_a_range_that_begins_within_a_mib_is_never_aligned() -> None:
    assert not is_aligned(1, LEAF, 8 * LEAF)
    assert not is_aligned(0, LEAF, 8 * LEAF)
    assert is_aligned(0, LEAF - 1, 8 * LEAF)


@given(st.integers(1, 40), st.integers(0, LEAF - 1))
def test_all_parts_of_a_power_of_two_are_aligned(mibs: int, rest: int) -> None:
    size = mibs * LEAF + rest
    for part in (LEAF, 2 * LEAF, 16 * LEAF):
        assert all(is_aligned(at, min(at + part, size) - 1, size) for at in range(0, size, part))


def test_views_are_hashed_as_the_bytes_that_they_show() -> None:
    data = bytes(range(256)) * 8192
    for view in (memoryview(data), bytearray(data)):
        whole = TreeHash()
        whole.update(view)
        assert whole.digest() == tree_hash.tree_hash(data)
