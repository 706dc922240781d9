"""When jobs are looked after and copies swept."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions

from infra.names import Names
from infra.policies import allow, document
from infra.schedules import Schedule, ScheduleGroupArgs, schedule_group

WATCH, SWEEP, WATCH_VAULTS = "watch-jobs", "sweep-copies", "watch-vaults"


@dataclass(frozen=True)
class JobSchedulesArgs:
    """What is called when; a sweep schedule "" is none, and without vaults there is no function for them."""

    names: Names
    tags: Mapping[str, str]
    watch_function_arn: pulumi.Input[str]
    sweep_machine_arn: pulumi.Input[str]
    watch_schedule: str
    sweep_schedule: str
    watch_vaults_function_arn: pulumi.Input[str] | None
    vault_watch_schedule: str


class JobSchedules(pulumi.ComponentResource):
    """The schedules of jobs. A call that fails is no loss: the next one does what it left."""

    def __init__(self, name: str, args: JobSchedulesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobSchedules", name, None, opts)
        calls = [(WATCH, args.watch_schedule, args.watch_function_arn)]
        if args.sweep_schedule:
            calls.append((SWEEP, args.sweep_schedule, args.sweep_machine_arn))
        if args.watch_vaults_function_arn is not None:
            calls.append((WATCH_VAULTS, args.vault_watch_schedule, args.watch_vaults_function_arn))
        policy = Output.all(**{purpose: target for purpose, _, target in calls}).apply(scheduler)
        schedules = [
            Schedule(f"{purpose}-schedule", args.names.machine(purpose), expression, target_arn)
            for purpose, expression, target_arn in calls
        ]
        group = ScheduleGroupArgs("job", args.names.job_scheduler, args.tags, policy, schedules)
        schedule_group(group, ResourceOptions(parent=self))
        self.register_outputs({})


def scheduler(targets: Mapping[str, str]) -> str:
    """Calls what is scheduled, by purpose: ARNs of functions, and of the state machine that sweeps."""
    watchers = [targets[each] for each in (WATCH, WATCH_VAULTS) if each in targets]
    sweep = [allow("StartSweep", ["states:StartExecution"], targets[SWEEP])] if SWEEP in targets else []
    return document([allow("CallWatchers", ["lambda:InvokeFunction"], watchers), *sweep])
