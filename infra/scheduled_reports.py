"""Scheduled reports: written into a bucket as CSV and Parquet, to be had in SQL, and told to a topic."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from analytics.report_layout import dated_prefix
from analytics.schema import Origin
from infra import report_policies
from infra.buckets import PrivateBucket, PrivateBucketArgs
from infra.names import Names, Place
from infra.packaging import Package
from infra.report_function import ReportFunction, ReportFunctionArgs
from infra.report_schedules import ReportSchedules, ReportSchedulesArgs
from infra.report_tables import report_tables


@dataclass(frozen=True)
class ScheduledReportsArgs:
    """What to read, where to write, when, and whom to tell.

    `reports_bucket` "" makes one, which keeps the files of each run for `dated_reports_days`, 0 for ever;
    `email` "" subscribes nobody; a schedule "" is none. `query_policy` is the document that lets somebody
    query in the work group and through the connector.
    """

    names: Names
    tags: Mapping[str, str]
    package: Package
    layer: Package
    rollups_table_name: pulumi.Input[str]
    rollups_table_arn: pulumi.Input[str]
    work_group_name: pulumi.Input[str]
    data_catalog_name: pulumi.Input[str]
    database_name: pulumi.Input[str]
    query_policy: pulumi.Input[str]
    reports_bucket: str
    reports_prefix: str
    dated_reports_days: int
    report_schedule: str
    object_report_schedule: str
    attention_hours: int
    usd_per_gb_month: float
    email: str
    log_retention_days: int


class ScheduledReports(pulumi.ComponentResource):
    """The reports of a stack, kept up to date."""

    reports_bucket_name: Output[str]
    reports_bucket_arn: Output[str]
    function_name: Output[str]
    topic_arn: Output[str]

    def __init__(self, name: str, args: ScheduledReportsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:reports:ScheduledReports", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._place = Output.from_input(args.rollups_table_arn).apply(Place.of)
        self.reports_bucket_name = self._bucket()
        self.reports_bucket_arn = Output.all(self._place, self.reports_bucket_name).apply(
            lambda given: given[0].bucket_arn(given[1])
        )
        report_tables(args.database_name, self.reports_bucket_name, args.reports_prefix, self._child)
        self.topic_arn = self._topic()
        function = self._function()
        ReportSchedules(
            "report-schedules",
            ReportSchedulesArgs(
                names=args.names,
                tags=args.tags,
                function_arn=function.function_arn,
                failures_arn=function.failures_arn,
                report_schedule=args.report_schedule,
                object_report_schedule=args.object_report_schedule,
            ),
            self._child,
        )
        self.function_name = function.function_name
        self.register_outputs(
            {"reports_bucket_name": self.reports_bucket_name, "function_name": self.function_name}
        )

    def _bucket(self) -> Output[str]:
        """The given bucket, or one of ours, which S3 does not delete while it holds reports."""
        args = self._args
        if args.reports_bucket:
            return Output.from_input(args.reports_bucket)
        bucket = PrivateBucketArgs(
            self._place.apply(args.names.reports_bucket),
            args.tags,
            expire_days=args.dated_reports_days,
            expiring=dated_prefix(args.reports_prefix),
            empty_on_delete=False,
        )
        return PrivateBucket("reports", bucket, self._child).bucket_name

    def _topic(self) -> Output[str]:
        """Without KMS, as the alarms' topic: a message names jobs and files, and no archived object."""
        args = self._args
        topic = aws.sns.Topic(
            "reports-topic", name=args.names.reports_topic, tags=args.tags, opts=self._child
        )
        aws.sns.TopicPolicy(
            "reports-topic-policy",
            arn=topic.arn,
            policy=topic.arn.apply(report_policies.reports_topic),
            opts=self._child,
        )
        if args.email:
            aws.sns.TopicSubscription(
                "reports-email",
                topic=topic.arn,
                protocol="email",
                endpoint=args.email,
                filter_policy=self._mailed(),
                opts=self._child,
            )
        return topic.arn

    def _mailed(self) -> str | None:
        """A mail a day rather than one every few minutes, where there is a schedule for the objects."""
        return json.dumps({"reports": [Origin.OBJECTS]}) if self._args.object_report_schedule else None

    def _function(self) -> ReportFunction:
        args = self._args
        variables: dict[str, pulumi.Input[str]] = {
            "ROLLUPS_TABLE": args.rollups_table_name,
            "REPORTS_BUCKET": self.reports_bucket_name,
            "REPORTS_PREFIX": args.reports_prefix,
            "TOPIC_ARN": self.topic_arn,
            "WORK_GROUP": args.work_group_name,
            "DATA_CATALOG": args.data_catalog_name,
            "DATABASE": args.database_name,
            "ATTENTION_HOURS": str(args.attention_hours),
            "USD_PER_GB_MONTH": repr(args.usd_per_gb_month),
            "ACCOUNT_ID": self._place.apply(lambda place: place.account),
        }
        access: dict[str, pulumi.Input[str]] = {
            "rollups_table": args.rollups_table_arn,
            "reports_bucket": self.reports_bucket_arn,
            "reports_prefix": args.reports_prefix,
            "topic": self.topic_arn,
        }
        return ReportFunction(
            "report-function",
            ReportFunctionArgs(
                names=args.names,
                tags=args.tags,
                package=args.package,
                layer=args.layer,
                variables=variables,
                access=access,
                query_policy=args.query_policy,
                log_retention_days=args.log_retention_days,
            ),
            self._child,
        )
