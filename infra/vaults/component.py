"""Vault transfers: topic, queue, functions, state machines, runbooks and dashboard of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.job_settings import JobSettings
from infra.jobs.access import JobAccess, once
from infra.jobs.function import JobFunction, JobFunctionArgs
from infra.jobs.functions import JobPackages
from infra.jobs.machines import StateMachines, StateMachinesArgs
from infra.metrics import AlarmRule
from infra.names import Names, Place
from infra.queues import WorkQueue
from infra.state_machines.definitions import VAULT_MACHINES
from infra.vaults import dashboard, functions, runbooks
from infra.vaults.alarms import vault_alarm_rules
from infra.vaults.functions import VAULT_FUNCTIONS
from infra.vaults.notifications import notifications


@dataclass(frozen=True)
class VaultsArgs:
    """What vault transfers work with: what jobs do, by the same names; `layer_arn` is that of `PREPARE`.

    `after` are the functions of jobs, which the state machines call too.
    """

    names: Names
    tags: Mapping[str, str]
    region: str
    settings: JobSettings
    place: Output[Place]
    access: Output[JobAccess]
    variables: Output[dict[str, str]]
    layer_arn: pulumi.Input[str]
    packages: JobPackages
    log_retention_days: int
    after: Sequence[pulumi.Resource]


class Vaults(pulumi.ComponentResource):
    """The machinery of vault transfers; `watch_function_arn` is what a schedule calls."""

    topic_arn: Output[str]
    queue: WorkQueue
    machine_arns: Mapping[str, Output[str]]
    watch_function_arn: Output[str]
    launch_document: Output[str]
    resume_document: Output[str]
    dashboard_name: Output[str]

    def __init__(self, name: str, args: VaultsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:vaults:Vaults", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self.topic_arn, self.queue = notifications(args.names, args.tags, self._child)
        self._variables = Output.all(args.variables, args.place, self.queue.queue_url).apply(
            lambda given: {**given[0], **functions.variables(args.names, given[1], given[2])}
        )
        made = {folder: self._function(folder) for folder in VAULT_FUNCTIONS}
        self._receive(made["transfer_archives"])
        self.watch_function_arn = made["watch_vaults"].function_arn
        machines = StateMachinesArgs(
            args.names,
            args.tags,
            args.access,
            args.log_retention_days,
            after=[*args.after, *made.values()],
            purposes=tuple(VAULT_MACHINES),
        )
        self.machine_arns = StateMachines("vault-state-machines", machines, self._child).arns
        vaults, buckets = args.settings.vaults, [each.bucket for each in args.settings.copy_destinations]
        self.launch_document = self._runbook(
            "launch", lambda arn: runbooks.launch(arn, vaults, once(buckets))
        )
        self.resume_document = self._runbook("resume", runbooks.resume)
        self.dashboard_name = self._dashboard()
        self.register_outputs({"topic_arn": self.topic_arn})

    @property
    def alarm_rules(self) -> list[AlarmRule]:
        """When somebody must look after vault transfers."""
        schedule = self._args.settings.vault_watch_schedule
        return vault_alarm_rules(self._args.names, schedule, self.machine_arns)

    def _function(self, folder: str) -> JobFunction:
        args = self._args
        return JobFunction(
            folder.replace("_", "-"),
            JobFunctionArgs(
                folder=folder,
                spec=VAULT_FUNCTIONS[folder],
                names=args.names,
                tags=args.tags,
                package=args.packages.functions[folder],
                layers=[args.layer_arn] if folder == functions.PREPARING else [],
                access=args.access,
                variables=self._variables.apply(
                    lambda given: {**given, **functions.own_variables(folder, args.names)}
                ),
                log_retention_days=args.log_retention_days,
            ),
            self._child,
        )

    def _receive(self, transferrer: JobFunction) -> None:
        args = self._args
        aws.lambda_.EventSourceMapping(
            "archives-to-transfer-archives",
            event_source_arn=self.queue.queue_arn,
            function_name=transferrer.function_arn,
            batch_size=functions.BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.settings.vault_transfer_concurrency
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[transferrer.policy]),
        )

    def _runbook(self, purpose: str, content: Callable[[str], str]) -> Output[str]:
        """A document of Systems Manager; `content` makes it of the ARN of what it starts."""
        args = self._args
        runbook = aws.ssm.Document(
            f"vault-{purpose}",
            name=args.names.vault_runbook(purpose),
            document_type="Automation",
            document_format="JSON",
            content=self.machine_arns["transfer-vault"].apply(content),
            tags=args.tags,
            opts=self._child,
        )
        return runbook.name

    def _dashboard(self) -> Output[str]:
        args = self._args
        body = dashboard.layout(args.names, args.region, self.machine_arns)
        board = aws.cloudwatch.Dashboard(
            "vault-dashboard",
            dashboard_name=args.names.vault_dashboard,
            dashboard_body=Output.json_dumps(body),
            opts=self._child,
        )
        return board.dashboard_name
