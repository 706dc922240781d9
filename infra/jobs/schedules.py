"""When jobs are looked after and copies swept."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions

from infra.names import Names
from infra.policies import allow, document
from infra.schedules import Schedule, ScheduleGroupArgs, schedule_group

WATCH, SWEEP = "watch-jobs", "sweep-copies"


@dataclass(frozen=True)
class JobSchedulesArgs:
    """What is called when; a sweep schedule "" is none."""

    names: Names
    tags: Mapping[str, str]
    watch_function_arn: pulumi.Input[str]
    sweep_machine_arn: pulumi.Input[str]
    watch_schedule: str
    sweep_schedule: str


class JobSchedules(pulumi.ComponentResource):
    """The schedules of jobs. A call that fails is no loss: the next one does what it left."""

    def __init__(self, name: str, args: JobSchedulesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobSchedules", name, None, opts)
        calls = [(WATCH, args.watch_schedule, args.watch_function_arn)]
        if args.sweep_schedule:
            calls.append((SWEEP, args.sweep_schedule, args.sweep_machine_arn))
        targets = Output.all(args.watch_function_arn, args.sweep_machine_arn)
        policy = targets.apply(lambda arns: scheduler(arns[0], arns[1], sweeps=bool(args.sweep_schedule)))
        schedules = [
            Schedule(f"{purpose}-schedule", args.names.machine(purpose), expression, target_arn)
            for purpose, expression, target_arn in calls
        ]
        group = ScheduleGroupArgs("job", args.names.job_scheduler, args.tags, policy, schedules)
        schedule_group(group, ResourceOptions(parent=self))
        self.register_outputs({})


def scheduler(watcher: str, sweeper: str, *, sweeps: bool) -> str:
    """Calls the watcher (a function's ARN), and starts the sweep (a machine's) where it is scheduled."""
    sweep = [allow("StartSweep", ["states:StartExecution"], sweeper)] if sweeps else []
    return document([allow("CallWatcher", ["lambda:InvokeFunction"], watcher), *sweep])
