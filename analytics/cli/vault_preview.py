"""What a plan comes to, for a terminal: counts, and cost and duration by retrieval tier."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rich.table import Table


class Tier(NamedTuple):
    """`cost_usd` is decimal text; `leaves_out` names what has no known price, "" for nothing. `hours` until
    the last archive can be read, `quota_days` that the daily quota of bytes takes."""

    tier: str
    cost_usd: str
    leaves_out: str
    hours: float
    quota_days: int

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Tier":
        """One of the `tiers` of a `preview.json`."""
        return cls(
            document["tier"],
            document["cost_usd"],
            document["cost_leaves_out"],
            document["hours"],
            document["quota_days"],
        )


def tier_table(tiers: Iterable[Tier]) -> Table:
    """A line a tier."""
    shown = Table(title="Cost and duration by tier", title_justify="left")
    shown.add_column("tier")
    for name in ("USD", "hours at least", "days of quota"):
        shown.add_column(name, justify="right")
    shown.add_column("without")
    for each in tiers:
        shown.add_row(each.tier, each.cost_usd, f"{each.hours:g}", f"{each.quota_days:,}", each.leaves_out)
    return shown


def describe_names(names: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Some archives of a plan with the keys that they get, a line each."""
    for each in names:
        yield f"  {each['description'] or '(no description)'} -> {each['key']}"
