"""The runner of runbooks takes what Automation takes, and refuses what it refuses."""

import json
from typing import Any

import pytest

from tests.deployed.runbooks import Runbook, RunbookError

CONTENT: dict[str, Any] = {
    "schemaVersion": "0.3",
    "parameters": {
        "Vault": {"type": "String", "allowedValues": ["photos"]},
        "Size": {"type": "String", "default": "", "allowedPattern": "^[0-9]{0,18}$"},
    },
    "mainSteps": [
        {
            "name": "Start",
            "action": "aws:executeAwsApi",
            "inputs": {
                "Service": "stepfunctions",
                "Api": "StartExecution",
                "name": "{{ automation:EXECUTION_ID }}",
                "input": '{"vault": "{{ Vault }}", "size": "{{Size}}"}',
            },
            "outputs": [{"Name": "Arn", "Selector": "$.executionArn", "Type": "String"}],
        },
        {"name": "Settle", "action": "aws:sleep", "inputs": {"Duration": "PT30S"}},
        {
            "name": "Taken",
            "action": "aws:assertAwsResourceProperty",
            "inputs": {
                "Service": "stepfunctions",
                "Api": "DescribeExecution",
                "executionArn": "{{ Start.Arn }}",
                "PropertySelector": "$.status",
                "DesiredValues": ["RUNNING"],
            },
        },
    ],
    "outputs": ["Start.Arn"],
}


class Machines:
    def __init__(self, status: str) -> None:
        self.status = status
        self.asked: list[Any] = []
        self.slept: list[str] = []

    def start_execution(self, **asked: str) -> dict[str, str]:
        self.asked.append(asked)
        return {"executionArn": "arn:1"}

    def describe_execution(self, **asked: str) -> dict[str, str]:
        self.asked.append(asked)
        return {"status": self.status}


def run(machines: Machines, **given: str) -> list[str]:
    return Runbook(json.dumps(CONTENT), lambda _: machines, machines.slept.append, "id-1").run(**given)


def test_steps_are_run_one_after_the_other_with_what_is_known() -> None:
    machines = Machines("RUNNING")
    assert run(machines, Vault="photos", Size="7") == ["arn:1"]
    assert machines.asked == [
        {"name": "id-1", "input": '{"vault": "photos", "size": "7"}'},
        {"executionArn": "arn:1"},
    ]
    assert machines.slept == ["PT30S"]


def test_a_property_that_is_another_one_fails_the_step() -> None:
    with pytest.raises(RunbookError, match="FAILED is none of"):
        run(Machines("FAILED"), Vault="photos")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Vault is missing"),
        ({"Vault": "films"}, "none of"),
        ({"Vault": "photos", "Size": "x"}, "does not match"),
        ({"Vault": "photos", "Other": "x"}, "no parameters"),
    ],
)
def test_parameters_are_held_to_their_schema(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(RunbookError, match=sentence):
        run(Machines("RUNNING"), **given)
