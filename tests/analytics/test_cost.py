"""Sections of a cost: they are rounded, and whatever is shown adds up."""

import csv
import json
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.cost import ALL, Section, sections
from analytics.cost_text import TOTAL, as_csv, as_json, as_table, digits_for, hours_text, missing
from analytics.price_file import load_prices
from thaw.core.costs import Line, Plan
from thaw.core.errors import PriceError
from thaw.core.jobs import Totals
from thaw.core.prices import GB_BYTES, TIERS, RegionPrices

EAST = load_prices().region("us-east-1")
PLAN = Plan(EAST, days=7)
ONE = {"GLACIER": Totals(1_000_000, 1024 * GB_BYTES)}
TWO = {**ONE, "DEEP_ARCHIVE": Totals(10, 5)}


def test_one_class_is_one_section_with_the_fee_of_the_jobs() -> None:
    (only,) = sections(PLAN, ONE, 2, 2)
    assert (only.storage_class, only.totals) == ("GLACIER", ONE["GLACIER"])
    assert [column.lines[Line.BATCH_JOBS] for column in only.columns] == [0, Decimal("0.50"), Decimal("0.50")]


def test_several_classes_have_a_section_each_and_one_for_all_that_alone_has_the_fee() -> None:
    glacier, deep, together = sections(PLAN, TWO, 1, 2)
    assert [one.storage_class for one in (glacier, deep, together)] == ["GLACIER", "DEEP_ARCHIVE", ALL]
    assert together.totals == Totals(1_000_010, 1024 * GB_BYTES + 5)
    assert Line.BATCH_JOBS not in glacier.columns[1].lines
    assert together.columns[1].total == glacier.columns[1].total + deep.columns[1].total + Decimal("0.25")


def test_a_tier_that_one_class_lacks_is_not_available_for_all() -> None:
    glacier, deep, together = sections(PLAN, TWO, 1, 2)
    assert [one.columns[0].hours is None for one in (glacier, deep, together)] == [False, True, True]


def test_all_classes_take_as_long_as_the_slowest() -> None:
    assert [column.hours for column in sections(PLAN, TWO, 1, 2)[-1].columns] == [None, 12, 48]


@pytest.mark.parametrize("storage_class", ["STANDARD", "INTELLIGENT_TIERING", "glacier"])
def test_a_class_that_is_not_archived_is_refused_with_the_way_out(storage_class: str) -> None:
    with pytest.raises(PriceError, match=rf"class {storage_class} need no restore.*--storage-class"):
        sections(PLAN, {storage_class: Totals(1, 1)}, 1, 2)


def test_an_empty_manifest_is_refused() -> None:
    with pytest.raises(PriceError, match="holds no objects"):
        sections(PLAN, {}, 1, 2)


def test_an_amount_is_rounded_half_up() -> None:
    prices = RegionPrices("here", restore={("GLACIER", "Standard"): Decimal(5)})
    (only,) = sections(Plan(prices, 1), {"GLACIER": Totals(1, 0)}, 0, 2)
    assert only.columns[1].lines[Line.RESTORE_REQUESTS] == Decimal("0.01")


@given(
    st.dictionaries(
        st.sampled_from(["GLACIER", "DEEP_ARCHIVE"]),
        st.builds(Totals, st.integers(0, 10**10), st.integers(0, 10**17)),
        min_size=1,
    ),
    st.integers(0, 100),
    st.sampled_from([2, 4, 6]),
    st.sampled_from([None, "STANDARD", "STANDARD_IA"]),
)
def test_what_is_shown_adds_up_to_the_last_digit(
    by_class: dict[str, Totals], jobs: int, digits: int, to: str | None
) -> None:
    found = sections(Plan(EAST, 7, to), by_class, jobs, digits)
    parts = found[:-1] or found
    for at, column in enumerate(found[-1].columns):
        shown = [usd for usd in column.lines.values() if usd is not None]
        assert sum(shown) == column.total
        assert all(usd == usd.quantize(Decimal(1).scaleb(-digits)) for usd in shown)
        if column.hours is not None and len(found) > 1:
            fee = column.lines[Line.BATCH_JOBS]
            assert fee is not None
            assert column.total == sum((part.columns[at].total for part in parts), fee)
    assert found[-1].per_month == sum(part.per_month or 0 for part in parts)


