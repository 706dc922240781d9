"""A function's environment in a test, and what the function says of one that is wrong."""

import os
from collections.abc import Callable, Mapping

import pytest

from lambdas.environment import SettingsError

REGION = "eu-north-1"

Reader = Callable[[Mapping[str, str]], object]
"""What makes settings of an environment."""


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """These variables in REGION, and none of AWS or Powertools from outside."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))]:
        monkeypatch.delenv(name)
    for name, value in {**variables, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)


def refusal(read: Reader, variables: Mapping[str, str]) -> str:
    """What is said of wrong variables."""
    with pytest.raises(SettingsError) as raised:
        read(variables)
    return str(raised.value)


def assert_required(read: Reader, variables: Mapping[str, str], name: str) -> None:
    """Missing or empty, the variable is named."""
    others = {other: value for other, value in variables.items() if other != name}
    for wrong in (others, {**others, name: ""}):
        told = refusal(read, wrong)
        assert told == f"Environment variable {name} is not set; deploy the stack again."
