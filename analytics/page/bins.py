"""The fine buckets of a histogram, poured into the few bins that a chart has room for."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from analytics.page.scales import SHORTEST, LogAxis

MOST_BINS = 48


class Bin(NamedTuple):
    """Objects whose restore took `start` to `end` seconds."""

    start: float
    end: float
    objects: int


def pour(buckets: Sequence[Bin], axis: LogAxis, most: int = MOST_BINS) -> list[Bin]:
    """At most `most` bins, equally wide on `axis`, between the first and the last that hold something.

    A bucket across an edge is divided as if its objects were spread evenly; counts stay whole numbers and
    add up to those of `buckets`, which lie within the axis and do not overlap.
    """
    filled = sorted(bucket for bucket in buckets if bucket.objects)
    edges = [axis.low * (axis.high / axis.low) ** (index / most) for index in range(most + 1)]
    edges[-1] = max(edges[-1], *(bucket.end for bucket in filled)) if filled else edges[-1]
    ends = [max(bucket.end, SHORTEST) for bucket in filled]
    before = [0, *accumulate(bucket.objects for bucket in filled)]
    below = [0, *(_below(edge, filled, ends, before) for edge in edges[1:])]
    bins = [
        Bin(start, end, more - fewer)
        for (start, end), (fewer, more) in zip(pairwise(edges), pairwise(below), strict=True)
    ]
    held = [index for index, part in enumerate(bins) if part.objects]
    return bins[held[0] : held[-1] + 1] if held else []


def _below(edge: float, filled: Sequence[Bin], ends: Sequence[float], before: Sequence[int]) -> int:
    """How many objects took less than `edge` seconds."""
    whole = bisect_right(ends, edge)
    if whole == len(filled) or filled[whole].start >= edge:
        return before[whole]
    start, end, objects = filled[whole]
    return before[whole] + round((edge - start) / (end - start) * objects)
