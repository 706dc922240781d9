"""Exact USD: fractions, or None where a price is not known. Nothing costs nothing, known or not."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

Amount = Fraction | None


def priced(price: Decimal | None, quantity: Fraction | int, per: int = 1) -> Amount:
    """`quantity` at `price` for `per` of them."""
    if not quantity:
        return Fraction(0)
    return None if price is None else Fraction(price) * quantity / per


def added(amounts: Iterable[Amount]) -> Amount:
    """The sum; None if an amount is not known."""
    total = Fraction(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
