"""Runs the state machines of infra/ in this process, as far as their definitions need it.

https://states-language.net/spec.html; JSONPath machines only.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tests.vault_world.crashes import Killed

Invoke = Callable[[str, Any], Any]
"""Calls a function, by its ARN or name, with a payload."""

WaitForToken = Callable[[str, float], str]
"""Waits for the answer to a token so many seconds; raises StateError("States.Timeout")."""

_FORMAT = re.compile(r"States\.(\w+)\((.*)\)")
_MATCHED_BY_TASK_FAILED = re.compile(r"(?!States\.Timeout$).*")
_MOST_STEPS = 10_000

Node = Mapping[str, Any]


class StateError(Exception):
    """A step failed with an error of this name; `cause` tells more."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Hands:
    """What a machine acts by: functions, folders of S3, waiting for a token or for time to pass."""

    invoke: Invoke
    keys: Callable[[str, str], list[str]]
    wait_for_token: WaitForToken
    pause: Callable[[float], None]
    new_token: Callable[[], str]


@dataclass
class Machine:
    """One definition. `run` gives the output, or raises StateError as the execution would fail."""

    definition: Node
    hands: Hands

    def run(self, given: Any, execution: str) -> Any:
        name = execution.rpartition(":")[2]
        context = {"Execution": {"Id": execution, "Name": name, "Input": given}}
        return self._states(self.definition, given, context)

    def _states(self, definition: Node, given: Any, context: Node) -> Any:
        name: str = definition["StartAt"]
        for _ in range(_MOST_STEPS):
            state: Node = definition["States"][name]
            given, following = self._state(state, given, {**context, "State": {"Name": name}})
            if not following:
                return given
            name = following
        raise AssertionError(f"{name} comes again and again")

    def _state(self, state: Node, given: Any, context: Node) -> tuple[Any, str]:
        """Output and the next state's name, "" at the end."""
        match state["Type"]:
            case "Choice":
                return given, _chosen(state, given)
            case "Fail":
                raise StateError(_told(state, "Error", given), _told(state, "Cause", given))
            case "Succeed":
                return _path(given, state.get("OutputPath", "$")), ""
            case "Wait":
                self.hands.pause(float(state.get("Seconds", 0)))
                return given, state.get("Next", "")
            case "Pass":
                result = state.get("Result", _filled(state.get("Parameters"), given, context, given))
                return _placed(state, given, result), state.get("Next", "")
            case _:
                return self._tried(state, given, context)

    def _tried(self, state: Node, given: Any, context: Node) -> tuple[Any, str]:
        """A Task or a Map, with its retries and catchers."""
        tries: dict[int, int] = {}
        while True:
            try:
                raw = self._acted(state, given, context)
            except StateError as exc:
                if self._again(state, exc, tries):
                    continue
                for catcher in state.get("Catch", []):
                    if _matches(catcher["ErrorEquals"], exc.error):
                        error = {"Error": exc.error, "Cause": exc.cause}
                        return _put(given, catcher.get("ResultPath", "$"), error), catcher["Next"]
                raise
            result = _filled(state.get("ResultSelector"), raw, context, raw)
            return _placed(state, given, result), state.get("Next", "")

    def _again(self, state: Node, error: StateError, tries: dict[int, int]) -> bool:
        for number, retrier in enumerate(state.get("Retry", [])):
            if _matches(retrier["ErrorEquals"], error.error):
                tries[number] = tries.get(number, 0) + 1
                self.hands.pause(float(retrier.get("IntervalSeconds", 1)))
                return tries[number] <= retrier.get("MaxAttempts", 3)
        return False

    def _acted(self, state: Node, given: Any, context: Node) -> Any:
        if state["Type"] == "Map":
            return self._mapped(state, given, context)
        token = self.hands.new_token() if state["Resource"].endswith(".waitForTaskToken") else ""
        context = {**context, "Task": {"Token": token}}
        asked = _filled(state.get("Parameters"), given, context, given)
        payload = self._invoked(asked["FunctionName"], asked["Payload"])
        if token:
            return json.loads(self.hands.wait_for_token(token, float(state["TimeoutSeconds"])))
        return {"Payload": payload, "StatusCode": 200}

    def _invoked(self, function: str, payload: Any) -> Any:
        """A function's answer went through JSON, and its death is an error of Lambda's own."""
        try:
            return json.loads(json.dumps(self.hands.invoke(function, json.loads(json.dumps(payload)))))
        except Killed:
            raise StateError("Lambda.Unknown", "the process died") from None
        except Exception as exc:
            raise StateError(type(exc).__name__, str(exc)) from exc

    def _mapped(self, state: Node, given: Any, context: Node) -> list[Any]:
        outputs: list[Any] = []
        for index, value in enumerate(self._items(state, given, context)):
            item = {"Index": index, "Value": value}
            inner = {**context, "Map": {"Item": item}}
            one = _filled(state.get("ItemSelector"), given, inner, value)
            outputs.append(self._states(state["ItemProcessor"], one, inner))
        return outputs

    def _items(self, state: Node, given: Any, context: Node) -> list[Any]:
        reader = state.get("ItemReader")
        if reader is None:
            return list(_path(given, state.get("ItemsPath", "$")))
        where = _filled(reader["Parameters"], given, context, None)
        return [{"Key": key} for key in self.hands.keys(where["Bucket"], where["Prefix"])]


