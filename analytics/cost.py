"""What a job will cost, tier by tier, per storage class and together; what is shown adds up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from thaw.core.costs import Cost, Line, Plan, batch_jobs_fee, cost, new_storage_per_month
from thaw.core.errors import PriceError
from thaw.core.jobs import Totals
from thaw.core.money import Amount
from thaw.core.prices import ARCHIVE_CLASSES, TIERS

ALL = "all"
"""The name of the section that adds the classes up."""

Rounded = Decimal | None


@dataclass(frozen=True)
class Column:
    """One tier of a section: USD by line; `hours` None where S3 has no such tier."""

    tier: str
    hours: float | None
    lines: Mapping[Line, Rounded]
    sizes_known: bool = True

    @property
    def total(self) -> Decimal:
        """The sum of what is known."""
        return sum((usd for usd in self.lines.values() if usd is not None), Decimal(0))

    @property
    def unknown(self) -> list[Line]:
        """The lines whose prices are not known."""
        return [line for line, usd in self.lines.items() if usd is None]

    @property
    def complete(self) -> bool:
        """Whether the total is the whole cost, and not a lower bound."""
        return self.sizes_known and not self.unknown


@dataclass(frozen=True)
class Section:
    """One storage class, or all of them."""

    storage_class: str
    totals: Totals
    columns: Sequence[Column]
    per_month: Rounded


def sections(
    plan: Plan, by_class: Mapping[str, Totals], jobs: int, digits: int, *, sizes_known: bool = True
) -> list[Section]:
    """A section for each class, and for all if there are several, in USD of `digits` decimals.

    `jobs`: those of S3 Batch Operations; their fee is part of the last section, and of no class among
    several. Raises PriceError for a class that is not archived, and for no class at all.
    """
    if not by_class:
        raise PriceError("The manifest holds no objects: there is nothing to price.")
    for storage_class in by_class:
        if storage_class not in ARCHIVE_CLASSES:
            raise PriceError(
                f"Objects of class {storage_class} need no restore, so that none is priced; only"
                f" {' and '.join(ARCHIVE_CLASSES)} do. Prepare the manifest with --storage-class."
            )
    quantize = _rounder(digits)
    parts = [_class_section(plan, name, totals, quantize) for name, totals in by_class.items()]
    fees = {tier: quantize(batch_jobs_fee(plan.prices, tier, jobs)) for tier in TIERS}
    together = _together(parts, fees)
    found = [*parts, together] if len(parts) > 1 else [together]
    return [
        replace(one, columns=[replace(column, sizes_known=sizes_known) for column in one.columns])
        for one in found
    ]


def _rounder(digits: int) -> Callable[[Amount], Rounded]:
    """Rounds halves up: a Decimal of 28 digits stands for the exact fraction."""
    unit = Decimal(1).scaleb(-digits)

    def rounded(amount: Amount) -> Rounded:
        if amount is None:
            return None
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        return exact.quantize(unit, ROUND_HALF_UP)

    return rounded


def _class_section(
    plan: Plan, storage_class: str, totals: Totals, quantize: Callable[[Amount], Rounded]
) -> Section:
    columns = [_column(tier, cost(plan, storage_class, tier, totals), quantize) for tier in TIERS]
    return Section(storage_class, totals, columns, quantize(new_storage_per_month(plan, totals)))


def _column(tier: str, of_tier: Cost | None, quantize: Callable[[Amount], Rounded]) -> Column:
    if of_tier is None:
        return Column(tier, None, {})
    return Column(tier, of_tier.hours, {line: quantize(usd) for line, usd in of_tier.lines.items()})


def _together(parts: Sequence[Section], fees: Mapping[str, Rounded]) -> Section:
    """The sum of the sections and of the fee of the jobs. A tier that one class lacks, all lack."""
    name = parts[0].storage_class if len(parts) == 1 else ALL
    totals = Totals(sum(part.totals.objects for part in parts), sum(part.totals.size_bytes for part in parts))
    columns = [
        _joined([part.columns[at] for part in parts], fee)
        for at, fee in enumerate(fees[tier] for tier in TIERS)
    ]
    return Section(name, totals, columns, _sum([part.per_month for part in parts]))


def _joined(columns: Sequence[Column], fee: Rounded) -> Column:
    hours = [column.hours for column in columns]
    known = [one for one in hours if one is not None]
    if len(known) < len(hours):
        return Column(columns[0].tier, None, {})
    lines = {
        line: fee if line is Line.BATCH_JOBS else _sum([column.lines[line] for column in columns])
        for line in Line
    }
    return Column(columns[0].tier, max(known), lines)


def _sum(amounts: Sequence[Rounded]) -> Rounded:
    known = [usd for usd in amounts if usd is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
