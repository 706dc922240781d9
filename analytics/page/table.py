"""Tables: the reports themselves, and what is behind each chart."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analytics.page.markup import Child, Markup, tag


class Line(NamedTuple):
    """A row of a table; the first cell is its heading. `span` is the part of a chart's width (0..1) that the
    row is about, for its tooltip."""

    cells: Sequence[Child]
    span: tuple[float, float] | None = None


def table(caption: str, heads: Sequence[str], lines: Iterable[Line], *, kind: str = "figures") -> Markup:
    """A table that may be wider than the screen and then scrolls by itself. `kind` is its class: `figures`
    puts all but the first column to the right."""
    head = tag("tr", [tag("th", text, scope="col") for text in heads])
    content = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", [_row(line) for line in lines]),
        class_=kind,
    )
    return tag("div", content, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _row(line: Line) -> Markup:
    first, *rest = line.cells
    span = line.span
    return tag(
        "tr",
        tag("th", first, scope="row"),
        [tag("td", cell) for cell in rest],
        data_from=None if span is None else round(1000 * span[0]),
        data_to=None if span is None else round(1000 * span[1]),
    )
