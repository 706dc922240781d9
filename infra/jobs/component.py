"""Jobs: the functions, state machines, schedules, topic and API that start restores and copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.dashboard import Chart
from infra.job_settings import JobSettings
from infra.jobs import functions
from infra.jobs.access import JobAccess
from infra.jobs.alarms import job_alarm_rules
from infra.jobs.api import JobApi, JobApiArgs
from infra.jobs.batch_role import batch_role
from infra.jobs.charts import job_charts
from infra.jobs.function import JobFunction, JobFunctionArgs
from infra.jobs.functions import JobFunctionSpec, JobPackages
from infra.jobs.layer import job_layer
from infra.jobs.machines import StateMachines, StateMachinesArgs
from infra.jobs.progress import progress_topic
from infra.jobs.schedules import JobSchedules, JobSchedulesArgs
from infra.jobs.storage import JobStorage
from infra.layers import PREPARE
from infra.metrics import AlarmRule
from infra.names import Names, Place
from infra.vaults.component import Vaults, VaultsArgs
from infra.vaults.functions import start_variables
from thaw.core.job_rules import JobRules


@dataclass(frozen=True)
class JobsArgs:
    """What jobs work with; `place_arn` is the ARN of something where the stack is."""

    names: Names
    tags: Mapping[str, str]
    connection: Mapping[str, str]
    settings: JobSettings
    rules: JobRules
    place_arn: pulumi.Input[str]
    storage: JobStorage
    packages: JobPackages
    rollup_slots: int
    log_retention_days: int


class Jobs(pulumi.ComponentResource):
    """The machinery of jobs; `api` and `vaults` are None where there are none."""

    progress_topic_arn: Output[str]
    machine_arns: Mapping[str, Output[str]]
    api: JobApi | None
    vaults: Vaults | None

    def __init__(self, name: str, args: JobsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:Jobs", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        place = Output.from_input(args.place_arn).apply(Place.of)
        self._access = Output.all(place, args.storage.bucket_name).apply(
            lambda given: JobAccess.of(args.settings, args.names, *given)
        )
        self._variables = Output.all(place, args.storage.bucket_name, args.storage.queue.queue_url).apply(
            lambda given: self._environment(*given)
        )
        role = batch_role(args.names, place, self._access, args.tags, self._child)
        self.progress_topic_arn = progress_topic(
            args.names, args.tags, args.settings.progress_email, self._child
        ).arn
        layer = job_layer(PREPARE, args.packages.layer, args.names, args.storage.bucket_name, self._child)
        self._layers: Mapping[str, list[pulumi.Input[str]]] = {PREPARE.function: [layer]}
        made = {each: self._function(each, spec) for each, spec in functions.FUNCTIONS.items()}
        self._receive_copies(made["copy_objects"])
        machines = StateMachines(
            "state-machines",
            StateMachinesArgs(
                names=args.names,
                tags=args.tags,
                access=self._access,
                log_retention_days=args.log_retention_days,
                after=[role, *made.values()],
            ),
            self._child,
        )
        self.machine_arns = machines.arns
        self.vaults = self._vaults(place, layer, list(made.values())) if args.settings.vaults else None
        self._schedule(made["watch_jobs"])
        self.api = self._api()
        self.register_outputs({"progress_topic_arn": self.progress_topic_arn})

    @property
    def alarm_rules(self) -> list[AlarmRule]:
        """When somebody must look after jobs."""
        vaults = self.vaults.alarm_rules if self.vaults else []
        return [*job_alarm_rules(self._args.names, self._args.settings, self.machine_arns), *vaults]

    @property
    def charts(self) -> list[Chart]:
        """What the dashboard shows of jobs."""
        args = self._args
        return job_charts(args.names, args.settings, self.machine_arns, functions.FUNCTIONS)

    def _environment(self, place: Place, jobs_bucket: str, copy_queue_url: str) -> dict[str, str]:
        vaults = start_variables(self._args.names, place) if self._args.settings.vaults else {}
        return vaults | functions.variables(
            names=self._args.names,
            place=place,
            jobs_bucket=jobs_bucket,
            copy_queue_url=copy_queue_url,
            rules=self._args.rules,
            rollup_slots=self._args.rollup_slots,
        )

    def _function(self, folder: str, spec: JobFunctionSpec) -> JobFunction:
        args = self._args
        return JobFunction(
            folder.replace("_", "-"),
            JobFunctionArgs(
                folder=folder,
                spec=spec,
                names=args.names,
                tags=args.tags,
                package=args.packages.functions[folder],
                layers=self._layers.get(folder, []),
                access=self._access,
                variables=self._variables,
                log_retention_days=args.log_retention_days,
            ),
            self._child,
        )

    def _receive_copies(self, copier: JobFunction) -> None:
        args = self._args
        aws.lambda_.EventSourceMapping(
            "copies-to-copy-objects",
            event_source_arn=args.storage.queue.queue_arn,
            function_name=copier.function_arn,
            batch_size=functions.COPY_BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.settings.copy_max_concurrency
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[copier.policy]),
        )

    def _vaults(self, place: Output[Place], layer: Output[str], after: Sequence[pulumi.Resource]) -> Vaults:
        args = self._args
        given = VaultsArgs(
            names=args.names,
            tags=args.tags,
            region=args.rules.region,
            settings=args.settings,
            place=place,
            access=self._access,
            variables=self._variables,
            layer_arn=layer,
            packages=args.packages,
            log_retention_days=args.log_retention_days,
            after=after,
        )
        return Vaults("vaults", given, self._child)

    def _schedule(self, watcher: JobFunction) -> None:
        args = self._args
        JobSchedules(
            "job-schedules",
            JobSchedulesArgs(
                names=args.names,
                tags=args.tags,
                watch_function_arn=watcher.function_arn,
                sweep_machine_arn=self.machine_arns["sweep-copies"],
                watch_schedule=args.settings.watch_schedule,
                sweep_schedule=args.settings.sweep_schedule,
                watch_vaults_function_arn=self.vaults.watch_function_arn if self.vaults else None,
                vault_watch_schedule=args.settings.vault_watch_schedule,
            ),
            self._child,
        )

    def _api(self) -> JobApi | None:
        args, settings = self._args, self._args.settings
        if settings.job_api == "off":
            return None
        function = self._function(functions.API_FUNCTION, functions.API_SPEC)
        return JobApi(
            "job-api",
            JobApiArgs(
                names=args.names,
                tags=args.tags,
                connection=args.connection,
                function_name=function.function_name,
                function_arn=function.function_arn,
                job_api=settings.job_api,
                requests_per_second=settings.api_requests_per_second,
                burst=settings.api_burst,
                quota_per_day=settings.api_quota_per_day,
                log_retention_days=args.log_retention_days,
                vaults=bool(settings.vaults),
            ),
            self._child,
        )
