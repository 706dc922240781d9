"""What a job is expected to take and to cost."""

from dataclasses import replace

import pytest

from analytics.cost import sections
from analytics.price_file import load_prices
from tests.jobs.preparations import BY_MANIFEST, BY_SELECTION, RULES
from thaw.core.costs import Line, Plan
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_rules import Destination, JobRules
from thaw.core.jobs import Totals
from thaw.core.tracking_costs import tables_cost
from thaw.jobs.estimating import Cost, Prices, expected_cost, expected_hours

FILE = load_prices()
PRICES = Prices(FILE.date, FILE.regions)
GB = 2**30
MILLION = {"GLACIER": Totals(1_000_000, 1000 * GB)}
TO_STANDARD = CopyRequest()
EAST = replace(RULES, region="us-east-1")


def cost(request: JobRequest, rules: JobRules = EAST) -> float:
    return float(expected_cost(request, rules, PRICES, MILLION, 0).usd)


@pytest.mark.parametrize(
    ("classes", "tier", "hours"),
    [
        (["GLACIER"], "Standard", 5.0),
        (["GLACIER", "DEEP_ARCHIVE"], "Bulk", 48.0),
        (["INTELLIGENT_TIERING"], "Standard", 12.0),
        (["UNKNOWN"], "Bulk", 48.0),
        ([], "Bulk", 0.0),
    ],
)
def test_the_slowest_class_decides(classes: list[str], tier: str, hours: float) -> None:
    by_class = dict.fromkeys(classes, Totals(1, 1))
    assert expected_hours(replace(BY_MANIFEST, tier=tier), RULES, by_class) == hours


def test_sending_the_requests_takes_its_time() -> None:
    by_class = {"GLACIER": Totals(3_600_000, 1)}
    assert expected_hours(BY_MANIFEST, RULES, by_class) == 12 + 1.0
    assert expected_hours(BY_SELECTION, RULES, by_class) == 12 + 5.0
    fast = replace(RULES, restore_requests_per_second=10_000)
    assert expected_hours(BY_SELECTION, fast, by_class) == 12 + 1.0, "S3 takes no more"


def test_waves_follow_one_another_where_restores_wait_for_copies() -> None:
    by_class = {"GLACIER": Totals(1, 100)}
    rules = replace(RULES, max_uncopied_bytes=30)
    assert expected_hours(BY_MANIFEST, rules, by_class) == 12, "nothing is copied"
    copied = replace(BY_MANIFEST, copy=TO_STANDARD)
    assert expected_hours(copied, rules, by_class) == 4 * 12
    assert expected_hours(replace(copied, max_uncopied_bytes=50), rules, by_class) == 2 * 12
    assert expected_hours(replace(copied, max_uncopied_bytes=0), rules, by_class) == 12


def test_the_cost_is_that_of_thaw_cost_with_the_writing_of_records_in_place_of_their_import() -> None:
    [section] = sections(Plan(PRICES.regions["us-east-1"], 7), MILLION, 1, 6)
    bulk = next(column for column in section.columns if column.tier == "Bulk")
    lines = {line: float(usd) for line, usd in bulk.lines.items() if usd is not None}
    loading = float(tables_cost(PRICES.regions["us-east-1"], 1_000_000) or 0)
    assert cost(BY_MANIFEST) == pytest.approx(
        sum(lines.values()) - lines[Line.THAW_IMPORT] + loading, abs=0.0001
    )


def test_requests_of_our_own_pay_no_batch_operations() -> None:
    saved = cost(BY_MANIFEST) - cost(replace(BY_MANIFEST, way=Way.REQUESTS))
    assert saved == pytest.approx(0.25 + 1.0)


def test_each_wave_is_a_job_of_batch_operations() -> None:
    copied = replace(BY_MANIFEST, copy=TO_STANDARD)
    more = cost(replace(copied, max_uncopied_bytes=100 * GB)) - cost(copied)
    assert more == pytest.approx(9 * 0.25)


def test_copies_to_another_region_pay_the_way_there() -> None:
    rules = replace(EAST, copy_destinations=(Destination("far", region="eu-west-1"),))
    far = replace(BY_MANIFEST, copy=CopyRequest(destination_bucket="far"))
    way = cost(far, rules) - cost(replace(BY_MANIFEST, copy=TO_STANDARD))
    assert way == pytest.approx(1000 * 0.02, abs=1)


def test_lines_without_a_price_are_named_and_the_rest_is_told() -> None:
    told = expected_cost(BY_MANIFEST, RULES, PRICES, MILLION, 0)
    assert told.leaves_out == "thaw_events"
    assert 0 < float(told.usd) < cost(BY_MANIFEST)
    assert expected_cost(BY_MANIFEST, EAST, PRICES, MILLION, 0).leaves_out == ""


@pytest.mark.parametrize("classes", ["UNKNOWN", "INTELLIGENT_TIERING"])
def test_a_class_without_prices_makes_the_whole_unknown(classes: str) -> None:
    by_class = {**MILLION, classes: Totals(1, 1)}
    assert expected_cost(BY_MANIFEST, EAST, PRICES, by_class, 0) == Cost()


def test_what_is_not_known_is_not_guessed() -> None:
    assert expected_cost(BY_MANIFEST, EAST, PRICES, MILLION, 1) == Cost()
    assert expected_cost(BY_MANIFEST, replace(RULES, region="mars-1"), PRICES, MILLION, 0) == Cost()


def test_the_amount_is_told_to_the_hundredth_of_a_cent() -> None:
    assert len(expected_cost(BY_MANIFEST, EAST, PRICES, MILLION, 0).usd.partition(".")[2]) == 4
