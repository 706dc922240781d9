"""What the role of a state machine must be allowed, read off its definition."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from local.errors import DeployError

_LAMBDA = "arn:aws:states:::lambda:invoke"
_START = "arn:aws:states:::states:startExecution"
_FORMAT = re.compile(r"States\.Format\('([^']*)'")
_MANAGED_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"

State = Mapping[str, Any]


class Right(NamedTuple):
    """An action on a resource, as an ARN; `prefix` of a listing."""

    action: str
    resource: str
    prefix: str = ""


def rights_needed(definition: Mapping[str, Any], machine_arn: str) -> Iterator[Right]:
    """What the steps need, as far as the definition itself names the resources.

    Raises DeployError for an integration that is not known here.
    https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
    """
    for state in cast("Mapping[str, State]", definition["States"]).values():
        yield from _of_state(state, machine_arn)
        for inner in [*state.get("Branches", []), state.get("ItemProcessor"), state.get("Iterator")]:
            if inner:
                yield from rights_needed(inner, machine_arn)


def _of_state(state: State, machine_arn: str) -> Iterator[Right]:
    given = cast("Mapping[str, Any]", state.get("Parameters") or state.get("Arguments") or {})
    if state["Type"] == "Task":
        yield from _of_task(state["Resource"], given)
    processor = state.get("ItemProcessor", {})
    if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        yield Right("states:StartExecution", machine_arn)
        yield from _of_reader(state.get("ItemReader", {}))


def _of_task(resource: str, given: Mapping[str, Any]) -> Iterator[Right]:
    if ":function:" in resource:
        yield Right("lambda:InvokeFunction", resource)
    elif resource.startswith(_LAMBDA):
        yield Right("lambda:InvokeFunction", given["FunctionName"])
    elif resource.startswith(_START):
        yield from _of_child(given["StateMachineArn"], waited_for=".sync" in resource)
    else:
        raise DeployError(f"the deployer does not know which rights {resource} needs.")


def _of_child(machine_arn: str, *, waited_for: bool) -> Iterator[Right]:
    yield Right("states:StartExecution", machine_arn)
    if waited_for:
        execution = f"{machine_arn.replace(':stateMachine:', ':execution:')}:any"
        _arn, _aws, _states, region, account, *_name = machine_arn.split(":")
        rule = f"arn:aws:events:{region}:{account}:rule/{_MANAGED_RULE}"
        for action in ("states:DescribeExecution", "states:StopExecution"):
            yield Right(action, execution)
        for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
            yield Right(action, rule)


def _of_reader(reader: Mapping[str, Any]) -> Iterator[Right]:
    """A file whose name only the input tells cannot be judged here."""
    given = cast("Mapping[str, str]", reader.get("Parameters") or reader.get("Arguments") or {})
    if "Bucket" not in given:
        return
    bucket = f"arn:aws:s3:::{given['Bucket']}"
    if reader["Resource"].endswith(":listObjectsV2"):
        yield Right("s3:ListBucket", bucket, _sample(given, "Prefix"))
    elif "Key" in given:
        yield Right("s3:GetObject", f"{bucket}/{given['Key']}")


def _sample(given: Mapping[str, str], name: str) -> str:
    """A value as it may be, where States.Format makes it; "" if the definition does not tell."""
    template = _FORMAT.match(given.get(f"{name}.$", ""))
    return template[1].replace("{}", "any") if template else given.get(name, "")
