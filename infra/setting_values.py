"""Checks of single values, each refused with a sentence that names key, value, limit and way out."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from infra.errors import SettingsError

Shape = Literal["string", "integer", "boolean", "array", "object"]
"""The config types that a Pulumi project file knows:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/workspace/project.json (simpleConfigType)"""

_PYTHON_TYPES: Mapping[Shape, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def require(condition: bool, key: str, value: object, limit: str, way_out: str) -> None:  # noqa: FBT001 (a condition, as in assert)
    """Refuse `value` of `key` unless `condition`. Raises SettingsError."""
    if not condition:
        raise SettingsError(f"thaw:{key} is {value!r}, but {limit}; {way_out}.")


def require_range(key: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside `low` to `high`, both allowed. Raises SettingsError."""
    require(
        low <= value <= high, key, value, f"the limits are {low} to {high}", "choose a number between them"
    )


def require_email(key: str, value: str) -> None:
    """Refuse what is no e-mail address; empty is nobody. Raises SettingsError."""
    require("@" in value or not value, key, value, "it is an e-mail address", "correct or drop it")


def require_known(where: str, values: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse keys that nothing reads: a misspelt one would leave its default. Raises SettingsError."""
    names = list(known)
    for key in values:
        if key not in names:
            raise SettingsError(
                f"{where} has the key {key!r}, which is not known; it takes {', '.join(names)}:"
                " correct or remove it."
            )


def as_shape(key: str, value: Any, shape: Shape) -> Any:
    """`value` when it has this shape. Raises SettingsError."""
    right = isinstance(value, _PYTHON_TYPES[shape]) and (shape == "boolean" or not isinstance(value, bool))
    require(right, key, value, f"its type is {shape}", "write it so in YAML")
    return value


def text_field(where: str, values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """The text under `name`; one without default must be there. Raises SettingsError."""
    if name not in values and default is None:
        raise SettingsError(f"thaw:{where} lacks {name!r}, which has no default; add it.")
    return as_shape(f"{where}.{name}", values.get(name, default), "string")


def from_config_text(key: str, text: str, shape: Shape) -> Any:
    """The value that the engine hands over as `text`: plain for a string, JSON for anything else.

    Raises SettingsError.
    """
    if shape == "string":
        return text
    read: Callable[[str], Any] = int if shape == "integer" else json.loads
    try:
        return read(text)
    except ValueError as exc:
        raise SettingsError(f"thaw:{key} is {text!r}, but its type is {shape}; correct it.") from exc
