"""The state machines of jobs, each with a role and a log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.jobs import machine_policies
from infra.jobs.access import JobAccess
from infra.names import Names
from infra.state_machines.definitions import MACHINES, definition


@dataclass(frozen=True)
class StateMachinesArgs:
    """What the machines work with; `after` are the functions that they call, `purposes` which machines."""

    names: Names
    tags: Mapping[str, str]
    access: Output[JobAccess]
    log_retention_days: int
    after: Sequence[pulumi.Resource]
    purposes: Sequence[str] = tuple(MACHINES)


class StateMachines(pulumi.ComponentResource):
    """State machines of a stack; `arns` by their purposes."""

    arns: dict[str, Output[str]]

    def __init__(self, name: str, args: StateMachinesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:StateMachines", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self.arns = {purpose: self._machine(purpose).arn for purpose in args.purposes}
        self.register_outputs(dict(self.arns))

    def _machine(self, purpose: str) -> aws.sfn.StateMachine:
        args = self._args
        log_group = aws.cloudwatch.LogGroup(
            f"{purpose}-machine-log-group",
            name=args.names.machine_log_group(purpose),
            retention_in_days=args.log_retention_days,
            tags=args.tags,
            opts=self._child,
        )
        role, policy = self._role(purpose)
        return aws.sfn.StateMachine(
            f"{purpose}-machine",
            name=args.names.machine(purpose),
            type="STANDARD",
            role_arn=role.arn,
            definition=args.access.apply(
                lambda access: definition(purpose, args.names, access.place, access.jobs_bucket)
            ),
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                level="ERROR",
                include_execution_data=False,
                log_destination=log_group.arn.apply(lambda arn: f"{arn}:*"),
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[policy, *args.after]),
        )

    def _role(self, purpose: str) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        role = aws.iam.Role(
            f"{purpose}-machine-role",
            name=args.names.machine_role(purpose),
            assume_role_policy=args.access.apply(machine_policies.trust),
            tags=args.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{purpose}-machine-policy",
            name=purpose,
            role=role.name,
            policy=args.access.apply(lambda access: machine_policies.policy(purpose, access)),
            opts=self._child,
        )
        return role, policy
