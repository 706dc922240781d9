"""Schedules of EventBridge Scheduler, and their groups."""

from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.rights import refuse_a_role_that_does_not_trust, refuse_a_role_that_may_not
from local.deployer.shapes import api_names, tag_list
from local.emulator import Emulator

_PROPERTIES = (
    "name groupName description scheduleExpression scheduleExpressionTimezone state"
    " flexibleTimeWindow.mode target.arn target.roleArn target.input"
    " target.retryPolicy.maximumEventAgeInSeconds target.retryPolicy.maximumRetryAttempts"
    " target.deadLetterConfig.arn"
)
_NAMES = " ".join(dict.fromkeys(path.partition(".")[0] for path in _PROPERTIES.split()))


def _put_schedule(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    _refuse_a_role_that_may_not_invoke(emulator, inputs["target"])
    client: Any = emulator.client("scheduler")
    arn = client.create_schedule(**api_names(inputs, _NAMES))["ScheduleArn"]
    return f"{inputs.get('groupName', 'default')}/{inputs['name']}", {"arn": arn}


def _refuse_a_role_that_may_not_invoke(emulator: Emulator, target: Inputs) -> None:
    """The emulator invokes with rights of its own, and the Scheduler refuses a role it cannot assume.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
    """
    refuse_a_role_that_does_not_trust(emulator, target["roleArn"], "scheduler.amazonaws.com")
    refuse_a_role_that_may_not(emulator, target["roleArn"], [_starting(target["arn"])], target["arn"])
    if "deadLetterConfig" in target:
        queue = target["deadLetterConfig"]["arn"]
        refuse_a_role_that_may_not(emulator, target["roleArn"], ["sqs:SendMessage"], queue)


def _starting(target_arn: str) -> str:
    """The action that a schedule of a state machine, or of a function, needs."""
    return "states:StartExecution" if ":stateMachine:" in target_arn else "lambda:InvokeFunction"


def _change_schedule(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    client: Any = emulator.client("scheduler")
    client.update_schedule(**api_names(inputs, _NAMES))


def _delete_schedule(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    group = inputs.get("groupName", "default")
    emulator.client("scheduler").delete_schedule(Name=inputs["name"], GroupName=group)


def _put_group(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    answer = emulator.client("scheduler").create_schedule_group(Name=inputs["name"], Tags=tag_list(inputs))
    return inputs["name"], {"arn": answer["ScheduleGroupArn"]}


def _delete_group(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("scheduler").delete_schedule_group(Name=inputs["name"])


HANDLERS = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": handler("name tags", _put_group, _delete_group),
    "aws:scheduler/schedule:Schedule": handler(_PROPERTIES, _put_schedule, _delete_schedule).changed_by(
        _change_schedule, _NAMES.removeprefix("name groupName ")
    ),
}
