"""Charts as fluid SVG: across in percentages, upwards in pixels, so that text keeps its size on a phone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.page.markup import Child, Markup, tag

TOP = 10
"""Pixels above the plot, for half a label."""

FOOT = 26
"""Pixels below the plot, for the labels of the axis."""

FLAG_HEIGHT = 15
"""Pixels that the text of a flag takes above the plot."""

_LAST_THIRD = 0.62
"""Of the width: a flag further on has its text before its line, since a phone has no room behind it."""

_EDGE = 0.05
"""Of the width: a label nearer than that to an edge is written inwards."""


@dataclass(frozen=True)
class Axes:
    """The plot's height in pixels, the ticks upwards (the last is the top of the plot) and how to write
    them, the ticks across (places 0..1 and their texts), and pixels left free above the plot."""

    height: int
    ups: Sequence[float]
    up_text: Callable[[float], str]
    across: Sequence[tuple[float, str]]
    above: int = 0

    @property
    def floor(self) -> int:
        """Pixels from the top of the picture to zero."""
        return TOP + self.above + self.height

    def y(self, value: float) -> float:
        """Pixels from the top of the picture to `value`."""
        return round(self.floor - value / self.ups[-1] * self.height, 1)


def share(place: float) -> str:
    """0..1 as a percentage of the width."""
    return f"{100 * place:.2f}%"


def figure(caption: Child, summary: str, axes: Axes, marks: Iterable[Child], table: Markup) -> Markup:
    """A chart with its caption, `summary` for those who cannot see it, and the table behind it."""
    picture = tag(
        "svg",
        _lines_across(axes),
        marks,
        _labels(axes),
        tag("line", class_="cursor", x1=0, x2=0, y1=TOP + axes.above, y2=axes.floor),
        role="img",
        aria_label=summary,
        width="100%",
        height=axes.floor + FOOT,
    )
    behind = tag("details", tag("summary", "Show the figures"), table)
    return tag(
        "figure", tag("figcaption", caption), tag("div", picture, class_="plot"), behind, class_="chart"
    )


def bar(axes: Axes, start: float, end: float, low: float, high: float, kind: str) -> Markup:
    """A bar from `low` to `high` upwards; one that stands for something is at least a pixel high."""
    top = min(axes.y(high), axes.y(low) - 1)
    return tag(
        "rect",
        class_=f"bar {kind}",
        x=share(start),
        width=share(end - start),
        y=f"{top:g}",
        height=f"{axes.y(low) - top:g}",
    )


def line(axes: Axes, points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """A line through places (0..1) and values; in a picture of its own, stretched to the width."""
    path = "".join(f"L{1000 * place:.4g} {axes.y(value):g}" for place, value in points)
    return tag(
        "svg",
        tag("path", class_=f"area {kind}", d=f"M0 {axes.floor}{path}V{axes.floor}Z"),
        tag("path", class_=f"line {kind}", d=f"M{path[1:]}", vector_effect="non-scaling-stroke"),
        width="100%",
        height=axes.floor,
        viewBox=f"0 0 1000 {axes.floor}",
        preserveAspectRatio="none",
    )


class Flag(NamedTuple):
    """A place (0..1) to be marked by an upright line, and its text."""

    place: float
    text: str
    kind: str


def flags(axes: Axes, found: Sequence[Flag]) -> list[Markup]:
    """Upright lines, each with its text in a row of its own above the plot; texts are written over lines."""
    after = sorted(flag for flag in found if flag.place <= _LAST_THIRD)
    before = sorted((flag for flag in found if flag.place > _LAST_THIRD), reverse=True)
    rows = list(enumerate((*after, *before)))
    return [_flag_line(axes, *row) for row in rows] + [_flag_text(*row) for row in rows]


def _flag_line(axes: Axes, row: int, flag: Flag) -> Markup:
    across = share(flag.place)
    return tag("line", class_=f"flag {flag.kind}", x1=across, x2=across, y1=_flag_y(row) - 10, y2=axes.floor)


def _flag_text(row: int, flag: Flag) -> Markup:
    before = flag.place > _LAST_THIRD
    anchor = "end" if before else "start"
    return tag(
        "text",
        flag.text,
        class_=f"flag {flag.kind}",
        x=share(flag.place),
        y=_flag_y(row),
        dx=-5 if before else 5,
        text_anchor=anchor,
    )


def _flag_y(row: int) -> int:
    return TOP + 4 + FLAG_HEIGHT * row


def _lines_across(axes: Axes) -> list[Markup]:
    lines: list[Markup] = []
    for value in axes.ups:
        y = axes.y(value)
        lines.append(tag("line", class_="grid" if value else "floor", x1=0, x2="100%", y1=y, y2=y))
        lines.append(tag("text", axes.up_text(value), class_="up", x=-8, y=y + 4, text_anchor="end"))
    return lines


def _labels(axes: Axes) -> list[Markup]:
    return [_label(axes, index, place, text) for index, (place, text) in enumerate(axes.across)]


def _label(axes: Axes, index: int, place: float, text: str) -> Markup:
    anchor = "start" if place < _EDGE else "end" if place > 1 - _EDGE else "middle"
    across = share(place)
    return tag(
        "g",
        tag("line", x1=across, x2=across, y1=axes.floor, y2=axes.floor + 5),
        tag("text", text, x=across, y=axes.floor + 19, text_anchor=anchor),
        class_="across odd" if index % 2 else "across",
    )
