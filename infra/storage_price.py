"""What a GB and month of temporary storage costs: as the settings say, else as the dated price file does."""

from analytics.price_file import load_prices
from infra.errors import SettingsError
from thaw.core.errors import PriceError


def usd_per_gb_month(configured: str, region: str) -> float:
    """`configured`, decimal text, unless it is empty; else the Region's price. Raises SettingsError."""
    if configured:
        return float(configured)
    try:
        return float(load_prices().region(region).temporary_storage_usd_per_gb_month)
    except PriceError as exc:
        raise SettingsError(
            f"thaw:usd_per_gb_month is '', but the price file has no price of temporary storage for {region};"
            " set it to the US dollars that S3 bills there for a GB and month of S3 Standard."
        ) from exc
