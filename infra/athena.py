"""Athena: the tables in SQL, at limits, with the reports as saved queries."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from analytics.statements import Parameters
from infra import athena_policies
from infra.athena_policies import QueryAccess
from infra.buckets import PrivateBucket, PrivateBucketArgs
from infra.config import Connection
from infra.connector import Connector, ConnectorArgs
from infra.glue_catalog import GlueCatalog, GlueCatalogArgs
from infra.names import Names, Place
from infra.saved_queries import saved_queries

ENGINE = "Athena engine version 3"
"""Trino's functions and types: https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html"""

BYTES_PER_MB = 1_000_000
SPILL_DAYS = 1
"""A query takes at most 30 minutes, and lifecycle counts in days."""


@dataclass(frozen=True)
class AthenaArgs:
    """The tables, the limits of a query and of the connector, and what the saved reports reckon with."""

    names: Names
    connection: Connection
    tags: Mapping[str, str]
    objects_table_name: pulumi.Input[str]
    objects_table_arn: pulumi.Input[str]
    rollups_table_name: pulumi.Input[str]
    rollups_table_arn: pulumi.Input[str]
    scan_limit_mb: int
    max_concurrency: int
    query_results_days: int
    log_retention_days: int
    usd_per_gb_month: float
    attention_hours: int


class Athena(pulumi.ComponentResource):
    """Work group, connector, declared tables and saved queries; `query_policy` lets somebody query."""

    work_group_name: Output[str]
    work_group_arn: Output[str]
    data_catalog_name: Output[str]
    database_name: Output[str]
    results_bucket_name: Output[str]
    results_bucket_arn: Output[str]
    spill_bucket_name: Output[str]
    spill_bucket_arn: Output[str]
    connector_function_arn: Output[str]
    query_policy: Output[str]

    def __init__(self, name: str, args: AthenaArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:athena:Athena", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._place = Output.from_input(args.objects_table_arn).apply(Place.of)
        results = self._bucket(
            "results", self._place.apply(args.names.results_bucket), args.query_results_days
        )
        spill = self._bucket("spill", self._place.apply(args.names.spill_bucket), SPILL_DAYS)
        work_group = self._work_group(results)
        database_name = self._declare()
        connector = self._connector(spill, work_group)
        self._save_queries(work_group, database_name)
        self.work_group_name, self.work_group_arn = work_group.name, work_group.arn
        self.data_catalog_name, self.database_name = connector.data_catalog_name, database_name
        self.results_bucket_name, self.results_bucket_arn = results.bucket_name, results.bucket_arn
        self.spill_bucket_name, self.spill_bucket_arn = spill.bucket_name, spill.bucket_arn
        self.connector_function_arn = connector.function_arn
        self.query_policy = self._query_policy()
        self.register_outputs({"work_group_name": self.work_group_name})

    def _bucket(self, name: str, bucket: Output[str], days: int) -> PrivateBucket:
        return PrivateBucket(name, PrivateBucketArgs(bucket, self._args.tags, days), self._child)

    def _work_group(self, results: PrivateBucket) -> aws.athena.Workgroup:
        """Its settings hold whatever a client asks for, and only this account's bucket takes results."""
        args = self._args
        result = aws.athena.WorkgroupConfigurationResultConfigurationArgs(
            output_location=results.bucket_name.apply(lambda bucket: f"s3://{bucket}/"),
            expected_bucket_owner=self._place.apply(lambda place: place.account),
            encryption_configuration=(
                aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                    encryption_option="SSE_S3"
                )
            ),
        )
        return aws.athena.Workgroup(
            "work-group",
            name=args.names.work_group,
            description="Queries over the tables and reports of Thaw.",
            configuration=aws.athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=args.scan_limit_mb * BYTES_PER_MB,
                engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(
                    selected_engine_version=ENGINE
                ),
                result_configuration=result,
            ),
            force_destroy=True,
            tags=args.tags,
            opts=self._child,
        )

    def _declare(self) -> Output[str]:
        args = self._args
        tables = GlueCatalogArgs(
            names=args.names,
            tags=args.tags,
            objects_table_name=args.objects_table_name,
            objects_table_arn=args.objects_table_arn,
            rollups_table_name=args.rollups_table_name,
            rollups_table_arn=args.rollups_table_arn,
        )
        return GlueCatalog("glue-catalog", tables, self._child).database_name

    def _connector(self, spill: PrivateBucket, work_group: aws.athena.Workgroup) -> Connector:
        args = self._args
        connector_args = ConnectorArgs(
            names=args.names,
            connection=args.connection,
            tags=args.tags,
            objects_table_arn=args.objects_table_arn,
            rollups_table_arn=args.rollups_table_arn,
            spill_bucket_name=spill.bucket_name,
            spill_bucket_arn=spill.bucket_arn,
            work_group_arn=work_group.arn,
            max_concurrency=args.max_concurrency,
            log_retention_days=args.log_retention_days,
        )
        return Connector("connector", connector_args, self._child)

    def _save_queries(self, work_group: aws.athena.Workgroup, database_name: Output[str]) -> None:
        args = self._args
        parameters = Parameters(None, args.usd_per_gb_month, attention_hours=args.attention_hours)
        for query in saved_queries(args.names.data_catalog, args.names.database, parameters):
            aws.athena.NamedQuery(
                f"query-{query.name}",
                name=query.name,
                description=f"The report {query.name}, from every object: choose {args.names.data_catalog}.",
                workgroup=work_group.name,
                database=database_name,
                query=query.sql,
                opts=self._child,
            )

    def _query_policy(self) -> Output[str]:
        data_catalog = Output.all(self._place, self.data_catalog_name).apply(
            lambda given: given[0].data_catalog_arn(given[1])
        )
        return Output.all(
            work_group=self.work_group_arn,
            data_catalog=data_catalog,
            connector=self.connector_function_arn,
            results_bucket=self.results_bucket_arn,
            spill_bucket=self.spill_bucket_arn,
        ).apply(lambda arns: athena_policies.query(QueryAccess(**arns)))