def test_the_table_shows_tiers_side_by_side_and_leaves_out_what_is_free_in_all() -> None:
    assert as_table(sections(PLAN, {"DEEP_ARCHIVE": Totals(1_000_000, 1024 * GB_BYTES)}, 1, 2)) == (
        "DEEP_ARCHIVE: 1,000,000 objects, 1,099,511,627,776 bytes\n"
        "  USD                            Expedited  Standard   Bulk\n"
        "  takes about                not available      12 h   48 h\n"
        "  restore requests                            100.00  25.00\n"
        "  Batch Operations: jobs                        0.25   0.25\n"
        "  Batch Operations: objects                     1.00   1.00\n"
        "  retrieval                                    20.48   2.56\n"
        "  temporary storage                             5.42   5.42\n"
        "  Thaw: import                                  0.06   0.06\n"
        "  Thaw: tables                                  2.99   2.99\n"
        "  Thaw: queue and function                      0.99   0.99\n"
        "  Thaw: reports on objects                      0.22   0.22\n"
        "  total                                       131.41  38.49"
    )


def test_the_table_has_the_new_storage_only_where_copies_are_made() -> None:
    assert "then each month" not in as_table(sections(PLAN, ONE, 1, 2))
    copied = as_table(sections(Plan(EAST, 7, "STANDARD"), ONE, 1, 2))
    assert copied.splitlines()[-1].split() == ["then", "each", "month", *["23.55"] * 3]


def bare() -> list[Section]:
    return sections(Plan(RegionPrices("bare"), 7, "STANDARD"), ONE, 1, 2)


def test_what_has_no_price_is_said_so_and_the_total_is_a_lower_bound() -> None:
    shown = as_table(bare())
    assert "no price" in shown
    assert "at least 0" in shown.splitlines()[-2]
    assert missing(bare())[0] == "restore requests"
    assert missing(bare())[-1] == "new storage per month"
    assert missing(sections(PLAN, ONE, 1, 2)) == []


def test_csv_has_a_row_an_amount_that_adds_up_and_one_for_a_tier_that_is_not_there() -> None:
    rows = list(csv.DictReader(StringIO(as_csv(sections(PLAN, TWO, 1, 6)))))
    bulk = {row["line"]: row["usd"] for row in rows if (row["storage_class"], row["tier"]) == (ALL, "Bulk")}
    assert sum(Decimal(bulk[line]) for line in Line) == Decimal(bulk[TOTAL])
    (absent,) = [row for row in rows if (row["storage_class"], row["tier"]) == ("DEEP_ARCHIVE", "Expedited")]
    assert (absent["hours"], absent["line"], absent["usd"]) == ("", "", "")


def test_csv_leaves_an_unknown_amount_empty() -> None:
    rows = list(csv.DictReader(StringIO(as_csv(bare()))))
    assert {row["usd"] for row in rows if row["line"] == "retrieval"} == {""}


def test_json_tells_what_is_not_available_and_what_is_not_known() -> None:
    document = json.loads(as_json(sections(PLAN, TWO, 1, 6), {"region": "us-east-1"}))
    assert document["region"] == "us-east-1"
    deep = document["sections"][1]["tiers"]
    assert deep["Expedited"] == {"available": False}
    assert (deep["Bulk"]["hours"], deep["Bulk"]["complete"]) == (48, True)
    unknown = json.loads(as_json(bare(), {}))["sections"][0]["tiers"]["Bulk"]
    assert unknown["usd"]["retrieval"] is None
    assert not unknown["complete"]


def test_json_numbers_each_tier_in_the_usual_order() -> None:
    document = json.loads(as_json(sections(PLAN, ONE, 1, 6), {}))
    assert tuple(document["sections"][0]["tiers"]) == TIERS


@pytest.mark.parametrize(("usd", "digits"), [("0.99", 4), ("1", 2), ("123456", 2)])
def test_less_than_a_dollar_is_shown_to_a_hundredth_of_a_cent(usd: str, digits: int) -> None:
    assert digits_for(Decimal(usd)) == digits


@pytest.mark.parametrize(("hours", "text"), [(5 / 60, "5 min"), (1, "1 h"), (12.0, "12 h")])
def test_hours_are_minutes_below_one(hours: float, text: str) -> None:
    assert hours_text(hours) == text
