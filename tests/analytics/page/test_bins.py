import itertools

from hypothesis import given
from hypothesis import strategies as st

from analytics.page.bins import MOST_BINS, Bin, pour
from analytics.page.scales import LogAxis
from thaw.core.histogram import bounds

COUNTS = st.dictionaries(st.integers(0, 2100), st.integers(0, 10**9), max_size=60)


def buckets(counts: dict[int, int]) -> list[Bin]:
    edges = {bucket: bounds(bucket) for bucket in counts}
    return [Bin(low / 1000, high / 1000, counts[bucket]) for bucket, (low, high) in edges.items()]


def axis_of(found: list[Bin]) -> LogAxis:
    return LogAxis.around(min(one.start for one in found), max(one.end for one in found))


@given(COUNTS)
def test_no_object_is_lost_or_made(counts: dict[int, int]) -> None:
    found = buckets(counts)
    poured = pour(found, axis_of(found)) if found else []
    assert sum(one.objects for one in poured) == sum(counts.values())
    assert all(one.objects >= 0 for one in poured)
    assert len(poured) <= MOST_BINS


@given(COUNTS.filter(lambda counts: any(counts.values())))
def test_bins_touch_and_begin_and_end_with_something(counts: dict[int, int]) -> None:
    found = buckets(counts)
    poured = pour(found, axis_of(found))
    assert poured[0].objects
    assert poured[-1].objects
    assert all(one.end == after.start for one, after in itertools.pairwise(poured))


def test_a_level_distribution_stays_level() -> None:
    """64 equal buckets in an octave have unequal widths on a logarithmic axis: no bin may stick out."""
    found = buckets({bucket: 100_000 * (bucket % 64 + 64) for bucket in range(1024, 1088)})
    counts = [one.objects / (one.end**2 - one.start**2) for one in pour(found, axis_of(found))[1:-1]]
    assert max(counts) / min(counts) < 1.03
