"""What the temporary copies cost, by day."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import NamedTuple

from analytics.page import words
from analytics.page.chart import Axes, bar, figure
from analytics.page.markup import Markup, tag
from analytics.page.rows import Row
from analytics.page.scales import DAY, Grid, upper_ticks
from analytics.page.table import Line, table

MAX_STEPS = 120
"""Days that are drawn one by one; a longer time is drawn by week, and so on."""

_STEPS = (DAY, 7 * DAY, 28 * DAY, 365 * DAY)
_KINDS = {
    "waiting": "waiting for its copy",
    "idle": "idle: already copied, billed until it expires",
    "unsplit": "not told apart",
}


class Cost(NamedTuple):
    """Dollars and GB-months of some days; the dollars by what the temporary copies were doing."""

    usd: float = 0.0
    gb_months: float = 0.0
    waiting: float = 0.0
    idle: float = 0.0

    @property
    def unsplit(self) -> float:
        """What the source of the report could not tell apart; never below nothing for a rounding."""
        return max(self.usd - self.waiting - self.idle, 0.0) if self.split < self.usd * (1 - 1e-9) else 0.0

    @property
    def split(self) -> float:
        return self.waiting + self.idle


def cost_of(row: Row) -> Cost:
    """A day of `temporary_storage`. Its dollars are divided as its bytes x seconds are."""
    usd, whole = row["cost_usd"] or 0.0, row["byte_seconds"] or 0.0
    waiting, idle = (
        usd * (row[f"{kind}_byte_seconds"] or 0.0) / whole if whole else 0.0 for kind in ("waiting", "idle")
    )
    return Cost(usd, row["gb_months"] or 0.0, waiting, idle)


def costs(rows: Sequence[Row]) -> tuple[Grid, dict[int, Cost]]:
    """The steps that cost something; together they cost what `rows` cost."""
    days: list[datetime] = [row["day"].replace(tzinfo=UTC) for row in rows]
    grid = Grid.over(min(days), max(days), _STEPS, MAX_STEPS)
    found: dict[int, Cost] = {}
    for day, row in sorted(zip(days, rows, strict=True), key=lambda pair: pair[0]):
        index = grid.index(day)
        found[index] = _sum((found.get(index, Cost()), cost_of(row)))
    return grid, found


def storage_figure(rows: Sequence[Row]) -> Markup:
    """Bars of dollars by day. `rows` has at least one row of `temporary_storage`."""
    grid, found = costs(rows)
    total = _sum(list(found.values()))
    axes = Axes(
        180,
        upper_ticks(max(cost.usd for cost in found.values()), whole=False),
        words.usd,
        [(place, f"{at.day} {at:%b}") for place, at in grid.ticks()],
    )
    unit = "day" if grid.step == DAY else f"{grid.step // DAY} days"
    picture = figure(
        f"Cost of temporary storage by {unit} (UTC)",
        f"Bars by {unit}. In total {words.usd(total.usd)}, {words.number(total.gb_months)} GB-months.",
        axes,
        [_bars(axes, grid, index, cost) for index, cost in found.items()],
        _table(grid, found, unit),
    )
    return Markup(_legend(total) + picture)


def _sum(parts: Sequence[Cost]) -> Cost:
    return Cost(*(sum(amounts) for amounts in zip(*parts, strict=True)))


def _parts(cost: Cost) -> dict[str, float]:
    return {kind: amount for kind in _KINDS if (amount := getattr(cost, kind)) > 0}


def _bars(axes: Axes, grid: Grid, index: int, cost: Cost) -> list[Markup]:
    start, end = (index + 0.08) / grid.count, (index + 0.92) / grid.count
    parts = _parts(cost)
    levels = pairwise(accumulate(parts.values(), initial=0.0))
    return [bar(axes, start, end, low, high, kind) for kind, (low, high) in zip(parts, levels, strict=True)]


def _legend(total: Cost) -> Markup:
    parts = _parts(total)
    entries = [
        tag(
            "li",
            tag(
                "svg",
                tag("rect", class_=f"bar {kind}", width=14, height=14),
                width=14,
                height=14,
                aria_hidden="true",
            ),
            tag("span", _KINDS[kind]),
            tag("b", words.usd(amount)),
        )
        for kind, amount in parts.items()
        if kind != "unsplit" or len(parts) > 1
    ]
    told = tag(
        "li",
        tag("span", "in total"),
        tag("b", words.usd(total.usd)),
        tag("small", f"{words.number(total.gb_months)} GB-months"),
    )
    return tag("ul", told, entries, class_="legend")


def _table(grid: Grid, found: dict[int, Cost], unit: str) -> Markup:
    lines = [
        Line(
            (
                f"{grid.at(index):%Y-%m-%d}",
                words.usd(cost.usd),
                words.number(cost.gb_months),
                *(words.usd(amount) if cost.split else words.NONE for amount in (cost.waiting, cost.idle)),
            ),
            (index / grid.count, (index + 1) / grid.count),
        )
        for index, cost in found.items()
    ]
    return table(f"Cost by {unit}", (unit.capitalize(), "Cost", "GB-months", "Waiting", "Idle"), lines)
