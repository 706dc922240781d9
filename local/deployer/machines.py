"""State machines of Step Functions, whose role is judged once, when they are made."""

import json
from typing import Any

from local.deployer.asl_rights import Right, rights_needed
from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.rights import refuse_a_role_that_does_not_trust, refuse_a_role_that_may_not
from local.emulator import Emulator

_DELIVERING_LOGS = (
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery"
    " logs:ListLogDeliveries logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups"
)
"""https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"""


def _put_machine(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    arn = f"arn:aws:states:{emulator.region}:{emulator.account}:stateMachine:{inputs['name']}"
    _refuse_a_role_that_is_not_enough(emulator, arn, inputs)
    emulator.client("stepfunctions").create_state_machine(
        **_definition(inputs),
        name=inputs["name"],
        type=inputs.get("type", "STANDARD"),
        tags=[{"key": key, "value": value} for key, value in inputs.get("tags", {}).items()],
    )
    return arn, {"arn": arn}


def _refuse_a_role_that_is_not_enough(emulator: Emulator, arn: str, inputs: Inputs) -> None:
    """The emulator acts with rights of its own; Step Functions asks the role at every step."""
    refuse_a_role_that_does_not_trust(emulator, inputs["roleArn"], "states.amazonaws.com")
    needed = set(rights_needed(json.loads(inputs["definition"]), arn))
    if inputs.get("loggingConfiguration", {}).get("level", "OFF") != "OFF":
        needed |= {Right(action, "*") for action in _DELIVERING_LOGS.split()}
    for action, resource, prefix in sorted(needed):
        context = {"s3:prefix": prefix} if prefix else {}
        refuse_a_role_that_may_not(emulator, inputs["roleArn"], [action], resource, context)


def _definition(inputs: Inputs) -> Any:
    given = {"definition": inputs["definition"], "roleArn": inputs["roleArn"]}
    if "loggingConfiguration" not in inputs:
        return given
    logging = inputs["loggingConfiguration"]
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": logging["logDestination"]}}
    return given | {
        "loggingConfiguration": {
            "level": logging["level"],
            "includeExecutionData": logging.get("includeExecutionData", False),
            "destinations": [destination],
        }
    }


def _change_machine(emulator: Emulator, inputs: Inputs, outputs: Outputs) -> None:
    _refuse_a_role_that_is_not_enough(emulator, outputs["arn"], inputs)
    emulator.client("stepfunctions").update_state_machine(
        stateMachineArn=outputs["arn"], **_definition(inputs)
    )


def _delete_machine(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("stepfunctions").delete_state_machine(stateMachineArn=outputs["arn"])


HANDLERS = {
    "aws:sfn/stateMachine:StateMachine": handler(
        "name type roleArn definition tags loggingConfiguration.level"
        " loggingConfiguration.includeExecutionData loggingConfiguration.logDestination",
        _put_machine,
        _delete_machine,
    ).changed_by(_change_machine, "roleArn definition loggingConfiguration"),
}
