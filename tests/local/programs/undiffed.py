"""A dynamic resource whose provider does not say what a change means: the engine compares by itself."""

from typing import Any

import pulumi
from pulumi import dynamic


class Counting(dynamic.ResourceProvider):
    """Counts its updates."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult("counting", {**props, "updates": 0})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult({**_news, "updates": _olds["updates"] + 1})


class Counted(dynamic.Resource):
    updates: pulumi.Output[int]

    def __init__(self, value: str) -> None:
        super().__init__(Counting(), "counted", {"value": value, "updates": None})


pulumi.export("updates", Counted(pulumi.Config().require("value")).updates)
