"""The dated file of list prices, by Region, and a user's own file over it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from thaw.core.archives import VAULT_CLASS
from thaw.core.errors import PriceError
from thaw.core.prices import ARCHIVE_CLASSES, DESTINATION_CLASSES, TIERS, Rate, RegionPrices

FOLDER = Path(__file__).parent / "prices"
SCHEMA = 1

_BY_CLASS = ("storage_per_gb_month", "put_per_1000")
_BY_TIER = ("restore_per_1000", "retrieval_per_gb")
_TRANSFER = "transfer_per_gb"
_KEYS = (*_BY_CLASS, *_BY_TIER, _TRANSFER, *Rate)

Document = Mapping[str, Any]


@dataclass(frozen=True)
class PriceList:
    """Prices by Region. `date` is when the dated file was put together, `source` the files that were read."""

    date: str
    source: str
    regions: Mapping[str, RegionPrices]

    def region(self, name: str) -> RegionPrices:
        """The prices of a Region. Raises PriceError for one that is not there."""
        try:
            return self.regions[name]
        except KeyError:
            known = ", ".join(sorted(self.regions))
            raise PriceError(
                f"There are no prices for the Region {name!r} in {self.source}; known are {known}."
                " Give a file with its prices (--prices, see docs/cost.md)."
            ) from None


def load_prices(path: Path | None = None) -> PriceList:
    """The dated file, with the prices of the file at `path`, of the same shape, in place of its own.

    Raises PriceError when either is no price file.
    """
    dated = max(FOLDER.glob("*.json"))
    documents = [_read(dated), *([_read(path)] if path else [])]
    regions: dict[str, RegionPrices] = {}
    merged: dict[str, Any] = {}
    for document, source in zip(documents, (dated, path), strict=False):
        parts = document.get("regions")
        if document.get("schema", SCHEMA) != SCHEMA or not isinstance(parts, dict):
            raise PriceError(
                f"{source} is no price file: it needs a JSON object `regions`, and `schema` {SCHEMA} if any."
            )
        for name, part in cast("dict[str, Any]", parts).items():
            merged[name] = _merge(merged.get(name, {}), part)
            regions[name] = _region(name, merged[name], str(source))
    return PriceList(str(documents[0]["date"]), " and ".join(map(str, filter(None, (dated, path)))), regions)


def _read(path: Path) -> Document:
    """Numbers are read as exact decimals."""
    try:
        document = json.loads(path.read_bytes(), parse_float=Decimal, parse_int=Decimal)
    except (OSError, ValueError) as exc:
        raise PriceError(f"The price file {path} cannot be read: {exc}.") from exc
    if not isinstance(document, dict):
        raise PriceError(f"The price file {path} holds no JSON object.")
    return cast("Document", document)


def _merge(below: Any, above: Any) -> Any:
    """`above` over `below`, key by key."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    old, new = cast("dict[str, Any]", below), cast("dict[str, Any]", above)
    return {**old, **{key: _merge(old.get(key), value) for key, value in new.items()}}


def _region(name: str, part: Any, source: str) -> RegionPrices:
    place = f"{source}: {name}"
    known = _object(part, place, _KEYS)
    tables = {key: _object(known.get(key, {}), f"{place}.{key}", DESTINATION_CLASSES) for key in _BY_CLASS}
    storage, put = (_prices(tables[key], f"{place}.{key}") for key in _BY_CLASS)
    restore, retrieval = (_by_tier(known.get(key, {}), f"{place}.{key}") for key in _BY_TIER)
    transfer = _prices(_object(known.get(_TRANSFER, {}), f"{place}.{_TRANSFER}"), f"{place}.{_TRANSFER}")
    rates = {rate: _price(known[rate], f"{place}.{rate}") for rate in Rate if rate in known}
    return RegionPrices(name, storage, put, restore, retrieval, transfer, rates)


def _by_tier(table: Any, place: str) -> dict[tuple[str, str], Decimal]:
    return {
        (storage_class, tier): _price(price, f"{place}.{storage_class}.{tier}")
        for storage_class, tiers in _object(table, place, (*ARCHIVE_CLASSES, VAULT_CLASS)).items()
        for tier, price in _object(tiers, f"{place}.{storage_class}", TIERS).items()
    }


def _prices(table: Mapping[str, Any], place: str) -> dict[str, Decimal]:
    return {key: _price(value, f"{place}.{key}") for key, value in table.items()}


def _object(value: Any, place: str, known: tuple[str, ...] | None = None) -> dict[str, Any]:
    """A JSON object none of whose keys is unknown, so that no misspelt price is silently ignored."""
    if not isinstance(value, dict):
        raise PriceError(f"{place} must be a JSON object, not {_shown(value)}.")
    table = cast("dict[str, Any]", value)
    unknown = sorted(set(table) - set(known or table))
    if unknown:
        raise PriceError(f"{place} has no {unknown[0]!r}: known are {', '.join(known or ())}.")
    return table


def _price(value: Any, place: str) -> Decimal:
    if not isinstance(value, Decimal) or value < 0:
        raise PriceError(f"{place} must be a number of USD, 0 or more, not {_shown(value)}.")
    return value


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)
