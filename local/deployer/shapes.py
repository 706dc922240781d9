"""Inputs as the provider spells them, turned into what AWS's own interfaces take."""

from collections.abc import Mapping
from typing import Any, cast

_SPELLED_OTHERWISE = {
    "enforceWorkgroupConfiguration": "EnforceWorkGroupConfiguration",
    "publishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled",
    "id": "ID",
    "serDeInfo": "SerdeInfo",
    "sseAlgorithm": "SSEAlgorithm",
}
_FREE = {"parameters", "tags"}
"""Maps with keys of the user's own."""


def api_names(inputs: Mapping[str, Any], wanted: str = "") -> dict[str, Any]:
    """The inputs in PascalCase, inner ones too; only those `wanted` (words of one text), if any are named."""
    names = wanted.split() or list(inputs)
    return {_name(name): _inner(name, inputs[name]) for name in names if name in inputs}


def tag_list(inputs: Mapping[str, Any]) -> Any:
    """The tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in inputs.get("tags", {}).items()]


def _name(name: str) -> str:
    return _SPELLED_OTHERWISE.get(name, name[0].upper() + name[1:])


def _inner(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_inner(name, each) for each in cast("list[Any]", value)]
    if isinstance(value, dict) and name not in _FREE:
        return api_names(cast("dict[str, Any]", value))
    return cast("Any", value)
