"""Runs the steps of an SSM Automation runbook, which no emulator does: the actions that ours consist of.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import boto3
from botocore import xform_name

_VARIABLE = re.compile(r"\{\{\s*([\w:.]+)\s*\}\}")
_NOT_OF_THE_CALL = ("Service", "Api", "PropertySelector", "DesiredValues")


class RunbookError(Exception):
    """A parameter that the runbook does not take, or a step that failed."""


class Runbook:
    """`clients` makes the client of a service with the rights of whoever runs it; `sleep` takes a duration
    as ISO 8601 spells it. `execution_id` is what the runbook knows itself by."""

    def __init__(
        self, content: str, clients: Callable[[str], Any], sleep: Callable[[str], None], execution_id: str
    ) -> None:
        self._document = cast("dict[str, Any]", json.loads(content))
        self._clients = clients
        self._sleep = sleep
        self._known: dict[str, str] = {"automation:EXECUTION_ID": execution_id}

    def run(self, **given: str) -> list[str]:
        """The outputs, one after the other. Raises RunbookError, and what a call raises."""
        declared: Mapping[str, Mapping[str, Any]] = self._document["parameters"]
        if unknown := set(given) - set(declared):
            raise RunbookError(f"no parameters: {unknown}")
        for name, schema in declared.items():
            self._known[name] = _checked(name, schema, given)
        for step in self._document["mainSteps"]:
            self._step(step)
        return [self._known[output] for output in self._document.get("outputs", [])]

    def _step(self, step: Mapping[str, Any]) -> None:
        asked = {name: self._filled(value) for name, value in step["inputs"].items()}
        match step["action"]:
            case "aws:executeAwsApi":
                answer = self._called(asked)
                for output in step.get("outputs", []):
                    self._known[f"{step['name']}.{output['Name']}"] = _selected(answer, output["Selector"])
            case "aws:assertAwsResourceProperty":
                found = _selected(self._called(asked), asked["PropertySelector"])
                if found not in asked["DesiredValues"]:
                    raise RunbookError(f"{step['name']}: {found} is none of {asked['DesiredValues']}")
            case "aws:sleep":
                self._sleep(asked["Duration"])
            case action:
                raise RunbookError(f"{action} is not run here")

    def _called(self, asked: Mapping[str, Any]) -> Any:
        client = self._clients(asked["Service"])
        request = {name: value for name, value in asked.items() if name not in _NOT_OF_THE_CALL}
        return getattr(client, xform_name(asked["Api"]))(**request)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return _VARIABLE.sub(lambda found: self._known[found[1]], value)
        return value


def runbook(content: str, session: boto3.Session, endpoint_url: str, execution_id: str) -> Runbook:
    """A runbook that runs with the rights of a session, and never waits."""

    def client(service: str) -> Any:
        return cast("Any", session).client(service, endpoint_url=endpoint_url)

    return Runbook(content, client, lambda _duration: None, execution_id)


def _checked(name: str, schema: Mapping[str, Any], given: Mapping[str, str]) -> str:
    if name not in given and "default" not in schema:
        raise RunbookError(f"{name} is missing")
    value = given.get(name, schema.get("default", ""))
    if value not in schema.get("allowedValues", [value]):
        raise RunbookError(f"{name} is {value!r}, none of {schema['allowedValues']}")
    if not re.search(schema.get("allowedPattern", ""), value):
        raise RunbookError(f"{name} is {value!r}, which {schema['allowedPattern']} does not match")
    return value


def _selected(answer: Any, selector: str) -> str:
    for name in selector.removeprefix("$.").split("."):
        answer = answer[name]
    return str(answer)
