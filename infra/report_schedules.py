"""When the reports are written: schedules that call the report function with the time that a run is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Output, ResourceOptions

from analytics.schema import REPORTS, Origin
from infra import report_policies
from infra.names import Names
from infra.schedules import Schedule, ScheduleGroupArgs, schedule_group

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""Replaced by the time that a run is for, the same in every retry:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""


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
        names, function, failures = args.names, args.function_arn, args.failures_arn
        often = rollup_event(with_objects=bool(args.object_report_schedule))
        schedules = [
            Schedule(logical_name, its_name, expression, function, event, failures)
            for logical_name, its_name, expression, event in (
                ("report-schedule", names.report_schedule, args.report_schedule, often),
                (
                    "object-report-schedule",
                    names.object_report_schedule,
                    args.object_report_schedule,
                    object_event(),
                ),
            )
            if expression
        ]
        if schedules:
            policy = Output.all(function, failures).apply(lambda arns: report_policies.scheduler(*arns))
            group = ScheduleGroupArgs("report", names.report_scheduler, args.tags, policy, schedules)
            schedule_group(group, ResourceOptions(parent=self))
        self.register_outputs({})


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
