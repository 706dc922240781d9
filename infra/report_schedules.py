"""When the reports are written: schedules that call the report function with the time that a run is for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from analytics.schema import REPORTS, Origin
from infra import report_policies
from infra.names import Names

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""Replaced by the time that a run is for, the same in every retry:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""

RETRIES = 10
MAX_EVENT_AGE_SECONDS = 3600
"""Of calling the function; that it fails is no matter of the schedule's."""


@dataclass(frozen=True)
class ReportSchedulesArgs:
    """The function to call, where calls go that could not be made, and both expressions ("": no schedule)."""

    names: Names
    tags: Mapping[str, str]
    function_arn: pulumi.Input[str]
    failures_arn: pulumi.Input[str]
    report_schedule: str
    object_report_schedule: str


class ReportSchedules(pulumi.ComponentResource):
    """The schedules of a stack, in a group of their own."""

    def __init__(self, name: str, args: ReportSchedulesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:reports:ReportSchedules", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        wanted = {
            "report-schedule": (
                args.names.report_schedule,
                args.report_schedule,
                rollup_event(with_objects=bool(args.object_report_schedule)),
            ),
            "object-report-schedule": (
                args.names.object_report_schedule,
                args.object_report_schedule,
                object_event(),
            ),
        }
        if any(expression for _, expression, _ in wanted.values()):
            group = aws.scheduler.ScheduleGroup(
                "report-schedules", name=args.names.report_scheduler, tags=args.tags, opts=self._child
            )
            role, policy = self._role(group)
            for logical_name, (schedule_name, expression, event) in wanted.items():
                if expression:
                    self._schedule(logical_name, schedule_name, expression, event, group, role, policy)
        self.register_outputs({})

    def _role(self, group: aws.scheduler.ScheduleGroup) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        role = aws.iam.Role(
            "report-scheduler-role",
            name=args.names.report_scheduler,
            assume_role_policy=group.arn.apply(report_policies.scheduler_trust),
            tags=args.tags,
            opts=self._child,
        )
        document = Output.all(args.function_arn, args.failures_arn).apply(
            lambda arns: report_policies.scheduler(*arns)
        )
        policy = aws.iam.RolePolicy(
            "report-scheduler-policy", name="scheduler", role=role.name, policy=document, opts=self._child
        )
        return role, policy

    def _schedule(
        self,
        logical_name: str,
        name: str,
        expression: str,
        event: Mapping[str, Any],
        group: aws.scheduler.ScheduleGroup,
        role: aws.iam.Role,
        policy: aws.iam.RolePolicy,
    ) -> None:
        target = aws.scheduler.ScheduleTargetArgs(
            arn=self._args.function_arn,
            role_arn=role.arn,
            input=json.dumps(event),
            retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=MAX_EVENT_AGE_SECONDS, maximum_retry_attempts=RETRIES
            ),
            dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self._args.failures_arn),
        )
        aws.scheduler.Schedule(
            logical_name,
            name=name,
            group_name=group.name,
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=target,
            opts=ResourceOptions(parent=self, depends_on=[policy]),
        )


def rollup_event(*, with_objects: bool) -> dict[str, Any]:
    """What the function is asked for often.

    Without a schedule for the objects, the reports that the counters can give at least in part come along.
    """
    if with_objects:
        return {"reports": str(Origin.ROLLUPS), "as_of": SCHEDULED_TIME}
    names = [name for name, report in REPORTS.items() if Origin.ROLLUPS in report.origins]
    return {"reports": names, "origin": str(Origin.ROLLUPS), "as_of": SCHEDULED_TIME}


def object_event() -> dict[str, Any]:
    """What the function is asked for seldom: it reads every object."""
    return {"reports": str(Origin.OBJECTS), "as_of": SCHEDULED_TIME}
