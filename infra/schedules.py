"""Schedules of one purpose: in a group of their own, with the role that calls what they call."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infra import report_policies

RETRIES = 10
MAX_EVENT_AGE_SECONDS = 3600
"""Of calling the target; that it fails is no matter of the schedule's."""


@dataclass(frozen=True)
class Schedule:
    """A call of `target_arn` with `event`; one that could not be made goes to `failures_arn`, if any."""

    logical_name: str
    name: str
    expression: str
    target_arn: pulumi.Input[str]
    event: Mapping[str, Any] = field(default_factory=dict[str, Any])
    failures_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class ScheduleGroupArgs:
    """`purpose` begins the logical names; `name` is that of group and role, `policy` what the role may do."""

    purpose: str
    name: str
    tags: Mapping[str, str]
    policy: pulumi.Input[str]
    schedules: Iterable[Schedule]


def schedule_group(args: ScheduleGroupArgs, child: ResourceOptions) -> None:
    """Makes group, role and schedules; expressions are in UTC."""
    group = aws.scheduler.ScheduleGroup(
        f"{args.purpose}-schedules", name=args.name, tags=args.tags, opts=child
    )
    role = aws.iam.Role(
        f"{args.purpose}-scheduler-role",
        name=args.name,
        assume_role_policy=group.arn.apply(report_policies.scheduler_trust),
        tags=args.tags,
        opts=child,
    )
    policy = aws.iam.RolePolicy(
        f"{args.purpose}-scheduler-policy",
        name="scheduler",
        role=role.name,
        policy=args.policy,
        opts=child,
    )
    for each in args.schedules:
        aws.scheduler.Schedule(
            each.logical_name,
            name=each.name,
            group_name=group.name,
            schedule_expression=each.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=_target(each, role),
            opts=ResourceOptions.merge(child, ResourceOptions(depends_on=[policy])),
        )


def _target(schedule: Schedule, role: aws.iam.Role) -> aws.scheduler.ScheduleTargetArgs:
    failures = schedule.failures_arn
    return aws.scheduler.ScheduleTargetArgs(
        arn=schedule.target_arn,
        role_arn=role.arn,
        input=json.dumps(schedule.event),
        retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=MAX_EVENT_AGE_SECONDS, maximum_retry_attempts=RETRIES
        ),
        dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=failures)
        if failures
        else None,
    )
