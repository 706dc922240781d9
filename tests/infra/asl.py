"""A checker of state machines, as AWS checks them when they are made and the emulator does not.

After https://states-language.net/spec.html and what Step Functions adds to it: states that exist, are
reached and can end; known fields with fitting values; known resources.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.asl_values import choice_problems, handler_problems, path_problems, template_problems

Definition = Mapping[str, Any]

COMMON = {"Type", "Comment"}
FLOWING = COMMON | {"Next", "End", "InputPath", "OutputPath"}
RESULTING = FLOWING | {"Parameters", "ResultPath"}
HANDLING = {"ResultSelector", "Retry", "Catch"}
DISTRIBUTED_ONLY = {"ItemReader", "Label", "ToleratedFailurePercentage", "ResultWriter", "ItemBatcher"}
MAP = {"ItemProcessor", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath"}

FIELDS: Mapping[str, set[str]] = {
    "Task": RESULTING | HANDLING | {"Resource", "TimeoutSeconds", "HeartbeatSeconds"},
    "Map": FLOWING | HANDLING | MAP | DISTRIBUTED_ONLY | {"ResultPath"},
    "Pass": RESULTING | {"Result"},
    "Wait": FLOWING | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Choice": COMMON | {"InputPath", "OutputPath", "Choices", "Default"},
    "Succeed": COMMON | {"InputPath", "OutputPath"},
    "Fail": COMMON | {"Error", "Cause", "ErrorPath", "CausePath"},
}
NEEDED: Mapping[str, set[str]] = {
    "Task": {"Resource"},
    "Map": {"ItemProcessor"},
    "Choice": {"Choices"},
}
ENDING = {"Succeed", "Fail"}
PATHS = {
    "InputPath",
    "OutputPath",
    "ItemsPath",
    "SecondsPath",
    "ErrorPath",
    "CausePath",
    "MaxConcurrencyPath",
}
TEMPLATES = {"Parameters", "ResultSelector", "ItemSelector"}
MAX_NAME, MAX_LABEL = 80, 40
GIVEN_BACK = "$$.Task.Token"

RESOURCES: Mapping[str, set[str]] = {
    "states:::lambda:invoke": {"FunctionName"},
    "states:::lambda:invoke.waitForTaskToken": {"FunctionName"},
    "states:::states:startExecution.sync:2": {"StateMachineArn"},
}
"""The services that ours call, by the end of their ARN, with the parameters that they need."""

READERS: Mapping[str, set[str]] = {
    "states:::s3:listObjectsV2": {"Bucket"},
    "states:::s3:getObject": {"Bucket", "Key"},
}


def problems(definition: Definition) -> list[str]:
    """Everything that is wrong with a machine; nothing if it is right."""
    names = [name for name, _ in all_states(definition)]
    twice = [f"the name {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    unknown = definition.keys() - {"Comment", "StartAt", "States", "TimeoutSeconds", "Version"}
    left = ["a placeholder is left"] if "${" in str(definition) else []
    return [*twice, *(f"a machine has no {key}" for key in unknown), *left, *_scope_problems(definition)]


def all_states(scope: Definition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state with its name, those within maps too."""
    for name, state in scope["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def _scope_problems(scope: Definition) -> Iterator[str]:
    states: Mapping[str, Mapping[str, Any]] = scope["States"]
    if scope.get("StartAt") not in states:
        yield f"StartAt {scope.get('StartAt')!r} is no state"
        return
    for name, state in states.items():
        yield from (f"{name}: {each}" for each in _state_problems(name, state))
        missing = {target for target in targets(state) if target not in states}
        yield from (f"{name}: {target!r} is no state here" for target in sorted(missing))
    yield from _flow_problems(scope["StartAt"], states)


def _flow_problems(start: str, states: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    following = {name: {each for each in targets(state) if each in states} for name, state in states.items()}
    reached = _closure({start}, following)
    yield from (f"{name}: nothing leads there" for name in states if name not in reached)
    ends = {name for name, state in states.items() if state.get("Type") in ENDING or state.get("End")}
    for name in states:
        if not _closure({name}, following) & ends:
            yield f"{name}: no end can be reached from there"


def _closure(names: set[str], following: Mapping[str, set[str]]) -> set[str]:
    """These states and all that come after them."""
    found, waiting = set(names), list(names)
    while waiting:
        fresh = following[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def targets(state: Mapping[str, Any]) -> Iterator[str]:
    """The states that may come next."""
    rules = [state, *state.get("Choices", []), *state.get("Catch", [])]
    yield from (rule["Next"] for rule in rules if "Next" in rule)
    if "Default" in state:
        yield state["Default"]


def _state_problems(name: str, state: Mapping[str, Any]) -> Iterator[str]:
    kind = state.get("Type", "")
    if kind not in FIELDS:
        yield f"{kind!r} is no type of state"
        return
    if len(name) > MAX_NAME:
        yield "the name is too long"
    yield from (f"a {kind} has no {key}" for key in sorted(state.keys() - FIELDS[kind]))
    yield from (f"a {kind} has {key}" for key in sorted(NEEDED.get(kind, set()) - state.keys()))
    flows = kind not in ENDING | {"Choice"}
    if flows and ("Next" in state) == bool(state.get("End")):
        yield "it has either Next or End"
    yield from _field_problems(state)
    yield from {"Task": _task_problems, "Map": _map_problems, "Wait": _wait_problems}.get(kind, _none)(state)


def _none(_state: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


def _field_problems(state: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(PATHS & state.keys()):
        if state[key] is not None:
            yield from path_problems(state[key])
    if state.get("ResultPath") is not None:
        yield from path_problems(state["ResultPath"], reference=True)
    for key in sorted(TEMPLATES & state.keys()):
        yield from template_problems(state[key])
    for rule in state.get("Choices", []):
        yield from choice_problems(rule)
    for key in ("Retry", "Catch"):
        if key in state:
            yield from handler_problems(state[key], key)


def _wait_problems(state: Mapping[str, Any]) -> Iterator[str]:
    if len(state.keys() & {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}) != 1:
        yield "a Wait has one time"


def _task_problems(state: Mapping[str, Any]) -> Iterator[str]:
    resource, parameters = state.get("Resource", ""), state.get("Parameters", {})
    yield from _call_problems(resource, parameters, RESOURCES)
    if resource.endswith(".waitForTaskToken") != (GIVEN_BACK in str(parameters)):
        yield f"a task waits for the token that it gives, and gives the one it waits for: {GIVEN_BACK}"
    if not isinstance(state.get("TimeoutSeconds", 1), int) or state.get("TimeoutSeconds", 1) < 1:
        yield f"TimeoutSeconds is {state['TimeoutSeconds']!r}"


def _call_problems(
    resource: str, parameters: Mapping[str, Any], known: Mapping[str, set[str]]
) -> Iterator[str]:
    _, _, service = resource.partition(":states:")
    needed = known.get(f"states:{service}")
    if not resource.startswith("arn:") or needed is None:
        yield f"the resource {resource!r} is not known"
        return
    given = {key.removesuffix(".$") for key in parameters}
    yield from (f"{service} needs {key}" for key in sorted(needed - given))


def _map_problems(state: Mapping[str, Any]) -> Iterator[str]:
    processor = state.get("ItemProcessor", {})
    config = processor.get("ProcessorConfig", {})
    mode = config.get("Mode", "INLINE")
    if mode == "DISTRIBUTED" and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield "a distributed map has an ExecutionType"
    if mode != "DISTRIBUTED":
        yield from (f"an inline map has no {key}" for key in sorted(DISTRIBUTED_ONLY & state.keys()))
    if {"MaxConcurrency", "MaxConcurrencyPath"} <= state.keys():
        yield "it has either MaxConcurrency or MaxConcurrencyPath"
    if len(state.get("Label", "")) > MAX_LABEL:
        yield "the label is too long"
    if "ItemReader" in state:
        reader = state["ItemReader"]
        yield from _call_problems(reader.get("Resource", ""), reader.get("Parameters", {}), READERS)
        yield from template_problems(reader.get("Parameters", {}))
    if "States" in processor:
        yield from _scope_problems(processor)
