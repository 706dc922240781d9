"""The dated price file holds what it says it holds; a user's file goes over it; a wrong one is refused."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from analytics.price_file import FOLDER, load_prices
from thaw.core.archives import VAULT_CLASS
from thaw.core.costs import Line, Plan, batch_jobs_fee, cost
from thaw.core.errors import PriceError
from thaw.core.jobs import Totals
from thaw.core.prices import DESTINATION_CLASSES, GB_BYTES, Rate
from thaw.core.retrieval import TYPICAL_HOURS

NEWEST = max(FOLDER.glob("*.json"))
REGIONS = sorted(load_prices().regions)


def written(folder: Path, regions: Any, **fields: Any) -> Path:
    path = folder / "mine.json"
    path.write_text(json.dumps({"regions": regions, **fields}))
    return path


def test_the_file_is_named_by_its_date_and_every_source_has_a_url_and_a_date() -> None:
    document = json.loads(NEWEST.read_text())
    assert document["date"] == NEWEST.stem == load_prices().date
    assert all(source["url"].startswith("https://") and source["date"] for source in document["sources"])


def test_the_newest_dated_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, price in (("2026-11-21", 1), ("2027-01-02", 2), ("2026-12-31", 3)):
        regions = {"here-1": {"storage_per_gb_month": {"STANDARD": price}}}
        (tmp_path / f"{day}.json").write_text(json.dumps({"date": day, "regions": regions}))
    monkeypatch.setattr("analytics.price_file.FOLDER", tmp_path)
    newest = load_prices()
    assert (newest.date, newest.region("here-1").temporary_storage_usd_per_gb_month) == ("2027-01-02", 2)


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_prices_every_restore_storage_and_copy_of_s3(name: str) -> None:
    prices = load_prices().region(name)
    of_s3 = {kind for kind in TYPICAL_HOURS if kind[0] != VAULT_CLASS}
    assert set(prices.restore) == set(prices.retrieval) >= of_s3
    assert set(prices.restore) - of_s3 <= {(VAULT_CLASS, "Bulk")}, "the other tiers cost what GLACIER's do"
    assert set(prices.storage) == set(prices.put) == set(DESTINATION_CLASSES)
    assert prices.temporary_storage_usd_per_gb_month > prices.storage["GLACIER"]


@pytest.mark.parametrize("name", REGIONS)
def test_bulk_from_flexible_retrieval_is_free_everywhere_and_faster_tiers_cost_more(name: str) -> None:
    prices = load_prices().region(name)
    for table in (prices.restore, prices.retrieval):
        assert table["GLACIER", "Bulk"] == 0
        assert 0 < table["GLACIER", "Standard"] < table["GLACIER", "Expedited"]
        assert 0 < table["DEEP_ARCHIVE", "Bulk"] < table["DEEP_ARCHIVE", "Standard"]


@pytest.mark.parametrize("name", ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1"])
def test_the_regions_most_used_are_there(name: str) -> None:
    assert name in REGIONS


def test_numbers_are_read_exactly() -> None:
    assert load_prices().region("us-east-1").storage["DEEP_ARCHIVE"] == Decimal("0.00099")


@pytest.mark.parametrize(
    ("tier", "requests", "retrieval"),
    [("Standard", 750, 1024), ("Expedited", 150_000, 3072), ("Bulk", 0, 0)],
)
def test_the_worked_example_of_aws_comes_out(tier: str, requests: int, retrieval: int) -> None:
    """15,000,000 objects, 100 TB: https://repost.aws/knowledge-center/s3-manage-data-retrieval"""
    plan = Plan(load_prices().region("us-east-1"), days=1)
    found = cost(plan, "GLACIER", tier, Totals(15_000_000, 102_400 * GB_BYTES))
    assert found is not None
    assert (found.lines[Line.RESTORE_REQUESTS], found.lines[Line.RETRIEVAL]) == (requests, retrieval)


