"""Progress over time: how many objects had each kind of event by then."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from analytics.page import words
from analytics.page.chart import Axes, figure, line
from analytics.page.markup import Markup, tag
from analytics.page.rows import Row
from analytics.page.scales import DAY, HOUR, Grid, upper_ticks
from analytics.page.table import Line, table

KINDS = {
    "requested": "requested",
    "completed": "restore completed",
    "copied": "copied (done)",
    "failed": "failed",
    "expired": "expired (copied or not)",
}

MAX_STEPS = 400
"""Hours that are drawn one by one; a longer time is drawn by day, and so on."""

_STEPS = (HOUR, DAY, 7 * DAY, 28 * DAY, 365 * DAY)
_MEASURES = [f"{kind}_{unit}" for kind in KINDS for unit in ("objects", "bytes")]


class Reached(NamedTuple):
    """What has happened by the end of step number `step`: `requested_objects` and so on, cumulative."""

    step: int
    by: dict[str, int]


def reached(rows: Sequence[Row]) -> tuple[Grid, list[Reached]]:
    """The steps in which something happened, in order. The last one holds the totals of `rows`, exactly."""
    hours: list[datetime] = [row["hour"] for row in rows]
    grid = Grid.over(min(hours), max(hours), _STEPS, MAX_STEPS)
    sums: dict[int, dict[str, int]] = {}
    for row in rows:
        into = sums.setdefault(grid.index(row["hour"]), dict.fromkeys(_MEASURES, 0))
        for measure in _MEASURES:
            into[measure] += row.get(measure) or 0
    steps = sorted(sums)
    totals = accumulate((sums[step] for step in steps), _add)
    return grid, [Reached(step, total) for step, total in zip(steps, totals, strict=True)]


def hourly_figure(rows: Sequence[Row]) -> Markup:
    """Five cumulative lines with their totals. `rows` has at least one row of `progress_hourly`."""
    grid, steps = reached(rows)
    totals = steps[-1].by
    top = max(totals[f"{kind}_objects"] for kind in KINDS)
    across = [(place, _tick(at, grid)) for place, at in grid.ticks()]
    axes = Axes(240, upper_ticks(top, whole=True), words.compact, across)
    lines = [line(axes, _points(grid, steps, kind), kind) for kind in KINDS]
    told = ", ".join(f"{words.whole(totals[f'{kind}_objects'])} {name}" for kind, name in KINDS.items())
    unit = _unit(grid.step)
    picture = figure(
        f"Objects by kind of event, cumulative by {unit} (UTC)",
        f"Cumulative lines from {words.moment(grid.start)} UTC on. In the end: {told}.",
        axes,
        lines,
        _table(grid, steps, unit),
    )
    return Markup(_legend(totals) + picture)


def _add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {measure: one[measure] + other[measure] for measure in _MEASURES}


def _points(grid: Grid, steps: Sequence[Reached], kind: str) -> list[tuple[float, float]]:
    """From the start of each step to its end; level where nothing happened."""
    points: list[tuple[float, float]] = [(0, 0)]
    for step, by in steps:
        start, value = step / grid.count, by[f"{kind}_objects"]
        if start > points[-1][0] and value > points[-1][1]:
            points.append((start, points[-1][1]))
        points.append(((step + 1) / grid.count, value))
    return points


def _legend(totals: dict[str, int]) -> Markup:
    entries = [
        tag(
            "li",
            tag(
                "svg",
                tag("line", class_=f"line {kind}", x1=1, x2=27, y1=6, y2=6),
                width=28,
                height=12,
                aria_hidden="true",
            ),
            tag("span", name),
            tag("b", words.whole(totals[f"{kind}_objects"])),
            tag("small", words.size(totals[f"{kind}_bytes"])),
        )
        for kind, name in KINDS.items()
    ]
    return tag("ul", entries, class_="legend")


def _table(grid: Grid, steps: Sequence[Reached], unit: str) -> Markup:
    lines: list[Line] = []
    for number, (step, by) in enumerate(steps):
        after = steps[number + 1].step if number + 1 < len(steps) else grid.count
        cells = [words.whole(by[f"{kind}_objects"]) for kind in KINDS]
        at = _time(grid.at(step), grid.step)
        lines.append(Line((at, *cells), (step / grid.count, after / grid.count)))
    return table(
        f"Objects by the end of each {unit} (UTC) in which something happened",
        (unit.capitalize(), *KINDS.values()),
        lines,
    )


def _unit(step: timedelta) -> str:
    return "hour" if step < DAY else "day" if step == DAY else f"{step // DAY} days"


def _time(at: datetime, step: timedelta) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if step < DAY else f"{at:%Y-%m-%d}"


def _tick(at: datetime, grid: Grid) -> str:
    """The hour; at midnight, or where a day is the least that is told, the date."""
    if grid.step * grid.count > 300 * DAY:
        return f"{at:%b %Y}"
    return f"{at:%H:%M}" if at.hour else f"{at.day} {at:%b}"
