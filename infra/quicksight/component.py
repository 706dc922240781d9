"""QuickSight: a data source on Athena, a data set for each report and for the objects, and the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import quicksight

from infra.athena_policies import QueryAccess
from infra.names import Names, Place
from infra.quicksight.access import DATA_SOURCE_ACTIONS, data_source_role, trust
from infra.quicksight.datasets import DATASETS, dashed
from infra.quicksight.stack import Scope, template

DAILY_AT = "05:00"
"""UTC: when the drill-down is imported, which scans the live table; reports are imported every hour."""


@dataclass(frozen=True)
class QuickSightArgs:
    """`principal_arn`: the QuickSight user or group that owns what is made here.

    The database holds the tables over the reports, and those that the connector (the data catalog) reads.
    `after`: what makes these tables, since QuickSight imports them as soon as it knows of a data set.
    """

    names: Names
    tags: Mapping[str, str]
    principal_arn: str
    work_group_name: Input[str]
    work_group_arn: Input[str]
    data_catalog_name: Input[str]
    database_name: Input[str]
    connector_function_arn: Input[str]
    results_bucket_arn: Input[str]
    spill_bucket_arn: Input[str]
    reports_bucket_arn: Input[str]
    after: Sequence[pulumi.Resource]


class QuickSight(pulumi.ComponentResource):
    """What people look at in QuickSight; only the drill-down's daily import reads the live table."""

    dashboard_id: Output[str]

    def __init__(self, name: str, args: QuickSightArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:quicksight:QuickSight", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._place = Output.from_input(args.work_group_arn).apply(Place.of)
        self._source = self._data_source()
        stack = self._stack()
        for key, dataset in DATASETS.items():
            self._refresh(key, stack, daily=dataset.live)
        self.dashboard_id = Output.from_input(args.names.quicksight("dashboard"))
        self.register_outputs({"dashboard_id": self.dashboard_id})

    def _data_source(self) -> quicksight.DataSource:
        args = self._args
        role = aws.iam.Role(
            "quicksight-role",
            name=args.names.quicksight("role"),
            assume_role_policy=trust(),
            tags=args.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            "quicksight-role-policy",
            name="query",
            role=role.name,
            policy=self._role_policy(),
            opts=self._child,
        )
        return quicksight.DataSource(
            "quicksight-source",
            data_source_id=args.names.quicksight("athena"),
            name=f"Thaw ({args.names.prefix})",
            type="ATHENA",
            parameters=quicksight.DataSourceParametersArgs(
                athena=quicksight.DataSourceParametersAthenaArgs(
                    work_group=args.work_group_name, role_arn=role.arn
                )
            ),
            permissions=[
                quicksight.DataSourcePermissionArgs(
                    principal=args.principal_arn, actions=list(DATA_SOURCE_ACTIONS)
                )
            ],
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[policy, *args.after]),
        )

    def _role_policy(self) -> Output[str]:
        args = self._args
        access = Output.all(
            work_group=args.work_group_arn,
            data_catalog=self._place.apply(lambda place: place.data_catalog_arn(args.names.data_catalog)),
            connector=args.connector_function_arn,
            results_bucket=args.results_bucket_arn,
            spill_bucket=args.spill_bucket_arn,
        ).apply(lambda arns: QueryAccess(**arns))
        return Output.all(access, args.database_name, args.reports_bucket_arn).apply(
            lambda known: data_source_role(*known)
        )

    def _stack(self) -> aws.cloudformation.Stack:
        args = self._args
        body = Output.all(
            account=self._place.apply(lambda place: place.account),
            data_source=self._source.arn,
            data_catalog=args.data_catalog_name,
            database=args.database_name,
        ).apply(lambda known: template(Scope(args.names, principal=args.principal_arn, **known), args.tags))
        return aws.cloudformation.Stack(
            "quicksight-dashboard",
            name=args.names.quicksight("dashboard"),
            template_body=body,
            tags=args.tags,
            opts=self._child,
        )

    def _refresh(self, name: str, stack: aws.cloudformation.Stack, *, daily: bool) -> None:
        args, slug = self._args, dashed(name)
        frequency = quicksight.RefreshScheduleScheduleScheduleFrequencyArgs
        quicksight.RefreshSchedule(
            f"quicksight-{slug}-refresh",
            data_set_id=args.names.quicksight(slug),
            schedule_id=args.names.quicksight(f"{slug}-refresh"),
            schedule=quicksight.RefreshScheduleScheduleArgs(
                refresh_type="FULL_REFRESH",
                schedule_frequency=frequency(interval="DAILY", time_of_the_day=DAILY_AT, timezone="UTC")
                if daily
                else frequency(interval="HOURLY"),
            ),
            opts=ResourceOptions(parent=self, depends_on=[stack]),
        )
