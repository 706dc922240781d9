"""A variable of a function's environment, which the stack sets."""

from collections.abc import Mapping

from thaw.core.errors import ThawError


class SettingsError(ThawError):
    """An environment variable of the function is missing or wrong."""


def required(environ: Mapping[str, str], name: str) -> str:
    """The variable's text. Raises SettingsError where it is missing or empty."""
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"Environment variable {name} is not set; deploy the stack again.")
    return value


def positive(environ: Mapping[str, str], name: str) -> int:
    """The variable's whole number, 1 or more. Raises SettingsError."""
    text = required(environ, name)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"Environment variable {name} is {text!r}; it must be a whole number from 1.")
    return int(text)
