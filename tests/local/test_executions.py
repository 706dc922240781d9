"""Executions of state machines as AWS runs them."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator import Emulator
from tests.local.lambdas import make_function
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

ROLE = "arn:aws:iam::000000000000:role/any"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Waits take no time to speak of."""
    with Emulator(wait_scale=0.01) as running:
        yield running


def machine(emulator: Emulator, name: str, **states: Any) -> str:
    """The ARN of a machine that begins with the first of its states."""
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    client = emulator.client("stepfunctions")
    return client.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]


def run(emulator: Emulator, arn: str, given: Any = None) -> Any:
    """The description of an execution that has ended."""
    client = emulator.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))["executionArn"]

    def ended() -> Any:
        described = client.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    return eventually(ended)


def parent_of(child: str, **more: Any) -> dict[str, Any]:
    """A state that starts a child and waits for it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Name": "the-child", "Input": {"number": 7}},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        **more,
    }


CAUGHT = {"Type": "Pass", "End": True}


def test_a_running_execution_of_the_same_name_and_input_is_answered_with_itself(emulator: Emulator) -> None:
    client = emulator.client("stepfunctions")
    arn = machine(emulator, "slow", Wait={"Type": "Wait", "Seconds": 100, "End": True})
    first = client.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    again = client.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    assert again["executionArn"] == first["executionArn"]
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=arn, name="once", input='{"a": 2}')
    client.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')


def test_a_parent_gets_the_output_of_its_child_and_its_name_is_taken_from_then_on(emulator: Emulator) -> None:
    child = machine(emulator, "doubled", Pass={"Type": "Pass", "Parameters": {"twice": 14}, "End": True})
    parent = machine(emulator, "doubling", Run=parent_of(child, End=True), Caught=CAUGHT)
    output = json.loads(run(emulator, parent)["output"])
    assert (output["Output"], output["Status"], output["Name"]) == ({"twice": 14}, "SUCCEEDED", "the-child")
    refused = json.loads(run(emulator, parent)["output"])
    assert refused["Error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_a_failed_child_is_a_failed_task_with_the_child_as_its_cause(emulator: Emulator) -> None:
    child = machine(emulator, "failing", Fail={"Type": "Fail", "Error": "Mine", "Cause": "out of luck"})
    parent = machine(emulator, "hoping", Run=parent_of(child, End=True), Caught=CAUGHT)
    caught = json.loads(run(emulator, parent)["output"])
    cause = json.loads(caught["Cause"])
    assert caught["Error"] == "States.TaskFailed"
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Mine", "out of luck")


def test_a_result_larger_than_256_kib_fails_its_state(emulator: Emulator) -> None:
    make_function(emulator, "wordy", "def handler(event, context): return 'x' * event['characters']")
    function = "arn:aws:lambda:us-east-1:000000000000:function:wordy"
    call = {"Type": "Task", "Resource": function, "ResultSelector": {"ok": True}, "End": True}
    arn = machine(emulator, "verbose", Call=call)
    assert run(emulator, arn, {"characters": 200_000})["status"] == "SUCCEEDED"
    failed = run(emulator, arn, {"characters": 300_000})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_path_says_how_many_items_of_a_distributed_map_run_at_once(emulator: Emulator) -> None:
    slow = """
import time

def handler(event, context):
    start = time.monotonic()
    time.sleep(0.2)
    return [start, time.monotonic()]
"""
    make_function(emulator, "slow", slow)
    function = "arn:aws:lambda:us-east-1:000000000000:function:slow"
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrencyPath": "$.most",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Call",
            "States": {"Call": {"Type": "Task", "Resource": function, "End": True}},
        },
        "End": True,
    }
    arn = machine(emulator, "mapping", Each=each)
    spans = sorted(json.loads(run(emulator, arn, {"items": [1, 2, 3], "most": 1})["output"]))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans)), "one at a time"
