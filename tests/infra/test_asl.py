"""The checker of state machines finds what is wrong with them, and nothing in one that is right."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.asl import problems

Machine = dict[str, Any]

CALL = "arn:aws:states:::lambda:invoke"

RIGHT: Machine = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {
                "FunctionName": "f",
                "Payload": {"id.$": "$.id", "n.$": "States.Format('a{}', $.n)"},
            },
            "ResultSelector": {"done.$": "$.Payload.done"},
            "ResultPath": "$.call",
            "TimeoutSeconds": 60,
            "Retry": [
                {"ErrorEquals": ["A"], "IntervalSeconds": 2, "MaxDelaySeconds": 9, "JitterStrategy": "FULL"},
                {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
            "Next": "Done?",
        },
        "Done?": {
            "Type": "Choice",
            "Choices": [
                {"And": [
                    {"Variable": "$.call.done", "IsPresent": True},
                    {"Variable": "$.call.done", "BooleanEquals": False},
                ], "Next": "Later"},
                {"Variable": "$.n", "NumericEquals": 1, "Next": "Each"},
            ],
            "Default": "End",
        },
        "Later": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Call"},
        "Each": {
            "Type": "Map",
            "Label": "Each",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Parameters": {"Bucket": "b", "Prefix.$": "$.prefix"},
            },
            "ItemSelector": {"key.$": "$$.Map.Item.Value.Key"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "One",
                "States": {"One": {"Type": "Pass", "Result": {}, "End": True}},
            },
            "MaxConcurrency": 10,
            "ToleratedFailurePercentage": 0,
            "ResultPath": None,
            "End": True,
        },
        "End": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "ErrorPath": "$.error.Error"},
    },
}  # fmt: skip


def test_a_right_machine_has_no_problem() -> None:
    assert problems(RIGHT) == []


def at(machine: Machine, path: str) -> tuple[Any, Any]:
    """What holds the end of a path, and that end: a name, or a number in a list."""
    node: Any = machine
    *parts, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parts:
        node = node[part]
    return node, last


def setting(path: str, *, to: Any) -> Callable[[Machine], None]:
    """Sets what is at a path within a machine."""

    def change(machine: Machine) -> None:
        node, last = at(machine, path)
        node[last] = to

    return change


def without(path: str) -> Callable[[Machine], None]:
    """Drops what is at a path within a machine."""

    def change(machine: Machine) -> None:
        node, last = at(machine, path)
        del node[last]

    return change


BROKEN: list[tuple[Callable[[Machine], None], str]] = [
    (setting("StartAt", to="Gone"), "StartAt 'Gone' is no state"),
    (setting("Timeout", to=5), "a machine has no Timeout"),
    (setting("States/Call/Next", to="Gone"), "Call: 'Gone' is no state here"),
    (setting("States/Done?/Default", to="Gone"), "Done?: 'Gone' is no state here"),
    (setting("States/Call/Catch/0/Next", to="Gone"), "Call: 'Gone' is no state here"),
    (setting("States/Call/Next", to="One"), "Call: 'One' is no state here"),
    (setting("States/Idle", to={"Type": "Succeed"}), "Idle: nothing leads there"),
    (setting("States/Later/Next", to="Later"), "Later: no end can be reached from there"),
    (setting("States/Call/End", to=True), "Call: it has either Next or End"),
    (without("States/Later/Next"), "Later: it has either Next or End"),
    (setting("States/End/Type", to="Stop"), "End: 'Stop' is no type of state"),
    (setting("States/End/Next", to="Call"), "End: a Succeed has no Next"),
    (setting("States/Failed/Catch", to=[]), "Failed: a Fail has no Catch"),
    (setting("States/Call/TimeoutSecond", to=5), "Call: a Task has no TimeoutSecond"),
    (setting("States/Call/TimeoutSeconds", to=0), "Call: TimeoutSeconds is 0"),
    (without("States/Call/Resource"), "Call: a Task has Resource"),
    (without("States/Done?/Choices"), "Done?: a Choice has Choices"),
    (setting("States/Call/Resource", to="arn:aws:states:::lambda:call"), "lambda:call' is not known"),
    (setting("States/Call/Parameters", to={"Payload": {}}), "lambda:invoke needs FunctionName"),
    (setting("States/Call/Resource", to=f"{CALL}.waitForTaskToken"), "a task waits for the token"),
    (setting("States/Call/Parameters/Payload/t.$", to="$$.Task.Token"), "a task waits for the token"),
    (setting("States/Call/Parameters/FunctionName", to="${F}"), "a placeholder is left"),
    (setting("States/Call/Parameters/Payload/id", to="$.id"), "its name lacks .$"),
    (setting("States/Call/Parameters/Payload/id.$", to="id"), "'id' is no path"),
    (setting("States/Call/Parameters/Payload/id.$", to="$$.Map.Item.Key.x"), "is no path"),
    (setting("States/Call/Parameters/Payload/n.$", to="States.Form('a{}', $.n)"), "is no intrinsic"),
    (setting("States/Call/Parameters/Payload/n.$", to="States.Format('a', $.n)"), "as many {}"),
    (setting("States/Call/ResultPath", to="$.a[*]"), "'$.a[*]' is no reference path"),
    (setting("States/Failed/ErrorPath", to="error"), "Failed: 'error' is no path"),
    (setting("States/Call/Retry", to=[]), "Retry is a list of at least one"),
    (setting("States/Call/Retry/0/ErrorEquals", to=[]), "a Retry has ErrorEquals"),
    (setting("States/Call/Retry/0/ErrorEquals", to=["States.All"]), "is no error of Step Functions"),
    (setting("States/Call/Retry/0/ErrorEquals", to=["States.ALL"]), "stands alone and last in Retry"),
    (setting("States/Call/Retry/1/ErrorEquals", to=["States.ALL", "A"]), "stands alone and last"),
    (setting("States/Call/Retry/0/Interval", to=1), "a Retry has no Interval"),
    (setting("States/Call/Retry/0/IntervalSeconds", to=0), "IntervalSeconds is 0"),
    (setting("States/Call/Retry/0/MaxDelaySeconds", to=2), "MaxDelaySeconds 2 is not above"),
    (setting("States/Call/Retry/0/MaxAttempts", to=-1), "MaxAttempts is -1"),
    (setting("States/Call/Retry/0/BackoffRate", to=0.5), "BackoffRate is 0.5"),
    (setting("States/Call/Retry/0/JitterStrategy", to="SOME"), "JitterStrategy is 'SOME'"),
    (setting("States/Call/Catch/0", to={"ErrorEquals": ["States.ALL"]}), "a Catch has Next"),
    (setting("States/Call/Catch/0/OutputPath", to="$.e"), "a Catch has no OutputPath"),
    (setting("States/Call/Catch/0/ResultPath", to="e"), "'e' is no reference path"),
    (setting("States/Done?/Choices/1", to={"Variable": "$.n", "NumericEquals": 1}), "a rule has Next"),
    (setting("States/Done?/Choices/0/And/0/Next", to="End"), "an inner rule has no Next"),
    (setting("States/Done?/Choices/1/NumericEquals", to="1"), "NumericEquals does not compare with '1'"),
    (setting("States/Done?/Choices/1/NumericEquals", to=True), "does not compare with True"),
    (setting("States/Done?/Choices/1/Equals", to=1), "a rule has one operator"),
    (setting("States/Done?/Choices/1", to={"Variable": "$.n", "Is": 1, "Next": "End"}), "Is is no compar"),
    (setting("States/Done?/Choices/1/Variable", to="n"), "'n' is no path"),
    (setting("States/Later/Seconds", to=5), "Later: a Wait has one time"),
    (without("States/Each/ItemProcessor/ProcessorConfig/ExecutionType"), "has an ExecutionType"),
    (setting("States/Each/ItemProcessor/ProcessorConfig", to={}), "an inline map has no ItemReader"),
    (setting("States/Each/MaxConcurrencyPath", to="$.n"), "either MaxConcurrency or MaxConcurrencyPath"),
    (setting("States/Each/Label", to="x" * 41), "the label is too long"),
    (without("States/Each/ItemReader/Parameters/Bucket"), "s3:listObjectsV2 needs Bucket"),
    (setting("States/Each/ItemReader/Resource", to="arn:aws:states:::s3:list"), "s3:list' is not known"),
    (setting("States/Each/ItemReader/Parameters/Prefix", to="$.p"), "its name lacks .$"),
    (setting("States/Each/ItemProcessor/StartAt", to="Call"), "StartAt 'Call' is no state"),
    (setting("States/Each/ItemProcessor/States/One/Next", to="End"), "either Next or End"),
    (setting("States/Each/ItemProcessor/States/End", to={"Type": "Succeed"}), "End is there twice"),
    (setting(f"States/{'x' * 81}", to={"Type": "Succeed"}), "the name is too long"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "part"), BROKEN, ids=[f"{i} {part}" for i, (_, part) in enumerate(BROKEN)]
)
def test_a_broken_machine_is_found(change: Callable[[Machine], None], part: str) -> None:
    machine = copy.deepcopy(RIGHT)
    change(machine)
    assert any(part in each for each in problems(machine)), problems(machine)
