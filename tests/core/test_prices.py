"""Prices of a Region: what is not known is said to be missing."""

from decimal import Decimal

import pytest

from thaw.core.errors import PriceError
from thaw.core.prices import RegionPrices


def test_a_temporary_copy_costs_what_s3_standard_costs() -> None:
    prices = RegionPrices("eu-west-1", storage={"STANDARD": Decimal("0.023"), "GLACIER": Decimal("0.0036")})
    assert prices.temporary_storage_usd_per_gb_month == Decimal("0.023")


def test_a_missing_price_of_temporary_copies_is_named_with_its_region_and_the_way_out() -> None:
    with pytest.raises(
        PriceError, match=r"prices of mars-1 lack storage_per_gb_month of STANDARD: add it to the price file"
    ):
        _ = RegionPrices("mars-1").temporary_storage_usd_per_gb_month
