"""Numbers, sizes, durations, times and names as people read them."""

import re
import unicodedata
from datetime import datetime

NONE = "\u2013"
"""What stands for a value that nobody knows."""

_BYTE_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_COUNT_UNITS = ((10**12, "tn"), (10**9, "bn"), (10**6, "M"), (10**3, "k"))
_MINUTE, _HOUR, _DAYS = 60, 3600, 3 * 86400
_CENTS = 0.1
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_FIRST_YEAR_OF_FOUR_DIGITS = 1000


def whole(value: int | None) -> str:
    """1,234,567."""
    return NONE if value is None else f"{value:,}"


def compact(value: float) -> str:
    """1.5 M; exact below a thousand."""
    for size, unit in _COUNT_UNITS:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def size(count: int | None) -> str:
    """Bytes in powers of 1,024, as the temporary storage is billed: 1.50 TiB."""
    if count is None:
        return NONE
    power = min(max(count.bit_length() - 1, 0) // 10, len(_BYTE_UNITS) - 1)
    return f"{count:,} bytes" if not power else f"{_digits(count / 1024**power)} {_BYTE_UNITS[power]}"


def percent(part: int, total: int) -> str:
    """Cut, not rounded: 100 % only when it is all of it, 0 % only when it is none."""
    if not total:
        return NONE
    if 0 < part * 1000 < total:
        return "< 0.1 %"
    tenths = part * 1000 // total
    return f"{tenths // 10} %" if part in {0, total} else f"{tenths / 10:.1f} %"


def usd(amount: float | None) -> str:
    """$1,234.50; less than ten cents keep two significant digits."""
    if amount is None:
        return NONE
    return f"${amount:,.2f}" if amount >= _CENTS or not amount else f"${amount:.2g}"


def number(value: float | None) -> str:
    """Three significant digits, more before the decimal point: 12,345 or 0.0123."""
    return NONE if value is None else _digits(value)


def duration(seconds: float | None) -> str:
    """The two largest units: 4 d 3 h, 48 h, 4 h 12 min, 35 s, 12 ms. Up to three days in hours, as AWS tells
    them."""
    if seconds is None:
        return NONE
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    if round(seconds) < _HOUR:
        return _two(round(seconds), 60, "min", "s")
    if seconds < _DAYS:
        return _two(round(seconds / _MINUTE), 60, "h", "min")
    return _two(round(seconds / _HOUR), 24, "d", "h")


def moment(at: datetime | None) -> str:
    """2026-11-21 03:04, in UTC."""
    return NONE if at is None else f"{at:%Y-%m-%d %H:%M}"


def visible(text: str) -> str:
    """`text` with characters that cannot be seen, or that reorder what is seen, written as \\u escapes."""
    return re.sub(r"[^\x20-\x7e]", _shown, text)


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _two(count: int, per: int, unit: str, small_unit: str) -> str:
    first, rest = divmod(count, per)
    return f"{first} {unit} {rest} {small_unit}" if rest else f"{first} {unit}"


def _digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 or not value else f"{value:.2g}"
