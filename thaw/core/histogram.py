"""Restore durations in log-scaled buckets: exact integer bounds, so every engine finds the same bucket.

Between two powers of two there are 64 buckets of equal width. Numbers below 128 have one each.
"""

from collections.abc import Mapping
from math import ceil

RELATIVE_ERROR = 1 / 128
"""A bucket's midpoint is at most this far, relatively, from any number in the bucket."""

_STEP_BITS = 6
_STEPS = 1 << _STEP_BITS


def bucket_of(value: int) -> int:
    """The index of the bucket that holds `value` (a whole number, 0 or more)."""
    shift = max(value.bit_length() - _STEP_BITS - 1, 0)
    return shift * _STEPS + (value >> shift)


def bounds(bucket: int) -> tuple[int, int]:
    """The first number in the bucket, and the first one after it."""
    shift = max(bucket // _STEPS - 1, 0)
    step = bucket - shift * _STEPS
    return step << shift, (step + 1) << shift


def midpoint(bucket: int) -> float:
    """The number that stands for all of a bucket, within RELATIVE_ERROR."""
    first, after = bounds(bucket)
    return (first + after - 1) / 2


def percentile(counts: Mapping[int, int], fraction: float) -> float | None:
    """The nearest-rank percentile (`fraction` in 0..1) of bucketed numbers; None when there are none."""
    total = sum(counts.values())
    if not total:
        return None
    rank = max(ceil(fraction * total), 1)
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return midpoint(bucket)
    raise AssertionError("a rank is never above the total")
