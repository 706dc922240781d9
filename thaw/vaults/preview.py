"""What a plan comes to, for people and for the state of its job: names, sizes, cost and duration."""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from thaw.core.archives import VAULT_CLASS
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, Validated
from thaw.core.jobs import Totals
from thaw.core.prices import RegionPrices
from thaw.core.vault_costs import TierEstimate, estimates
from thaw.core.vault_files import excluded_file
from thaw.core.vault_plans import PlanFigures
from thaw.core.vault_states import Plan
from thaw.jobs.estimating import Prices

_CENT_OF_A_CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Preview:
    """What is told of a plan; `names` are some of its archives, as (description, key)."""

    state: JobState
    rules: JobRules
    prices: Prices
    bucket_region: str
    figures: PlanFigures
    names: tuple[tuple[str, str], ...]
    parts: int

    @property
    def tiers(self) -> tuple[TierEstimate, ...]:
        copy = self.state.request.copy
        there = self.bucket_region or self.rules.region
        return estimates(
            self.figures,
            self.rules,
            self.prices.regions.get(self.rules.region) or RegionPrices(self.rules.region),
            self.prices.regions.get(there) or RegionPrices(there),
            copy.storage_class if copy else "STANDARD",
        )

    def to_json(self) -> bytes:
        """As the file `preview.json` has it: sizes in bytes, USD as decimal text."""
        found, copy = self.figures, self.state.request.copy
        place = f"s3://{copy.destination_bucket}/{copy.destination_prefix}" if copy else ""
        document: dict[str, Any] = {
            "job_id": self.state.job_id,
            "vault": self.state.request.vault.vault if self.state.request.vault else "",
            "destination": place,
            "rows_in": found.rows_in,
            "archives": found.archives,
            "size_bytes": found.size_bytes,
            "largest_bytes": found.largest_bytes,
            "excluded": dict(found.excluded),
            "renamed": found.renamed,
            "unnamed": found.unnamed,
            "existing": found.existing,
            "unused_names": found.unused_names,
            "price_date": self.prices.date,
            "tiers": [_tier(estimate) for estimate in self.tiers],
            "names": [{"description": description, "key": key} for description, key in self.names],
        }
        return json.dumps(document, indent=2, ensure_ascii=False).encode()

    @property
    def plan(self) -> Plan:
        """For the state of the transfer."""
        found = self.figures
        excluded = sum(found.excluded.values())
        return Plan(self.parts, found.archives, found.size_bytes, excluded, found.renamed, found.existing)

    @property
    def validated(self) -> Validated:
        """For the state of the job."""
        found = self.figures
        asked = next(each for each in self.tiers if each.tier == self.state.request.tier)
        totals = Totals(found.archives, found.size_bytes)
        return Validated(
            rows_in=found.rows_in,
            objects=found.archives,
            size_bytes=found.size_bytes,
            duplicates=found.duplicates,
            filtered=found.filtered,
            rejects=found.rejects,
            objects_of_unknown_size=0,
            by_storage_class={VAULT_CLASS: totals} if found.archives else {},
            rejects_key=excluded_file(self.state.job_id),
            parts=self.parts,
            expected_hours=asked.hours,
            cost_usd=usd_text(asked.usd),
            price_date=self.prices.date,
            cost_leaves_out=asked.leaves_out,
        )


def usd_text(amount: Fraction) -> str:
    """Decimal text with four decimals."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return str(exact.quantize(_CENT_OF_A_CENT, ROUND_HALF_UP))


def _tier(estimate: TierEstimate) -> dict[str, Any]:
    return {
        "tier": estimate.tier,
        "cost_usd": usd_text(estimate.usd),
        "cost_leaves_out": estimate.leaves_out,
        "lines": {name: None if usd is None else usd_text(usd) for name, usd in estimate.lines.items()},
        "quota_days": estimate.quota_days,
        "hours": estimate.hours,
    }
