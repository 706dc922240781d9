"""The roles of the state machines: what the emulator does not enforce, held against the definitions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.jobs import machine_policies
from infra.jobs.functions import FUNCTIONS
from infra.state_machines.definitions import ALL_MACHINES, definition
from infra.vaults.functions import VAULT_FUNCTIONS
from tests.infra.asl import all_states
from tests.infra.jobs.access import ACCESS

PLACE = ACCESS.place
NAMES = ACCESS.names

each_machine = pytest.mark.parametrize("purpose", ALL_MACHINES)


def allowed(purpose: str) -> dict[str, set[str]]:
    """Resources by action, of the role of a machine."""
    found: dict[str, set[str]] = {}
    for statement in json.loads(machine_policies.policy(purpose, ACCESS))["Statement"]:
        resource = statement["Resource"]
        for action in statement["Action"]:
            found.setdefault(action, set()).update([resource] if isinstance(resource, str) else resource)
    return found


def needed(purpose: str) -> dict[str, set[str]]:
    """The same, as the definition asks for it, without logs."""
    found: dict[str, set[str]] = {}
    definition_of = json.loads(definition(purpose, NAMES, PLACE, ACCESS.jobs_bucket))
    for _, state in all_states(definition_of):
        for action, resource in (*by_call(state), *by_map(state, NAMES.machine(purpose))):
            found.setdefault(action, set()).add(resource)
    return found


def by_call(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a Task needs."""
    parameters: Mapping[str, Any] = state.get("Parameters", {})
    if "FunctionName" in parameters:
        yield "lambda:InvokeFunction", parameters["FunctionName"]
    if "StateMachineArn" in parameters:
        other = parameters["StateMachineArn"]
        yield "states:StartExecution", other
        for action in ("states:DescribeExecution", "states:StopExecution"):
            yield action, f"{other.replace(':stateMachine:', ':execution:')}:*"
        for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
            yield action, PLACE.event_rule_arn("StepFunctionsGetEventsForStepFunctionsExecutionRule")


def by_map(state: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """What a Map needs in the machine of this name."""
    if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        yield "states:StartExecution", PLACE.machine_arn(name)
        for action in ("states:DescribeExecution", "states:StopExecution"):
            yield action, PLACE.executions_arn(name)
            yield action, PLACE.map_executions_arn(name)
    reader = state.get("ItemReader", {}).get("Resource", "")
    if reader.endswith("listObjectsV2"):
        yield "s3:ListBucket", PLACE.bucket_arn(ACCESS.jobs_bucket)
    if reader.endswith("getObject"):
        yield "s3:GetObject", f"arn:aws:s3:::{ACCESS.jobs_bucket}/jobs/*/report-parts/*"


@each_machine
def test_a_role_may_do_what_its_machine_does_and_nothing_more(purpose: str) -> None:
    rights = allowed(purpose)
    logs = {
        action for action, resources in rights.items() if action.startswith("logs:") and resources == {"*"}
    }
    assert len(logs) == 8
    assert {action: rights[action] for action in rights.keys() - logs} == needed(purpose)


@each_machine
def test_the_functions_that_a_machine_calls_are_made(purpose: str) -> None:
    made = {PLACE.function_arn(NAMES.job_function(folder)) for folder in (*FUNCTIONS, *VAULT_FUNCTIONS)}
    assert needed(purpose)["lambda:InvokeFunction"] <= made


def test_only_step_functions_of_this_account_takes_on_a_role() -> None:
    (statement,) = json.loads(machine_policies.trust(ACCESS))["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:states:eu-central-1:123456789012:stateMachine:*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
