"""What a transfer costs and takes: exact sums over prices, and nothing where a price is not known."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from thaw.core.job_rules import JobRules
from thaw.core.prices import Rate, RegionPrices
from thaw.core.vault_costs import TierEstimate, estimates
from thaw.core.vault_plans import Exclusion, PlanFigures

RULES = JobRules(region="us-east-1", vault_bytes_per_day=2**40, vault_requests_per_second=50)
FIGURES = PlanFigures(
    rows_in=1_000_000,
    archives=1_000_000,
    size_bytes=10 * 2**40,
    largest_bytes=2**30,
    single_part=999_000,
    parts=64_000,
)
HERE = RegionPrices(
    "us-east-1",
    put={"STANDARD": Decimal("0.005"), "DEEP_ARCHIVE": Decimal("0.05")},
    restore={
        ("GLACIER", "Expedited"): Decimal(10),
        ("GLACIER", "Standard"): Decimal("0.05"),
        ("GLACIER", "Bulk"): Decimal(0),
        ("GLACIER_VAULT", "Bulk"): Decimal("0.025"),
    },
    retrieval={
        ("GLACIER", "Expedited"): Decimal("0.03"),
        ("GLACIER", "Standard"): Decimal("0.01"),
        ("GLACIER", "Bulk"): Decimal(0),
        ("GLACIER_VAULT", "Bulk"): Decimal("0.0025"),
    },
    transfer={"eu-west-1": Decimal("0.02")},
    rates={
        Rate.DYNAMODB_WRITE_PER_MILLION: Decimal("0.625"),
        Rate.DYNAMODB_READ_PER_MILLION: Decimal("0.125"),
    },
)


def of(
    tier: str, there: RegionPrices = HERE, storage_class: str = "STANDARD", **changes: int
) -> TierEstimate:
    found = estimates(replace(FIGURES, **changes), RULES, HERE, there, storage_class)
    [estimate] = [each for each in found if each.tier == tier]
    return estimate


@pytest.mark.parametrize(
    ("tier", "requests", "retrieval"),
    [("Expedited", 10_000, "307.2"), ("Standard", 50, "102.4"), ("Bulk", 25, "25.6")],
)
def test_each_tier_has_its_own_price(tier: str, requests: int, retrieval: str) -> None:
    lines = of(tier).lines
    assert (lines["retrieval_requests"], lines["retrieval"]) == (requests, Fraction(Decimal(retrieval)))


def test_bulk_from_a_vault_is_not_free_as_bulk_from_s3_is() -> None:
    """So without a price of its own it is not known."""
    poor = replace(
        HERE,
        restore={("GLACIER", "Bulk"): Decimal(0)},
        retrieval={("GLACIER", "Bulk"): Decimal(0)},
    )
    [bulk] = [each for each in estimates(FIGURES, RULES, poor, poor, "STANDARD") if each.tier == "Bulk"]
    assert (bulk.lines["retrieval"], bulk.lines["retrieval_requests"]) == (None, None)
    assert bulk.leaves_out == "retrieval_requests, retrieval"
    assert bulk.usd > 0, "what is known is added up"


def test_uploads_are_billed_by_their_parts() -> None:
    assert of("Bulk").lines["put_requests"] == Fraction((1_000_000 + 64_000 + 1_000) * 5, 10**6)
    deep = of("Bulk", storage_class="DEEP_ARCHIVE").lines["put_requests"]
    assert deep == Fraction(50_000, 1000) + Fraction(65_000 * 5, 10**6), "parts are requests of STANDARD"
    assert of("Bulk", storage_class="GLACIER_IR").lines["put_requests"] is None


def test_another_region_costs_a_transfer() -> None:
    there = replace(HERE, region="eu-west-1")
    assert of("Bulk", there).lines["transfer"] == Fraction(10 * 1024 * 2, 100)
    assert of("Bulk").lines["transfer"] == 0


def test_the_quota_of_bytes_or_the_rate_of_requests_tells_how_long_it_takes() -> None:
    assert (of("Standard").quota_days, of("Standard").hours) == (10, 245.0)
    assert (of("Bulk").quota_days, of("Bulk").hours) == (10, 252.0)
    many = of("Standard", size_bytes=1)
    assert (many.quota_days, many.hours) == (1, round(1_000_000 / 50 / 3600 + 5, 2))
    [free] = [
        each
        for each in estimates(FIGURES, replace(RULES, vault_bytes_per_day=0), HERE, HERE, "STANDARD")
        if each.tier == "Standard"
    ]
    assert (free.quota_days, free.hours) == (0, round(1_000_000 / 50 / 3600 + 5, 2))


def test_nothing_costs_nothing_and_takes_no_time() -> None:
    nothing = of("Expedited", archives=0, size_bytes=0, single_part=0, parts=0)
    assert (nothing.usd, nothing.hours, nothing.quota_days) == (0, 0.0, 0)


def test_what_is_left_out_is_filtered_doubled_or_rejected() -> None:
    figures = replace(FIGURES, excluded={reason: 2**place for place, reason in enumerate(Exclusion)})
    total = figures.filtered + figures.duplicates + figures.rejects
    assert total == sum(figures.excluded.values())
    assert figures.duplicates == figures.excluded[Exclusion.DUPLICATE_ID]
    assert figures.filtered == sum(
        figures.excluded[reason] for reason in (Exclusion.BY_DATE, Exclusion.BY_SIZE, Exclusion.BY_NAME)
    )
