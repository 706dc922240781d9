"""What values the fields of a state machine may have: paths, templates, choice rules, retriers.

After https://states-language.net/spec.html; JSONPath machines only.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

PATH = re.compile(r"\$(\.[A-Za-z_]\w*|\[\d+\]|\[\*\])*")
CONTEXT = re.compile(r"\$\$\.(Execution\.(Id|Name|Input|StartTime)|State\.(Name|EnteredTime)|Task\.Token"
                     r"|Map\.Item\.(Index|Key|Value(\.[A-Za-z_]\w*)*))")  # fmt: skip
REFERENCE = re.compile(r"\$(\.[A-Za-z_]\w*|\[\d+\])*")
INTRINSIC = re.compile(r"(States\.\w+)\((.*)\)")
INTRINSICS = {"States.Format", "States.StringToJson", "States.JsonToString", "States.ArrayLength"}

PREDEFINED = {
    "States.ALL", "States.Timeout", "States.TaskFailed", "States.Permissions", "States.DataLimitExceeded",
    "States.ItemReaderFailed", "States.ExceedToleratedFailureThreshold", "States.HeartbeatTimeout",
}  # fmt: skip

COMPARISONS: Mapping[str, type | tuple[type, ...]] = {
    "BooleanEquals": bool,
    "IsPresent": bool,
    "IsNull": bool,
    "StringEquals": str,
    "NumericEquals": (int, float),
    "NumericGreaterThan": (int, float),
    "NumericLessThan": (int, float),
}


def path_problems(value: object, *, reference: bool = False) -> Iterator[str]:
    """Of a field that takes a path; a reference path names one place."""
    form = REFERENCE if reference else PATH
    if not (isinstance(value, str) and (form.fullmatch(value) or CONTEXT.fullmatch(value))):
        yield f"{value!r} is no {'reference ' if reference else ''}path"


def template_problems(node: object) -> Iterator[str]:
    """Of a payload template: keys ending in .$ have a path or an intrinsic, others must not look like one."""
    if isinstance(node, Mapping):
        for key, value in cast("Mapping[str, Any]", node).items():
            if key.endswith(".$"):
                yield from _computed_problems(value)
            elif isinstance(value, str) and value.startswith("$"):
                yield f"{key!r} would be the text {value!r}: its name lacks .$"
            else:
                yield from template_problems(value)
    elif isinstance(node, list):
        for each in cast("list[Any]", node):
            yield from template_problems(each)


def _computed_problems(value: object) -> Iterator[str]:
    found = INTRINSIC.fullmatch(value) if isinstance(value, str) else None
    if not found:
        yield from path_problems(value)
        return
    name, inner = found.groups()
    if name not in INTRINSICS:
        yield f"{name} is no intrinsic"
    arguments = [each.strip() for each in re.findall(r"'[^']*'|[^,]+", inner)]
    paths = [each for each in arguments if not each.startswith("'")]
    for each in paths:
        yield from path_problems(each)
    if name == "States.Format" and arguments[0].count("{}") != len(arguments) - 1:
        yield f"{value!r} has not as many {{}} as arguments"


def choice_problems(rule: Mapping[str, Any], *, top: bool = True) -> Iterator[str]:
    """Of one rule of a Choice."""
    if top != ("Next" in rule):
        yield "a rule has Next" if top else "an inner rule has no Next"
    operators = [key for key in rule if key not in ("Next", "Variable", "Comment")]
    if len(operators) != 1:
        yield f"a rule has one operator, not {operators}"
        return
    (operator,) = operators
    if operator in ("And", "Or"):
        for inner in rule[operator]:
            yield from choice_problems(inner, top=False)
    elif operator == "Not":
        yield from choice_problems(rule["Not"], top=False)
    elif operator not in COMPARISONS:
        yield f"{operator} is no comparison"
    else:
        yield from _comparison_problems(rule, operator)


def _comparison_problems(rule: Mapping[str, Any], operator: str) -> Iterator[str]:
    yield from path_problems(rule.get("Variable"))
    wanted, value = COMPARISONS[operator], rule[operator]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{operator} does not compare with {value!r}"


def handler_problems(handlers: object, kind: str) -> Iterator[str]:
    """Of a Retry or a Catch."""
    if not isinstance(handlers, list) or not handlers:
        yield f"{kind} is a list of at least one"
        return
    many = cast("list[dict[str, Any]]", handlers)
    for position, each in enumerate(many):
        errors = each.get("ErrorEquals", [])
        if not errors:
            yield f"a {kind} has ErrorEquals"
        for error in errors:
            if error.startswith("States.") and error not in PREDEFINED:
                yield f"{error} is no error of Step Functions"
        if "States.ALL" in errors and (len(errors) > 1 or position < len(many) - 1):
            yield f"States.ALL stands alone and last in {kind}"
        yield from (_retrier_problems if kind == "Retry" else _catcher_problems)(each)


RETRIER = {
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
}


def _retrier_problems(retrier: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"a Retry has no {key}" for key in retrier.keys() - RETRIER)
    interval, longest = retrier.get("IntervalSeconds", 1), retrier.get("MaxDelaySeconds", 31_622_400)
    if not isinstance(interval, int) or interval < 1:
        yield f"IntervalSeconds is {interval!r}"
    elif longest <= interval:
        yield f"MaxDelaySeconds {longest!r} is not above IntervalSeconds"
    if retrier.get("MaxAttempts", 3) not in range(100_000_000):
        yield f"MaxAttempts is {retrier['MaxAttempts']!r}"
    if retrier.get("BackoffRate", 2) < 1:
        yield f"BackoffRate is {retrier['BackoffRate']!r}"
    if retrier.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield f"JitterStrategy is {retrier['JitterStrategy']!r}"


def _catcher_problems(catcher: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"a Catch has no {key}" for key in catcher.keys() - {"ErrorEquals", "ResultPath", "Next"})
    if "Next" not in catcher:
        yield "a Catch has Next"
    if catcher.get("ResultPath") is not None:
        yield from path_problems(catcher["ResultPath"], reference=True)