def _matches(names: list[str], error: str) -> bool:
    return (
        error in names
        or "States.ALL" in names
        or ("States.TaskFailed" in names and bool(_MATCHED_BY_TASK_FAILED.fullmatch(error)))
    )


def _told(state: Node, name: str, given: Any) -> str:
    """A field of a Fail state, which may be a path."""
    path = state.get(f"{name}Path")
    return str(_path(given, path)) if path else state.get(name, "")


def _placed(state: Node, given: Any, result: Any) -> Any:
    placed = _put(given, state.get("ResultPath", "$"), result)
    return _path(placed, state.get("OutputPath", "$"))


def _put(given: Any, path: str | None, result: Any) -> Any:
    if path is None:
        return given
    if path == "$":
        return result
    head, _, rest = path.removeprefix("$.").partition(".")
    inner = _put(given.get(head, {}), f"$.{rest}", result) if rest else result
    return {**given, head: inner}


def _path(given: Any, path: str) -> Any:
    for step in re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", path):
        try:
            given = given[step[0]] if step[0] else given[int(step[1])]
        except (KeyError, IndexError, TypeError) as exc:
            raise StateError("States.Runtime", f"{path} is not in {given}") from exc
    return given


def _filled(template: Any, given: Any, context: Node, otherwise: Any) -> Any:
    """A payload template with its values; `otherwise` where there is none."""
    if template is None:
        return otherwise
    if isinstance(template, Mapping):
        filled: dict[str, Any] = {}
        for key, value in cast("Node", template).items():
            if key.endswith(".$"):
                filled[key.removesuffix(".$")] = _computed(value, given, context)
            else:
                filled[key] = _filled(value, given, context, None)
        return filled
    if isinstance(template, list):
        return [_filled(each, given, context, None) for each in cast("list[Any]", template)]
    return template


def _computed(text: str, given: Any, context: Node) -> Any:
    if found := _FORMAT.fullmatch(text):
        arguments = [_argument(each.strip(), given, context) for each in _split(found[2])]
        return _INTRINSICS[found[1]](arguments)
    return _path(context, text[1:]) if text.startswith("$$") else _path(given, text)


def _argument(text: str, given: Any, context: Node) -> Any:
    return text[1:-1] if text.startswith("'") else _computed(text, given, context)


def _split(text: str) -> list[str]:
    return re.findall(r"(?:'[^']*'|[^,'])+", text)


def _format(arguments: list[Any]) -> str:
    text, *values = arguments
    for value in values:
        text = text.replace("{}", str(value), 1)
    return text


_INTRINSICS: Mapping[str, Callable[[list[Any]], Any]] = {
    "Format": _format,
    "StringToJson": lambda arguments: json.loads(arguments[0]),
    "JsonToString": lambda arguments: json.dumps(arguments[0]),
    "ArrayLength": lambda arguments: len(arguments[0]),
}


def _chosen(state: Node, given: Any) -> str:
    for rule in state["Choices"]:
        if _holds(rule, given):
            return rule["Next"]
    if "Default" not in state:
        raise StateError("States.NoChoiceMatched")
    return state["Default"]


def _holds(rule: Node, given: Any) -> bool:
    if "And" in rule:
        return all(_holds(each, given) for each in rule["And"])
    if "Or" in rule:
        return any(_holds(each, given) for each in rule["Or"])
    if "Not" in rule:
        return not _holds(rule["Not"], given)
    if "IsPresent" in rule:
        return _is_present(given, rule["Variable"]) == rule["IsPresent"]
    value = _path(given, rule["Variable"])
    comparison = next(name for name in rule if name not in ("Variable", "Next", "Comment"))
    return _COMPARISONS[comparison](value, rule[comparison])


def _is_present(given: Any, path: str) -> bool:
    try:
        _path(given, path)
    except StateError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "BooleanEquals": lambda value, wanted: value is wanted,
    "IsNull": lambda value, wanted: (value is None) == wanted,
    "StringEquals": lambda value, wanted: value == wanted,
    "NumericEquals": lambda value, wanted: _is_number(value) and value == wanted,
    "NumericGreaterThan": lambda value, wanted: _is_number(value) and value > wanted,
    "NumericLessThan": lambda value, wanted: _is_number(value) and value < wanted,
}
