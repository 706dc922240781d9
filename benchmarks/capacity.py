"""What DynamoDB would bill for a call, from the items themselves.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from analytics.price_file import load_prices
from thaw.core.prices import Rate, RegionPrices

Item = Mapping[str, Any]

REGION = "us-east-1"
PRICES = f"{REGION}, on-demand, standard table class, since 2024-11-01, https://aws.amazon.com/dynamodb/pricing/on-demand/"

_READ_UNIT_BYTES = 4096
_WRITE_UNIT_BYTES = 1024
_TRANSACTIONAL = 2
_COLLECTION_BYTES = 3
_ELEMENT_BYTES = 1


def dollars(read_units: float, write_units: float) -> float:
    """The price of on-demand request units."""
    rates = _prices().rates
    read, write = rates[Rate.DYNAMODB_READ_PER_MILLION], rates[Rate.DYNAMODB_WRITE_PER_MILLION]
    return (read_units * float(read) + write_units * float(write)) / 1e6


@cache
def _prices() -> RegionPrices:
    return load_prices().region(REGION)


def read_units(size_bytes: int) -> int:
    """Of a strongly consistent read: an item of BatchGetItem (absent: 0 bytes), or a page of a Query."""
    return max(-(-size_bytes // _READ_UNIT_BYTES), 1)


def transactional_write_units(old: Item, new: Item) -> int:
    """Of an item written in a transaction: the larger of what it was and what it becomes counts."""
    size_bytes = max(item_bytes(old), item_bytes(new))
    return _TRANSACTIONAL * max(-(-size_bytes // _WRITE_UNIT_BYTES), 1)


def item_bytes(item: Item) -> int:
    """The size that units are counted from: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    kind, content = next(iter(value.items()))
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.strip("-").strip("0")) + 1) // 2 + 1
        case "M":
            return _COLLECTION_BYTES + sum(
                _ELEMENT_BYTES + len(name.encode()) + _value_bytes(part) for name, part in content.items()
            )
        case "L":
            return _COLLECTION_BYTES + sum(_ELEMENT_BYTES + _value_bytes(part) for part in content)
        case _:
            raise NotImplementedError(kind)
