"""The fields of a JSON object that somebody sent, each with its type and bounds checked."""

import json
import re
from collections.abc import Collection, Mapping
from typing import cast

from thaw.core.errors import TimestampError
from thaw.core.job_request_errors import BAD_REQUEST, JobRefusedError
from thaw.core.times import parse

MAX_NUMBER = 2**53 - 1
"""The largest whole number that every reader of JSON takes: https://www.rfc-editor.org/rfc/rfc8259#section-6"""

_SHOWN = 60
"""Characters of a value that an error repeats."""


class Fields:
    """Reads `body`, an object called `what` in errors, whose fields can only be `known`.

    Every method raises JobRefusedError (400) for a field that is not as it says; null is no value.
    """

    def __init__(self, body: object, what: str, known: Collection[str]) -> None:
        if not isinstance(body, Mapping):
            raise _bad(f"{what} must be a JSON object, not {shown(body)}.")
        self._body: Mapping[object, object] = body  # pyright: ignore[reportUnknownMemberType] - checked as read
        self._what = what
        for name in self._body:
            if name not in known:
                raise _bad(f"{what} has no field {shown(name)}; it may have {', '.join(sorted(known))}.")

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def required(self, name: str) -> object:
        """The value, whatever it is."""
        if name not in self._body:
            raise _bad(f"{self._what} lacks the field {name}.")
        return self._body[name]

    def text(self, name: str, default: str | None = None, *, pattern: str = "", rule: str = "") -> str:
        """Text that fits the whole `pattern`, which `rule` puts in words; required without a `default`."""
        if name not in self._body and default is not None:
            return default
        value = self.required(name)
        if not isinstance(value, str):
            raise _bad(f"{name} must be text, not {shown(value)}.")
        if pattern and not re.fullmatch(pattern, value, re.DOTALL):
            raise _bad(f"{name} is {shown(value)}; it must be {rule}.")
        return value

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """One of `choices`, spelled so; required without a `default`."""
        value = self.text(name, default)
        if value not in choices:
            raise _bad(f"{name} is {shown(value)}; it must be {_either(choices)}.")
        return value

    def choices(self, name: str, choices: Collection[str]) -> tuple[str, ...]:
        """Several of `choices`, each once; none where the field is absent."""
        if name not in self._body:
            return ()
        values = _list(self._body[name])
        if not values:
            raise _bad(f"{name} must be a list of {_either(choices)}, not {shown(self._body[name])}.")
        for value in values:
            if value not in choices or values.count(value) > 1:
                raise _bad(f"{name} has {shown(value)}; it must be a list of {_either(choices)}, each once.")
        return tuple(map(str, values))

    def flag(self, name: str, *, default: bool) -> bool:
        """true or false."""
        value = self._body.get(name, default)
        if not isinstance(value, bool):
            raise _bad(f"{name} must be true or false, not {shown(value)}.")
        return value

    def number(self, name: str, low: int, high: int = MAX_NUMBER) -> int | None:
        """A whole number from `low` to `high`; None where the field is absent."""
        if name not in self._body:
            return None
        value = self._body[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise _bad(f"{name} must be a whole number, not {shown(value)}.")
        if not low <= value <= high:
            raise _bad(f"{name} is {shown(value)}; it must be from {low} to {high}.")
        return int(value)

    def moment(self, name: str) -> str:
        """A time with a UTC offset, in fixed-width ISO-8601; "" where the field is absent."""
        if name not in self._body:
            return ""
        try:
            return parse(self.text(name))
        except TimestampError as exc:
            raise _bad(
                f"{name} is {shown(self._body[name])}; it must be a time like 2026-11-21T03:04:05Z."
            ) from exc


def shown(value: object) -> str:
    """`value` as JSON for a sentence, cut where it is long."""
    text = json.dumps(value, default=repr)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _either(choices: Collection[str]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def _bad(message: str) -> JobRefusedError:
    return JobRefusedError(message, BAD_REQUEST)
