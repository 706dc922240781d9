"""Sizes as people write them."""

import re
from decimal import Decimal

import click

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTP]?)(i?)B?", re.IGNORECASE)


class Size(click.ParamType[int]):
    """Bytes, such as 1500, 20GB or 1.5TiB."""

    name = "bytes"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = _SIZE.fullmatch(value.strip())
        if not match:
            self.fail(
                f"{value!r} is no size: give bytes, such as 1500, 20GB (10^9) or 1.5TiB (2^40).", param, ctx
            )
        number, unit, binary = match.groups()
        return int(Decimal(number) * (1024 if binary else 1000) ** _UNITS[unit.upper()])
