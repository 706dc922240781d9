"""How long restores took: the distribution for each storage class and tier, and its percentiles."""

from collections.abc import Sequence
from typing import NamedTuple

from analytics.page import words
from analytics.page.bins import Bin, pour
from analytics.page.chart import FLAG_HEIGHT, Axes, Flag, bar, figure, flags
from analytics.page.markup import Markup, tag
from analytics.page.rows import Row
from analytics.page.scales import LogAxis, upper_ticks
from analytics.page.table import Line, table
from thaw.core.retrieval import TYPICAL_HOURS

MARKED = ("p50", "p90", "p95", "p99")

_FIGURES = ("min", *MARKED, "max", "mean")
_SECONDS = 3600
_GAP = 0.06
"""Of a bar's width, that is left free to tell it from the next."""


class Restores(NamedTuple):
    """What was measured for one storage class and tier; either part may be missing."""

    storage_class: str
    tier: str
    measured: Row
    buckets: list[Bin]

    @property
    def typical_seconds(self) -> float | None:
        """What AWS publishes for this class and tier."""
        hours = TYPICAL_HOURS.get((self.storage_class, self.tier))
        return None if hours is None else hours * _SECONDS


def restores(measured: Sequence[Row], histogram: Sequence[Row]) -> list[Restores]:
    """A Restores for each class and tier in `restore_duration` or `restore_duration_histogram`."""
    found: dict[tuple[str, str], Restores] = {}
    for row in (*measured, *histogram):
        name = str(row["storage_class"] or words.NONE), str(row["tier"] or words.NONE)
        one = found.setdefault(name, Restores(*name, {}, []))
        if row.get("from_seconds") is not None:
            one.buckets.append(Bin(row["from_seconds"], row["to_seconds"], row["objects"]))
        elif "p50_seconds" in row:
            found[name] = one._replace(measured=row)
    return list(found.values())


def durations_figures(found: Sequence[Restores]) -> list[Markup]:
    """The percentiles of all, then a histogram for each that has one, all with the same axis."""
    buckets = [bucket for one in found for bucket in one.buckets if bucket.objects]
    shown = [_percentiles(found)] if any(one.measured for one in found) else []
    if not buckets:
        return shown
    seconds = [one.typical_seconds for one in found if one.typical_seconds]
    axis = LogAxis.around(
        min(*(bucket.start for bucket in buckets), *seconds),
        max(*(bucket.end for bucket in buckets), *seconds),
    )
    return [*shown, *(_histogram(one, axis) for one in found if any(part.objects for part in one.buckets))]


def _percentiles(found: Sequence[Restores]) -> Markup:
    lines = [
        Line(
            (
                _name(one),
                [words.whole(one.measured["objects"]), tag("small", words.size(one.measured["bytes"]))],
                *(words.duration(one.measured[f"{figure}_seconds"]) for figure in _FIGURES),
                words.duration(one.typical_seconds),
            )
        )
        for one in found
        if one.measured
    ]
    heads = ("Class and tier", "Objects", *_FIGURES, "AWS: within")
    return table("Time from request to readable, by storage class and tier", heads, lines)


def _histogram(one: Restores, axis: LogAxis) -> Markup:
    bins = pour(one.buckets, axis)
    ups = upper_ticks(max(part.objects for part in bins), whole=True)
    marks = _marks(one, axis)
    across = [(place, words.duration(seconds)) for place, seconds in axis.ticks()]
    axes = Axes(120, ups, words.compact, across, above=FLAG_HEIGHT * len(marks))
    places = [(axis.place(part.start), axis.place(part.end)) for part in bins]
    bars = [
        bar(axes, start, end - _GAP * (end - start), 0, part.objects, "duration")
        for (start, end), part in zip(places, bins, strict=True)
        if part.objects
    ]
    objects = sum(part.objects for part in bins)
    return figure(
        [_name(one), tag("small", f"{words.whole(objects)} restores, time from request to readable")],
        f"Histogram of restore durations for {_name(one)}. {', '.join(mark.text for mark in marks)}",
        axes,
        [bars, flags(axes, marks)],
        _bins_table(bins, places, objects),
    )


def _marks(one: Restores, axis: LogAxis) -> list[Flag]:
    """The percentiles, and what AWS publishes."""
    seconds = [(mark, one.measured.get(f"{mark}_seconds")) for mark in MARKED]
    marks = [
        Flag(axis.place(at), f"{mark} {words.duration(at)}", mark) for mark, at in seconds if at is not None
    ]
    typical = one.typical_seconds
    if typical is not None:
        marks.append(Flag(axis.place(typical), f"AWS: within {words.duration(typical)}", "typical"))
    return marks


def _bins_table(bins: Sequence[Bin], places: Sequence[tuple[float, float]], objects: int) -> Markup:
    lines = [
        Line(
            (
                f"{words.duration(part.start)} to {words.duration(part.end)}",
                words.whole(part.objects),
                words.percent(part.objects, objects),
            ),
            place,
        )
        for place, part in zip(places, bins, strict=True)
    ]
    return table("Restores by duration", ("Duration", "Objects", "Share"), lines)


def _name(one: Restores) -> str:
    return f"{words.visible(one.storage_class)} {words.visible(one.tier)}"
