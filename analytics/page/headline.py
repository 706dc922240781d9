"""The few numbers at the top of a job: what is done, only readable, under way, stuck."""

from collections.abc import Sequence
from typing import NamedTuple

from analytics.page import words
from analytics.page.markup import Markup, tag
from analytics.page.statuses import Share
from thaw.core.history import Status


class Tile(NamedTuple):
    """Some statuses under one name, and what that means."""

    title: str
    statuses: tuple[Status, ...]
    note: str


_TILES = (
    Tile("Copied", (Status.COPIED,), "done"),
    Tile("Readable for now", (Status.RESTORED,), "temporary copies, not copied yet"),
    Tile("On the way", (Status.RESTORING, Status.PENDING), "requested, or not requested yet"),
    Tile("Stuck", (Status.FAILED, Status.EXPIRED), "failed or expired: somebody must act"),
)


def headline(parts: Sequence[Share]) -> Markup:
    """Four tiles that add up to the whole job."""
    total = sum(part.objects for part in parts)
    return tag("div", [_tile(tile, parts, total) for tile in _TILES], class_="tiles")


def copied_percent(parts: Sequence[Share]) -> str:
    """How much of the job is done, in objects."""
    copied = sum(part.objects for part in parts if part.status is Status.COPIED)
    return words.percent(copied, sum(part.objects for part in parts))


def _tile(tile: Tile, parts: Sequence[Share], total: int) -> Markup:
    chosen = [part for part in parts if part.status in tile.statuses]
    objects = sum(part.objects for part in chosen)
    stuck = objects and Status.FAILED in tile.statuses
    return tag(
        "div",
        tag("p", tile.title, class_="title"),
        tag("p", words.percent(objects, total), class_="big"),
        tag("p", f"{words.whole(objects)} objects, {words.size(sum(part.size_bytes for part in chosen))}"),
        tag("p", tile.note, class_="note"),
        class_="tile stuck" if stuck else "tile",
    )
