"""What a job costs, computed by hand from round prices; and what must hold whatever the numbers."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.costs import Cost, Line, Plan, batch_jobs_fee, cost, new_storage_per_month
from thaw.core.jobs import Totals
from thaw.core.prices import ARCHIVE_CLASSES, GB_BYTES, TIERS, Rate, RegionPrices
from thaw.core.retrieval import TYPICAL_HOURS

KINDS = sorted(kind for kind in TYPICAL_HOURS if kind[0] in ARCHIVE_CLASSES)
CLASSES = ("STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER")
PRICES = RegionPrices(
    "here-1",
    storage={
        "STANDARD": Decimal("0.073"),
        "STANDARD_IA": Decimal("0.01"),
        "INTELLIGENT_TIERING": Decimal("0.02"),
        "GLACIER": Decimal("0.0073"),
        "DEEP_ARCHIVE": Decimal("0.00073"),
    },
    put={name: Decimal(at) for at, name in enumerate((*CLASSES, "DEEP_ARCHIVE"), start=1)},
    restore={kind: Decimal(at) for at, kind in enumerate(KINDS, start=1)},
    retrieval={kind: Decimal(at) / 100 for at, kind in enumerate(KINDS, start=1)},
    transfer={"there-1": Decimal("0.02")},
    rates={rate: Decimal(1) for rate in Rate},
)
PLAN = Plan(PRICES, days=7)
TEN = Totals(10_000, 1000 * GB_BYTES)


def lines(plan: Plan, storage_class: str, tier: str, totals: Totals) -> Any:
    found = cost(plan, storage_class, tier, totals)
    assert found is not None, "the tier exists"
    return found.lines


def test_requests_are_priced_by_the_thousand_and_retrieval_by_the_gb_of_the_class_and_tier() -> None:
    at = KINDS.index(("DEEP_ARCHIVE", "Bulk")) + 1
    found = lines(PLAN, "DEEP_ARCHIVE", "Bulk", TEN)
    assert found[Line.RESTORE_REQUESTS] == 10 * at
    assert found[Line.RETRIEVAL] == Fraction(1000 * at, 100)


def test_a_temporary_copy_is_kept_for_its_days_of_a_month_of_730_hours() -> None:
    found = lines(PLAN, "GLACIER", "Standard", TEN)
    assert found[Line.TEMPORARY_STORAGE] == Fraction("0.073") * 1000 * 7 * 24 / 730 == Fraction("16.8")


def test_a_tier_that_s3_has_not_costs_nothing_knowable() -> None:
    assert cost(PLAN, "DEEP_ARCHIVE", "Expedited", TEN) is None


def test_the_hours_are_those_of_the_tier() -> None:
    found = cost(PLAN, "GLACIER", "Bulk", TEN)
    assert found is not None
    assert found.hours == 12


def test_batch_operations_cost_a_fee_a_job_and_a_price_per_million_but_not_for_expedited() -> None:
    assert lines(PLAN, "GLACIER", "Bulk", TEN)[Line.BATCH_OBJECTS] == Fraction(1, 100)
    assert lines(PLAN, "GLACIER", "Expedited", TEN)[Line.BATCH_OBJECTS] == 0
    assert [batch_jobs_fee(PRICES, tier, 3) for tier in TIERS] == [0, 3, 3]


def test_nothing_is_copied_moved_or_deleted_unless_asked_for() -> None:
    found = lines(PLAN, "GLACIER", "Bulk", TEN)
    assert found[Line.COPY_REQUESTS] == found[Line.TRANSFER] == found[Line.EARLY_DELETION] == 0
    assert new_storage_per_month(PLAN, TEN) == 0


def test_a_copy_is_one_request_of_the_destination_class() -> None:
    copying = replace(PLAN, to="STANDARD_IA")
    assert lines(copying, "GLACIER", "Bulk", TEN)[Line.COPY_REQUESTS] == 10 * 3
    assert new_storage_per_month(copying, TEN) == 10


@pytest.mark.parametrize(
    ("to", "usd"),
    [("STANDARD", Fraction(12, 1000)), ("DEEP_ARCHIVE", Fraction(7 + 11 * 1, 1000))],
    ids=["all requests of the class", "the parts and the start as STANDARD"],
)
def test_a_copy_above_5_gb_is_a_request_a_part_and_two_more(to: str, usd: Fraction) -> None:
    copying = replace(PLAN, to=to, part_bytes=GB_BYTES)
    assert lines(copying, "GLACIER", "Bulk", Totals(1, 10 * GB_BYTES))[Line.COPY_REQUESTS] == usd


def test_a_copy_of_exactly_5_gb_is_one_request_and_a_byte_more_is_not() -> None:
    copying = replace(PLAN, to="STANDARD", part_bytes=GB_BYTES)
    assert lines(copying, "GLACIER", "Bulk", Totals(2, 10 * GB_BYTES))[Line.COPY_REQUESTS] == Fraction(
        2, 1000
    )
    larger = lines(copying, "GLACIER", "Bulk", Totals(2, 10 * GB_BYTES + 1))[Line.COPY_REQUESTS]
    assert larger == Fraction(2 * (6 + 2), 1000)


def test_copies_elsewhere_cost_the_transfer_and_that_regions_requests_and_storage() -> None:
    there = RegionPrices("there-1", storage={"STANDARD": Decimal(2)}, put={"STANDARD": Decimal(5)})
    moving = replace(PLAN, to="STANDARD", destination=there)
    found = lines(moving, "GLACIER", "Bulk", TEN)
    assert found[Line.TRANSFER] == 20
    assert found[Line.COPY_REQUESTS] == 50
    assert new_storage_per_month(moving, TEN) == 2000


@pytest.mark.parametrize(
    ("storage_class", "age", "left"),
    [
        ("GLACIER", 0, 90),
        ("GLACIER", 60, 30),
        ("GLACIER", 90, 0),
        ("GLACIER", 91, 0),
        ("DEEP_ARCHIVE", 90, 90),
        ("DEEP_ARCHIVE", 5000, 0),
    ],
)
def test_an_early_deletion_costs_the_days_left_of_the_minimum(
    storage_class: str, age: int, left: int
) -> None:
    found = lines(replace(PLAN, deleted_at_days=age), storage_class, "Bulk", TEN)
    per_day = Fraction(PRICES.storage[storage_class]) * 1000 * 24 / 730
    assert found[Line.EARLY_DELETION] == per_day * left


def test_small_objects_are_stored_as_128_kb_where_the_class_bills_so() -> None:
    small = Totals(8192, 8192)
    assert new_storage_per_month(replace(PLAN, to="STANDARD_IA"), small) == Fraction("0.01")
    assert new_storage_per_month(replace(PLAN, to="STANDARD"), small) == Fraction("0.073") * 8192 / GB_BYTES


def test_intelligent_tiering_is_watched_for_a_price_per_thousand_objects() -> None:
    assert new_storage_per_month(replace(PLAN, to="INTELLIGENT_TIERING"), TEN) == 20 + 10


def test_tracking_a_million_objects_costs_what_the_benchmarks_measured() -> None:
    """docs/benchmarks.md: 6.37 write units and, with copies elsewhere, 4 read units an object."""
    rates = {
        Rate.DYNAMODB_WRITE_PER_MILLION: Decimal("0.625"),
        Rate.DYNAMODB_READ_PER_MILLION: Decimal("0.125"),
    }
    copying = Plan(replace(PRICES, rates=rates), days=7, to="STANDARD")
    tables = lines(copying, "GLACIER", "Bulk", Totals(10**6, 0))[Line.THAW_TABLES]
    assert tables == Fraction("6.37") * Fraction("0.625") + 4 * Fraction("0.125")
    restoring = lines(replace(copying, to=None), "GLACIER", "Bulk", Totals(10**6, 0))[Line.THAW_TABLES]
    assert restoring == tables * 2 / 3, "two of the three events"


def test_the_import_is_priced_by_the_size_of_its_files_and_the_reports_by_day() -> None:
    found = lines(PLAN, "GLACIER", "Bulk", Totals(GB_BYTES, 0))
    assert found[Line.THAW_IMPORT] == 400
    assert found[Line.THAW_REPORTS] == Fraction(GB_BYTES * 7 * 2, 8 * 10**6)


def test_what_has_no_price_is_none_and_not_zero() -> None:
    bare = Plan(RegionPrices("bare-1"), days=7, to="STANDARD", deleted_at_days=0)
    found = lines(bare, "GLACIER", "Bulk", TEN)
    free = {Line.TRANSFER}
    assert {line for line, usd in found.items() if usd is None} == set(found) - free
    assert new_storage_per_month(bare, TEN) is None
    assert batch_jobs_fee(bare.prices, "Bulk", 1) is None


@pytest.mark.parametrize("prices", [PRICES, RegionPrices("bare-1")], ids=["priced", "without prices"])
@pytest.mark.parametrize("kind", KINDS)
def test_zero_objects_cost_zero(prices: RegionPrices, kind: tuple[str, str]) -> None:
    plan = Plan(prices, 7, "GLACIER_IR", RegionPrices("there-1"), deleted_at_days=0)
    assert set(lines(plan, *kind, Totals(0, 0)).values()) == {0}
    assert new_storage_per_month(plan, Totals(0, 0)) == 0


def plans() -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        st.just(PRICES),
        days=st.integers(1, 60),
        to=st.sampled_from([None, "STANDARD", "STANDARD_IA", "DEEP_ARCHIVE"]),
        deleted_at_days=st.none() | st.integers(0, 400),
    )


def amounts(found: Cost | None) -> list[Fraction]:
    assert found is not None
    known = [usd for usd in found.lines.values() if usd is not None]
    assert len(known) == len(found.lines), "every price is known"
    return known


totals = st.builds(Totals, st.integers(0, 10**9), st.integers(0, 10**16))


@given(plans(), st.sampled_from(KINDS), totals, st.integers(1, 1000))
def test_so_many_times_the_objects_and_bytes_cost_so_many_times_as_much(
    plan: Plan, kind: tuple[str, str], one: Totals, times: int
) -> None:
    many = Totals(one.objects * times, one.size_bytes * times)
    assert amounts(cost(plan, *kind, many)) == [usd * times for usd in amounts(cost(plan, *kind, one))]


@given(plans(), st.sampled_from(KINDS), totals, st.integers(0, 10**15), st.integers(0, 30))
def test_more_bytes_or_days_never_cost_less(
    plan: Plan, kind: tuple[str, str], one: Totals, more_bytes: int, more_days: int
) -> None:
    larger = one._replace(size_bytes=one.size_bytes + more_bytes)
    longer = replace(plan, days=plan.days + more_days)
    before, after = amounts(cost(plan, *kind, one)), amounts(cost(longer, *kind, larger))
    assert all(low <= high for low, high in zip(before, after, strict=True))


@given(plans(), st.sampled_from(KINDS), st.integers(1, 10**9), st.integers(0, 10**6))
def test_more_objects_of_the_same_size_never_cost_less(
    plan: Plan, kind: tuple[str, str], objects: int, more: int
) -> None:
    few, many = (cost(plan, *kind, Totals(count, count * 10**6)) for count in (objects, objects + more))
    assert all(low <= high for low, high in zip(amounts(few), amounts(many), strict=True))


@given(plans(), st.sampled_from(KINDS), st.integers(0, 400))
def test_older_originals_never_cost_more(plan: Plan, kind: tuple[str, str], age: int) -> None:
    young, old = (amounts(cost(replace(plan, deleted_at_days=days), *kind, TEN)) for days in (age, age + 1))
    assert sum(young) >= sum(old)
