"""What each state machine may do: call its functions, start what it starts, read what its maps go over."""

from typing import Any

from infra.jobs.access import JobAccess
from infra.jobs.statements import list_files, use_files
from infra.policies import Statement, allow, document
from infra.state_machines.definitions import ALL_MACHINES, Machine

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
"""CloudWatch Logs knows no resource for these: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"""

NESTED_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
"""With which Step Functions learns of the end of an execution that it waits for:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"""


def trust(access: JobAccess) -> str:
    """Step Functions may take on the role, for state machines of this account and Region
    (https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html)."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": access.place.machine_arn("*")},
            "StringEquals": {"aws:SourceAccount": access.place.account},
        },
    }
    return document([statement])


def policy(purpose: str, access: JobAccess) -> str:
    """The policy of a machine's role."""
    machine = ALL_MACHINES[purpose]
    functions = [access.place.function_arn(access.names.job_function(each)) for each in machine.functions]
    return document(
        [
            allow("CallFunctions", ["lambda:InvokeFunction"], functions),
            *_nested(machine, access),
            *_own(purpose, machine, access),
            *([list_files(access)] if machine.lists else []),
            *([use_files(access, "report-parts/", "GetObject")] if machine.reads else []),
            allow("Log", LOG_DELIVERY, "*"),
        ]
    )


def _nested(machine: Machine, access: JobAccess) -> list[Statement]:
    """Starts other machines, waits for their ends, and stops them with itself."""
    if not machine.starts:
        return []
    names, place = access.names, access.place
    started = [names.machine(each) for each in machine.starts]
    return [
        allow("StartOthers", ["states:StartExecution"], [place.machine_arn(each) for each in started]),
        allow(
            "FollowOthers",
            ["states:DescribeExecution", "states:StopExecution"],
            [place.executions_arn(each) for each in started],
        ),
        allow(
            "LearnOfTheirEnd",
            ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            place.event_rule_arn(NESTED_RULE),
        ),
    ]


def _own(purpose: str, machine: Machine, access: JobAccess) -> list[Statement]:
    """Starts the executions of its own distributed maps
    (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html)."""
    if not machine.distributed:
        return []
    names, place = access.names, access.place
    name = names.machine(purpose)
    return [
        allow("StartItems", ["states:StartExecution"], place.machine_arn(name)),
        allow(
            "FollowItems",
            ["states:DescribeExecution", "states:StopExecution"],
            [place.executions_arn(name), place.map_executions_arn(name)],
        ),
    ]
