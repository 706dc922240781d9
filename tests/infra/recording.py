"""Runs `__main__.py` under Pulumi's mocks and keeps what it registered, for tests to look at."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from pulumi.runtime import mocks, rpc

from local.deployer.program import run_program

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, REGION = "123456789012", "eu-central-1"


@dataclass(frozen=True)
class Resource:
    """One registered resource; `inputs` as the engine would get them, camelCase."""

    type: str
    name: str
    inputs: dict[str, Any]
    urn: str
    parent: str
    protect: bool
    ignore_changes: list[str]
    dependencies: list[str]
    create_timeout: str


@dataclass
class Recorded:
    """All that a run registered."""

    resources: list[Resource] = field(default_factory=list[Resource])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    completed_components: set[str] = field(default_factory=set[str])

    def of_type(self, type_: str) -> list[Resource]:
        """The resources of a type token's end, `sqs/queue:Queue`."""
        return [each for each in self.resources if each.type.endswith(type_)]

    def one(self, type_: str, name: str | None = None) -> Resource:
        """The only resource of this type (and name)."""
        (found,) = [each for each in self.of_type(type_) if name in (None, each.name)]
        return found


_API = {
    "rootResourceId": "root",
    "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api",
    "invokeUrl": f"https://api.execute-api.{REGION}.amazonaws.com/v1",
}
"""What the provider says of an API and its stage."""


class _Mocks(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"unexpected provider function {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = cast(dict[str, Any], args.inputs)
        name = inputs.get("name", args.name)
        service = args.typ.split(":")[1].split("/")[0] if args.typ.startswith("aws:") else "dynamic"
        arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"
        if service == "s3":
            arn = f"arn:aws:s3:::{inputs['bucket']}"
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        return f"{args.name}-id", {"arn": arn, "url": url, "name": name, **_API, **inputs}


class _Monitor(mocks.MockMonitor):
    def __init__(self, recorded: Recorded) -> None:
        super().__init__(_Mocks())
        self.recorded = recorded

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the engine's name)
        answer = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.recorded.resources.append(
                Resource(
                    request.type,
                    request.name,
                    _unwrapped(rpc.deserialize_properties(request.object)),
                    answer.urn,
                    request.parent,
                    request.protect,
                    list(request.ignoreChanges),
                    list(request.dependencies),
                    request.customTimeouts.create,
                )
            )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the engine's name)
        outputs = _unwrapped(rpc.deserialize_properties(request.outputs))
        if "pulumi:pulumi:Stack" in request.urn.rsplit("::", 2)[-2].split("$")[-1]:
            self.recorded.outputs.update(outputs)
        self.recorded.completed_components.add(request.urn)
        return super().RegisterResourceOutputs(request)


def _unwrapped(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def record(config: Mapping[str, Any], *, preview: bool = False) -> Recorded:
    """Runs the program with these config values, once a process; gives what it registered, raises what it
    raises. A key without namespace is of `thaw:`.
    """
    return _recorded(json.dumps(config), preview=preview)


@cache
def _recorded(config: str, *, preview: bool) -> Recorded:
    recorded = Recorded()
    record_into(recorded, json.loads(config), preview=preview)
    return recorded


def record_into(recorded: Recorded, config: Mapping[str, Any], *, preview: bool = False) -> None:
    """The same, run anew; what is registered before an error stands in `recorded`."""
    run_program(_Monitor(recorded), {"aws:region": REGION, **config}, preview=preview, stack="test")
