"""Glacier's tree hash in its plainest form, on purpose not the one of the product.

https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html
"""

import hashlib

MIB = 1024 * 1024


def tree_hash(body: bytes) -> str:
    """64 hexadecimal digits over all of it."""
    view = memoryview(body)
    level = [hashlib.sha256(view[at : at + MIB]).digest() for at in range(0, max(len(body), 1), MIB)]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(left + right).digest() for left, right in pairs] + odd
    return level[0].hex()


def is_megabyte_aligned(first: int, last: int, size_bytes: int) -> bool:
    """Whether `first` to `last` (included) begins at a MiB and ends at one or at the end of the archive."""
    return first % MIB == 0 and ((last + 1) % MIB == 0 or last + 1 == size_bytes)


def is_tree_hash_aligned(first: int, last: int, size_bytes: int) -> bool:
    """Whether the tree hash of the range is a node of the tree of the whole, found by going down that tree.

    https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations-range.html
    """
    if not is_megabyte_aligned(first, last, size_bytes):
        return False
    wanted = (first // MIB, -(-(last + 1) // MIB))
    start, end = 0, max(1, -(-size_bytes // MIB))
    while (start, end) != wanted:
        if end - start <= 1:
            return False
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        start, end = (start, middle) if wanted[1] <= middle else (middle, end)
    return True
