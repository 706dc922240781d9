"""State machines run here as Step Functions runs them, as far as ours need it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.vault_world.crashes import Killed
from tests.vault_world.machines import Hands, Machine, StateError


class Stage:
    """Functions that answer from a list, and die or fail where it says so."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.waited: list[float] = []

    def invoke(self, function: str, payload: Any) -> Any:
        self.asked.append((function, payload))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def wait_for_token(self, token: str, seconds: float) -> str:
        raise StateError("States.Timeout", f"{token} {seconds}")

    def run(self, given: Any, **states: Mapping[str, Any]) -> Any:
        hands = Hands(
            self.invoke,
            lambda bucket, prefix: [f"{bucket}/{prefix}{number}" for number in range(2)],
            self.wait_for_token,
            self.waited.append,
            lambda: "token",
        )
        return Machine({"StartAt": "First", "States": states}, hands).run(given, "arn:execution:m:run-1")


def task(**fields: Any) -> dict[str, Any]:
    asked = {"FunctionName": "f", "Payload": {"all.$": "$", "name.$": "$$.Execution.Name"}}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": asked, **fields}


def test_a_task_places_what_a_function_answers() -> None:
    stage = Stage({"done": True})
    first = task(ResultSelector={"so.$": "$.Payload.done"}, ResultPath="$.first", Next="Last")
    assert stage.run({"a": 1}, First=first, Last={"Type": "Succeed"}) == {"a": 1, "first": {"so": True}}
    assert stage.asked == [("f", {"all": {"a": 1}, "name": "run-1"})]


def test_a_function_that_died_is_tried_again_and_then_caught() -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Lost"}]
    lost = {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
    stage = Stage(Killed(), "fine", Killed(), ValueError("no"))
    assert stage.run({}, First=task(Retry=retry, Catch=catch, End=True), Lost=lost)["Payload"] == "fine"
    with pytest.raises(StateError, match="ValueError: no"):
        stage.run({}, First=task(Retry=retry, Catch=catch, End=True), Lost=lost)
    assert stage.waited == [5, 5, 5], "also before the try that there is not any more"


def test_a_map_takes_the_files_of_a_folder() -> None:
    reader = {"Parameters": {"Bucket": "b", "Prefix.$": "States.Format('jobs/{}/', $.job_id)"}}
    one = {"StartAt": "One", "States": {"One": task(OutputPath="$.Payload", End=True)}}
    every = {
        "Type": "Map",
        "ItemReader": reader,
        "ItemSelector": {"job_id.$": "$.job_id", "key.$": "$$.Map.Item.Value.Key"},
        "ItemProcessor": one,
        "End": True,
    }
    stage = Stage("a", "b")
    assert stage.run({"job_id": "j"}, First=every) == ["a", "b"]
    assert [asked["all"]["key"] for _, asked in stage.asked] == ["b/jobs/j/0", "b/jobs/j/1"]


def test_a_choice_takes_the_first_rule_that_holds() -> None:
    rules = [
        {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "BooleanEquals": True}]},
        {"Or": [{"Variable": "$.n", "NumericEquals": 0}, {"Variable": "$.n", "NumericGreaterThan": 5}]},
        {"Not": {"Variable": "$.w", "StringEquals": "x"}},
    ]
    choices = [{**rule, "Next": f"Rule{number}"} for number, rule in enumerate(rules)]
    ends = {f"Rule{number}": {"Type": "Pass", "Result": number, "End": True} for number in range(3)}
    first = {"Type": "Choice", "Choices": choices, "Default": "Otherwise"}
    otherwise = {"Type": "Pass", "Result": "otherwise", "End": True}

    def chosen(**given: Any) -> Any:
        return Stage().run({"n": 1, "w": "x", **given}, First=first, Otherwise=otherwise, **ends)

    given: list[dict[str, Any]] = [{"a": True}, {"n": 6}, {"w": "y"}, {"a": 1}]
    assert [chosen(**each) for each in given] == [0, 1, 2, "otherwise"]


def test_a_step_that_waits_for_a_token_times_out() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": "Late"}]
    waiting = task(Catch=catch, TimeoutSeconds=900, Next="Done") | {
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"
    }
    late = {"Type": "Pass", "Result": "late", "End": True}
    assert Stage(None).run({}, First=waiting, Late=late, Done={"Type": "Succeed"}) == "late"
