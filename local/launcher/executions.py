"""Mends of the emulator's Step Functions."""

import json
import time
from collections.abc import Callable
from typing import Any

import shapes

_MOST_BYTES = 262_144
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions"""

_LOOK_SECONDS = 0.02


def a_running_execution_is_started_only_once(states: Any) -> None:
    """A second start with the same name and input, while the first runs, is refused where AWS says yes.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """

    def make(original: Any) -> Callable[..., Any]:
        def start(data: dict[str, Any]) -> Any:
            running = _running(states, data)
            if running is None or running["input"] != data.get("input", "{}"):
                return original(data)
            found = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
            return states.json_response(found)

        return start

    shapes.replace(states, "_start_execution", "9923282fc76c", make)


def a_child_execution_is_waited_for_as_any_other(states: Any) -> None:
    """A child that its parent waits for may take the name of another one, and fails with its own error.

    AWS refuses the name, and says States.TaskFailed with the description of the child as the cause.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    """

    def make(_original: Any) -> Callable[..., Any]:
        def run(resource: str, given: dict[str, Any]) -> dict[str, Any]:
            started = states._invoke_nested_start_execution(resource, given)
            child = states._executions[started["ExecutionArn"]]
            while child["status"] == "RUNNING":
                time.sleep(_LOOK_SECONDS)
            described = _described(child)
            if child["status"] != "SUCCEEDED":
                raise states._ExecutionError("States.TaskFailed", json.dumps(described))
            if resource.endswith(".sync:2"):
                described["Output"] = json.loads(described["Output"])
            return described

        return run

    shapes.replace(states, "_invoke_nested_start_execution_sync", "d9f13c4aabed", make)


def a_child_that_cannot_be_started_fails_as_the_sdk_puts_it(states: Any) -> None:
    """The error is named without the service and without `Exception`, so that no Catch of AWS's names it."""

    def make(original: Any) -> Callable[..., Any]:
        def start(resource: str, given: dict[str, Any]) -> dict[str, Any]:
            try:
                return original(resource, given)
            except states._ExecutionError as error:
                raise states._ExecutionError(_as_the_sdk_names(error.error), error.cause) from None

        return start

    shapes.replace(states, "_invoke_nested_start_execution", "fc2b83eed27a", make)


def a_result_may_not_be_larger_than_a_state_may_hold(states: Any) -> None:
    """Results of any size are handed on, where AWS fails with States.DataLimitExceeded."""

    def make(original: Any) -> Callable[..., Any]:
        def select(state: dict[str, Any], result: Any) -> Any:
            size = len(json.dumps(result).encode())
            if size > _MOST_BYTES:
                cause = f"The state returned a result of {size} bytes, more than {_MOST_BYTES}."
                raise states._ExecutionError("States.DataLimitExceeded", cause)
            return original(state, result)

        return select

    shapes.replace(states, "_apply_result_selector", "2c9e674e99b4", make)


def a_path_says_how_many_items_are_under_way(states: Any) -> None:
    """A distributed Map does not know MaxConcurrencyPath, and takes up to 64 items at a time."""

    def make(original: Any) -> Callable[..., Any]:
        def run(state: dict[str, Any], raw_input: Any, effective: Any, *args: Any) -> Any:
            if "MaxConcurrencyPath" in state:
                most = states._resolve_path(state["MaxConcurrencyPath"], effective)
                state = {**state, "MaxConcurrency": most}
            return original(state, raw_input, effective, *args)

        return run

    shapes.replace(states, "_run_distributed_map", "2b77d3ec0e04", make)


def _running(states: Any, data: dict[str, Any]) -> dict[str, Any] | None:
    """The execution of the name that is asked for, if it runs."""
    machine = states._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
    execution = states._executions.get(arn)
    return execution if execution and execution["status"] == "RUNNING" else None


def _described(child: dict[str, Any]) -> dict[str, Any]:
    names = "executionArn input name output startDate stateMachineArn status stopDate error cause"
    return {name[0].upper() + name[1:]: child[name] for name in names.split() if child.get(name) is not None}


def _as_the_sdk_names(error: str) -> str:
    return error if "." in error else f"StepFunctions.{error}Exception"
