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
