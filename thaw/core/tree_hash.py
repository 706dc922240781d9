"""The SHA-256 tree hash by which Glacier knows an archive, over bytes as they come.

SHA-256 of each MiB, combined in pairs until one is left; an odd one goes up as it is.
https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html
"""

import hashlib
from collections.abc import Iterable

LEAF_BYTES = 1024 * 1024

Bytes = bytes | bytearray | memoryview


class TreeHash:
    """The tree hash of bytes given in pieces of any size; holds one hash a level of the tree, no bytes."""

    def __init__(self) -> None:
        self._tree = _Tree()
        self._leaf = hashlib.sha256()
        self._leaf_bytes = 0

    def update(self, data: Bytes) -> None:
        """Adds bytes. Large pieces are hashed without the interpreter's lock: threads run side by side."""
        view = memoryview(data).cast("B")
        start, end = 0, len(view)
        while start < end:
            stop = min(end, start + LEAF_BYTES - self._leaf_bytes)
            self._leaf.update(view[start:stop])
            self._leaf_bytes += stop - start
            start = stop
            if self._leaf_bytes == LEAF_BYTES:
                self._tree.add(self._leaf.digest())
                self._leaf = hashlib.sha256()
                self._leaf_bytes = 0

    def digest(self) -> bytes:
        """The 32 bytes of the hash of all that was added; of no bytes, their SHA-256."""
        if not self._leaf_bytes and self._tree.leaves:
            return self._tree.root()
        return self._tree.root(self._leaf.digest())

    def hexdigest(self) -> str:
        """The hash as Glacier writes it."""
        return self.digest().hex()


def tree_hash(data: Bytes) -> bytes:
    """The 32 bytes of the tree hash of `data`."""
    whole = TreeHash()
    whole.update(data)
    return whole.digest()


def combined(hashes: Iterable[bytes]) -> bytes:
    """The tree hash of what consecutive parts make, of their tree hashes: one at least.

    All parts but the last must be of one size, 1, 2, 4, ... MiB, and the last not larger.
    """
    tree = _Tree()
    for one in hashes:
        tree.add(one)
    return tree.root()


def is_aligned(first: int, last: int, size_bytes: int) -> bool:
    """Whether the bytes `first` to `last` (both included) of an archive have a node of its tree of their own:
    only then Glacier tells their tree hash.

    https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations-range.html
    """
    leaves = -(-(last + 1 - first) // LEAF_BYTES)
    width = 1 << (leaves - 1).bit_length()
    ends = last + 1 == size_bytes or (leaves == width and not (last + 1) % LEAF_BYTES)
    return first % (width * LEAF_BYTES) == 0 and ends


class _Tree:
    """Complete subtrees from the left, the largest first: one for each bit set in the number of leaves."""

    def __init__(self) -> None:
        self.leaves = 0
        self._roots: list[bytes] = []

    def add(self, node: bytes) -> None:
        level = self.leaves
        while level & 1:
            node = _pair(self._roots.pop(), node)
            level >>= 1
        self._roots.append(node)
        self.leaves += 1

    def root(self, *last: bytes) -> bytes:
        """The root over all leaves, and a `last` one perhaps; nothing is changed."""
        nodes = [*self._roots, *last]
        node = nodes.pop()
        while nodes:
            node = _pair(nodes.pop(), node)
        return node


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(left + right).digest()
