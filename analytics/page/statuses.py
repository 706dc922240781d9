"""The six statuses: their order along a bar, and what each does and does not mean."""

from collections.abc import Sequence
from typing import NamedTuple

from analytics.page import words
from analytics.page.chart import share
from analytics.page.markup import Child, Markup, tag
from analytics.page.rows import Row
from analytics.page.table import Line, table
from thaw.core.history import Status

MEANINGS = {
    Status.COPIED: "done: copied to where it was wanted",
    Status.RESTORED: "readable for now: the temporary copy will expire",
    Status.RESTORING: "requested: S3 accepted, nothing is readable yet",
    Status.PENDING: "not requested yet",
    Status.EXPIRED: "the temporary copy lapsed before it was copied",
    Status.FAILED: "the restore or the copy failed",
}
"""In the order of a bar: from what is done to what went wrong."""


class Share(NamedTuple):
    """What one status has of a job."""

    status: Status
    objects: int
    size_bytes: int


def shares(rows: Sequence[Row]) -> list[Share]:
    """All six statuses of a job, from its rows of `progress`; without a row, nothing."""
    found = {row["status"]: row for row in rows}
    return [
        Share(status, *(int(found.get(status, {}).get(unit) or 0) for unit in ("objects", "bytes")))
        for status in MEANINGS
    ]


def status_figure(parts: Sequence[Share]) -> Markup:
    """Two bars, of objects and of bytes, above the table that is also their legend."""
    objects, size = sum(part.objects for part in parts), sum(part.size_bytes for part in parts)
    whole = Share(Status.COPIED, objects, size)
    lines = [
        Line(
            ([_swatch(part.status), part.status, tag("small", MEANINGS[part.status])], *_amounts(part, whole))
        )
        for part in parts
    ]
    total = Line(("total", *_amounts(whole, whole)))
    return tag(
        "figure",
        tag("figcaption", "Where every object is"),
        _bar("objects", [(part.status, part.objects) for part in parts]),
        _bar("bytes", [(part.status, part.size_bytes) for part in parts]),
        table(
            "Objects and bytes by status",
            ("Status", "Objects", "Size"),
            [*lines, total],
            kind="figures statuses",
        ),
        class_="status",
    )


def _amounts(part: Share, whole: Share) -> tuple[Child, Child]:
    return (
        [words.whole(part.objects), tag("small", words.percent(part.objects, whole.objects))],
        [words.size(part.size_bytes), tag("small", words.percent(part.size_bytes, whole.size_bytes))],
    )


def _bar(unit: str, parts: Sequence[tuple[Status, int]]) -> Markup:
    total = sum(amount for _, amount in parts)
    marks: list[Child] = [tag("rect", class_="empty", width="100%", height="100%")]
    start = 0.0
    for status, amount in parts:
        if amount:
            width = amount / total
            marks.append(_segment(status, start, width, f"{status} {words.percent(amount, total)}"))
            start += width
    told = ", ".join(f"{status} {words.percent(amount, total)}" for status, amount in parts if amount)
    picture = tag(
        "svg", marks, role="img", aria_label=f"Of all {unit}: {told or 'none'}.", width="100%", height=26
    )
    return tag("div", tag("span", unit), picture, class_="share")


def _segment(status: Status, start: float, width: float, text: str) -> list[Markup]:
    """A part of a bar; a pattern over the colour tells temporary and failed parts without seeing colours."""
    place: dict[str, str | int] = {"x": share(start), "width": share(width), "height": "100%"}
    return [
        tag("rect", tag("title", text), class_=f"bar {status}", **place),
        tag("rect", class_=f"pattern {status}", **place),
    ]


def _swatch(status: Status) -> Markup:
    return tag(
        "svg", _segment(status, 0, 1, status), class_="swatch", width=14, height=14, aria_hidden="true"
    )
