"""Where a copy goes, in which parts, and whether there is time for it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from operator import itemgetter
from typing import NamedTuple

from thaw.core.errors import KeySpellingError, ThawError
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import Destination, JobRules
from thaw.core.keys import check_key

MAX_COPY_BYTES = 5 * 2**30
"""Of one CopyObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""

MAX_PARTS = 10_000
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MAX_PART_BYTES = 5 * 2**30
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MAX_OBJECT_BYTES = MAX_PARTS * MAX_PART_BYTES
"""48.8 TiB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

PART_BYTES = 512 * 2**20
"""Of a part where nothing asks for larger ones; what `thaw cost` reckons with."""

STREAM_BYTES_PER_SECOND = 25 * 2**20
"""What one copy request is taken to move: less than it usually does, so that what begins also ends."""

GROUP_PARTS = 20
GROUP_BYTES = 40 * 2**30
"""At most so much is one call of the function that copies parts of a large object."""

_MIB = 2**20


class CopyRefusedError(ThawError):
    """A copy that is not made, however often it is tried; `code` is what the record's error_code says."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Way(Enum):
    """How a copy is made."""

    AT_ONCE = "at once"
    """By one request."""
    IN_PARTS = "in parts"
    """By this call of the function."""
    APART = "apart"
    """In parts, by an execution of its own."""
    LATER = "later"
    """By another call of the function."""


class Place(NamedTuple):
    """Where a copy goes. `region` and `account` are "" for those of the stack."""

    bucket: str
    key: str
    region: str
    account: str
    in_place: bool


class Part(NamedTuple):
    """Bytes `first` to `last`, both included, of the source; `number` from 1."""

    number: int
    first: int
    last: int


class Group(NamedTuple):
    """Parts `first` to `last`, both included."""

    first: int
    last: int


def place_of(rules: JobRules, copy: CopyRequest, bucket: str, key: str) -> Place:
    """Where the copy of `bucket`/`key` goes. Raises CopyRefusedError where the rules do not let it."""
    name = copy.destination_bucket or bucket
    copied_key = _checked(copy.destination_prefix + key)
    destination = _destination(rules, name, copied_key)
    if destination is None:
        raise CopyRefusedError(
            "DestinationNotAllowed",
            f"Copies to {name}/{copied_key} are outside the stack's copy_destinations; add bucket {name},"
            " with a prefix that this key begins with or with none.",
        )
    in_place = (name, copied_key) == (bucket, key)
    return Place(name, copied_key, destination.region, destination.account, in_place)


def _checked(key: str) -> str:
    try:
        return check_key(key)
    except KeySpellingError as exc:
        raise CopyRefusedError("KeyTooLongError", f"{exc} Choose a shorter destination prefix.") from exc


def _destination(rules: JobRules, bucket: str, key: str) -> Destination | None:
    allowed = (each for each in rules.copy_destinations if each.bucket == bucket)
    return next((each for each in allowed if key.startswith(each.prefix)), None)


def part_bytes(size_bytes: int) -> int:
    """How large the parts of a copy are, in whole MiB. Raises CopyRefusedError above S3's largest object."""
    if size_bytes > MAX_OBJECT_BYTES:
        raise CopyRefusedError(
            "EntityTooLarge", f"An object of {size_bytes} bytes is larger than S3's {MAX_OBJECT_BYTES}."
        )
    smallest = -(-size_bytes // MAX_PARTS)
    return max(PART_BYTES, -(-smallest // _MIB) * _MIB)


def part_count(size_bytes: int, part_bytes: int) -> int:
    """How many parts a copy has."""
    return -(-size_bytes // part_bytes)


def part(number: int, size_bytes: int, part_bytes: int) -> Part:
    """One part of a copy; only the last one is smaller."""
    first = (number - 1) * part_bytes
    return Part(number, first, min(first + part_bytes, size_bytes) - 1)


def groups(size_bytes: int, part_bytes: int) -> Iterator[Group]:
    """All parts, in groups that one call of a function copies."""
    count = part_count(size_bytes, part_bytes)
    step = max(min(GROUP_PARTS, GROUP_BYTES // part_bytes), 1)
    for first in range(1, count + 1, step):
        yield Group(first, min(first + step - 1, count))


def copy_seconds(size_bytes: int, concurrency: int) -> float:
    """How long a copy takes at most, if `concurrency` of its parts are copied at a time."""
    if size_bytes <= MAX_COPY_BYTES:
        return size_bytes / STREAM_BYTES_PER_SECOND
    each = part_bytes(size_bytes)
    rounds = -(-part_count(size_bytes, each) // concurrency)
    return rounds * each / STREAM_BYTES_PER_SECOND


def ways(
    sizes: Mapping[str, int], seconds: float, concurrency: int, single_bytes: int = MAX_COPY_BYTES
) -> dict[str, Way]:
    """How each of several objects is copied by a function that has `seconds` left.

    Small ones are copied side by side. Large ones share the threads for parts, so their times add up.
    """
    left = seconds
    plan: dict[str, Way] = {}
    for name, size in sorted(sizes.items(), key=itemgetter(1)):
        needed = copy_seconds(size, concurrency)
        if size <= single_bytes:
            plan[name] = Way.AT_ONCE if needed <= seconds else Way.LATER
        elif needed <= left:
            plan[name] = Way.IN_PARTS
            left -= needed
        else:
            plan[name] = Way.APART
    return plan
