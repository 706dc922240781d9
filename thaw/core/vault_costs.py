"""What a transfer of a vault is expected to cost and to take, for each retrieval tier.

Glacier bills the retrieval of an archive of a vault as S3 does that of an object in S3 Glacier Flexible
Retrieval, but for Bulk, which is free there: https://aws.amazon.com/s3/glacier/pricing/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from thaw.core.archives import VAULT_CLASS
from thaw.core.job_rules import JobRules
from thaw.core.money import Amount, priced
from thaw.core.prices import GB_BYTES, TIERS, RegionPrices
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.tracking_costs import tables_cost
from thaw.core.vault_plans import PlanFigures

_FLEXIBLE = "GLACIER"
_FREE_THERE = "Bulk"
_PARTS_ARE = "STANDARD"
"""The parts of an upload to an archive class are requests of this class:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html"""

_ARCHIVE_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_WRITES = 4
"""Of a record, on average: loaded, requested, staged and copied."""


@dataclass(frozen=True)
class TierEstimate:
    """`lines` are exact USD by what is paid for, None where a price is not known. `quota_days`: so many
    days the daily quota of bytes takes, 0 without one; `hours`: until the last archive can be read.
    """

    tier: str
    lines: Mapping[str, Amount]
    quota_days: int
    hours: float

    @property
    def usd(self) -> Fraction:
        """The sum of what is known."""
        return sum((amount for amount in self.lines.values() if amount is not None), Fraction(0))

    @property
    def leaves_out(self) -> str:
        """The lines without a known price, "" for none."""
        return ", ".join(line for line, amount in self.lines.items() if amount is None)


def estimates(
    figures: PlanFigures, rules: JobRules, here: RegionPrices, there: RegionPrices, storage_class: str
) -> tuple[TierEstimate, ...]:
    """For each tier, from the Region of the vault (`here`) to that of the bucket (`there`)."""
    return tuple(_estimate(tier, figures, rules, here, there, storage_class) for tier in TIERS)


def _estimate(
    tier: str,
    figures: PlanFigures,
    rules: JobRules,
    here: RegionPrices,
    there: RegionPrices,
    storage_class: str,
) -> TierEstimate:
    gigabytes = Fraction(figures.size_bytes, GB_BYTES)
    moved = gigabytes if here.region != there.region else Fraction(0)
    transfer = priced(here.transfer.get(there.region), moved) if moved else Fraction(0)
    lines = {
        "retrieval_requests": priced(_price(here.restore, tier), figures.archives, 1000),
        "retrieval": priced(_price(here.retrieval, tier), gigabytes),
        "put_requests": _puts(figures, there, storage_class),
        "transfer": transfer,
        "thaw_tables": tables_cost(here, figures.archives * _WRITES + figures.parts),
    }
    days = (
        Fraction(figures.size_bytes, rules.vault_bytes_per_day) if rules.vault_bytes_per_day else Fraction(0)
    )
    asking = max(days * 24, Fraction(figures.archives, rules.vault_requests_per_second * 3600))
    waiting = TYPICAL_HOURS[VAULT_CLASS, tier] if figures.archives else 0.0
    return TierEstimate(tier, lines, ceil(days), round(float(asking) + waiting, 2))


def _price(prices: Mapping[tuple[str, str], Decimal], tier: str) -> Decimal | None:
    own = prices.get((VAULT_CLASS, tier))
    return own if own is not None or tier == _FREE_THERE else prices.get((_FLEXIBLE, tier))


def _puts(figures: PlanFigures, there: RegionPrices, storage_class: str) -> Amount:
    """One for an archive of one part; for a larger one, one a part and two more, to begin and to complete."""
    larger = figures.archives - figures.single_part
    whole = priced(there.put.get(storage_class), figures.archives, 1000)
    part_class = _PARTS_ARE if storage_class in _ARCHIVE_CLASSES else storage_class
    parts = priced(there.put.get(part_class), figures.parts + larger, 1000)
    return None if whole is None or parts is None else whole + parts