def test_the_worked_example_of_batch_operations_comes_out() -> None:
    """A job of a million objects costs $1.25: https://aws.amazon.com/s3/pricing/"""
    prices = load_prices().region("us-east-1")
    found = cost(Plan(prices, days=1), "GLACIER", "Bulk", Totals(1_000_000, 0))
    assert found is not None
    fee, objects = batch_jobs_fee(prices, "Bulk", 1), found.lines[Line.BATCH_OBJECTS]
    assert fee is not None
    assert objects is not None
    assert fee + objects == Fraction("1.25")


def test_prices_of_ones_own_replace_those_of_the_same_name_and_no_others(tmp_path: Path) -> None:
    own = {"eu-west-1": {"storage_per_gb_month": {"STANDARD": 0.02}, "batch_per_job": 0.2}}
    dated, mixed = load_prices().region("eu-west-1"), load_prices(written(tmp_path, own)).region("eu-west-1")
    assert mixed.storage == {**dated.storage, "STANDARD": Decimal("0.02")}
    assert mixed.rates == {**dated.rates, Rate.BATCH_PER_JOB: Decimal("0.2")}
    assert (mixed.put, mixed.restore, mixed.retrieval) == (dated.put, dated.restore, dated.retrieval)


def test_one_tier_may_be_replaced_alone(tmp_path: Path) -> None:
    own = {"us-east-1": {"retrieval_per_gb": {"GLACIER": {"Standard": 0.5}}}}
    mixed = load_prices(written(tmp_path, own)).region("us-east-1").retrieval
    assert mixed["GLACIER", "Standard"] == Decimal("0.5")
    assert mixed["GLACIER", "Expedited"] == Decimal("0.03")


def test_a_region_may_be_added_and_the_others_stay(tmp_path: Path) -> None:
    prices = load_prices(written(tmp_path, {"mars-1": {"storage_per_gb_month": {"STANDARD": 1}}}))
    assert prices.region("mars-1").temporary_storage_usd_per_gb_month == 1
    assert set(prices.regions) == {*REGIONS, "mars-1"}


def test_an_unknown_region_is_refused_with_the_known_ones_and_the_way_out() -> None:
    with pytest.raises(PriceError, match=r"no prices for the Region 'mars-1'.*us-east-1.*--prices"):
        load_prices().region("mars-1")


@pytest.mark.parametrize(
    ("regions", "sentence"),
    [
        ([], "needs a JSON object `regions`"),
        ({"a": 1}, "a must be a JSON object, not 1\\."),
        ({"a": {"storage": {}}}, r"a has no 'storage': known are storage_per_gb_month"),
        ({"a": {"storage_per_gb_month": {"STANDART": 1}}}, r"storage_per_gb_month has no 'STANDART'"),
        ({"a": {"put_per_1000": {"STANDARD": "0.005"}}}, r"STANDARD must be a number of USD.* not '0.005'"),
        ({"a": {"batch_per_job": -1}}, r"a.batch_per_job must be a number of USD, 0 or more, not -1\."),
        ({"a": {"batch_per_job": -0.25}}, r"0 or more, not -0.25\."),
        ({"a": {"batch_per_job": True}}, r"a.batch_per_job must be a number"),
        ({"a": {"batch_per_job": float("nan")}}, r"a.batch_per_job must be a number"),
        ({"a": {"restore_per_1000": {"STANDARD": {}}}}, r"restore_per_1000 has no 'STANDARD'"),
        ({"a": {"restore_per_1000": {"GLACIER": {"bulk": 1}}}}, r"GLACIER has no 'bulk'"),
        ({"a": {"transfer_per_gb": {"b": None}}}, r"transfer_per_gb.b must be a number"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, regions: Any, sentence: str) -> None:
    with pytest.raises(PriceError, match=sentence):
        load_prices(written(tmp_path, regions))


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="`schema` 1 if any"):
        load_prices(written(tmp_path, {}, schema=2))


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff"])
def test_what_is_no_json_object_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(PriceError, match=r"The price file .*mine.json"):
        load_prices(path)
