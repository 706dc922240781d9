"""The price that reports reckon with."""

import pytest

from analytics.price_file import load_prices
from infra.errors import SettingsError
from infra.storage_price import usd_per_gb_month


def test_a_configured_price_wins_and_else_it_is_the_region_s() -> None:
    listed = load_prices().region("eu-central-1").temporary_storage_usd_per_gb_month
    assert usd_per_gb_month("", "eu-central-1") == float(listed)
    assert usd_per_gb_month("0.5", "eu-central-1") == 0.5
    assert usd_per_gb_month("0.5", "mars-north-1") == 0.5


def test_a_region_without_price_needs_one_in_the_config() -> None:
    with pytest.raises(SettingsError) as caught:
        usd_per_gb_month("", "mars-north-1")
    assert str(caught.value) == (
        "thaw:usd_per_gb_month is '', but the price file has no price of temporary storage for mars-north-1;"
        " set it to the US dollars that S3 bills there for a GB and month of S3 Standard."
    )
