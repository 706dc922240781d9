"""In which parts an archive goes to S3: each has a node of the archive's tree hash of its own."""

from collections.abc import Iterator
from typing import NamedTuple

from thaw.core.copy_plan import MAX_PARTS
from thaw.core.copy_plan import Group as Group
from thaw.core.errors import ThawError

_MIB = 2**20

ONE_PART = 16 * _MIB
"""An archive of at most so many bytes goes in one request; larger ones in parts of at least so many."""

RANGE_BYTES = 16 * _MIB
"""Of one request to Glacier: what is read again when a connection breaks."""

LARGEST_PART = 4096 * _MIB
"""The largest power of two that S3 takes as a part (5 GiB).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MAX_ARCHIVE_BYTES = MAX_PARTS * LARGEST_PART
"""As large as Glacier's own uploads can make one, too: 10,000 parts of 4 GiB.
https://docs.aws.amazon.com/amazonglacier/latest/dev/uploading-archive-mpu.html"""

GROUP_PARTS = 256
GROUP_BYTES = 8 * 2**30
"""At most so much is one call of the function that transfers parts of a large archive. The list of all groups
has to fit the 256 KiB of a state."""


class ArchiveTooLargeError(ThawError):
    """An archive that no number of parts holds."""


class Part(NamedTuple):
    """Bytes `first` to `last`, both included, of the archive; `number` from 1."""

    number: int
    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        return self.last + 1 - self.first


def part_bytes(size_bytes: int) -> int:
    """How large the parts of an archive are: 16, 32, 64, ... MiB, only the last one smaller.

    Raises ArchiveTooLargeError.
    """
    if size_bytes > MAX_ARCHIVE_BYTES:
        raise ArchiveTooLargeError(
            f"An archive of {size_bytes:,} bytes is larger than {MAX_PARTS:,} parts of 4 GiB"
            f" ({MAX_ARCHIVE_BYTES:,} bytes): it cannot become one object."
        )
    size = ONE_PART
    while size * MAX_PARTS < size_bytes:
        size *= 2
    return size


def part_count(size_bytes: int, part_bytes: int) -> int:
    """How many parts an archive has."""
    return -(-size_bytes // part_bytes)


def parts(size_bytes: int, part_bytes: int, group: Group | None = None) -> Iterator[Part]:
    """The parts of a group, all without one."""
    chosen = group or Group(1, part_count(size_bytes, part_bytes))
    for number in range(chosen.first, chosen.last + 1):
        first = (number - 1) * part_bytes
        yield Part(number, first, min(first + part_bytes, size_bytes) - 1)


def groups(size_bytes: int, part_bytes: int) -> Iterator[Group]:
    """All parts, in groups that one call of a function transfers."""
    count = part_count(size_bytes, part_bytes)
    step = max(min(GROUP_PARTS, GROUP_BYTES // part_bytes), 1)
    for first in range(1, count + 1, step):
        yield Group(first, min(first + step - 1, count))


def ranges(part: Part) -> Iterator[Part]:
    """What is read of Glacier by one request each: `number` from 1, in their order."""
    for number, first in enumerate(range(part.first, part.last + 1, RANGE_BYTES), 1):
        yield Part(number, first, min(first + RANGE_BYTES - 1, part.last))
