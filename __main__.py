"""Thaw on AWS: what `pulumi up` deploys. Everything is wired here and built in infra/.

A stack file, Pulumi.STACK.yaml (Pulumi.example.yaml explains every key):

    config:
      aws:region: eu-central-1
      thaw:watched_buckets:
        - name: my-archive
      thaw:import_files:
        bucket: my-manifests
        prefix: prepared/2026-11/
      thaw:alarm_email: me@example.org
"""

from pathlib import Path

import pulumi

from infra import layers, packaging
from infra.alarms import Alarms, AlarmsArgs
from infra.athena import Athena, AthenaArgs
from infra.bucket_events import BucketEvents, BucketEventsArgs, rule_names
from infra.config import load_build_folder, load_connection, load_settings
from infra.event_intake import EventIntake, EventIntakeArgs
from infra.jobs.component import Jobs, JobsArgs
from infra.jobs.functions import packages
from infra.jobs.storage import JobStorage, JobStorageArgs
from infra.names import Names
from infra.quicksight.component import QuickSight, QuickSightArgs
from infra.report_alarms import report_alarm_rules
from infra.scheduled_reports import ScheduledReports, ScheduledReportsArgs
from infra.storage_price import usd_per_gb_month
from infra.tracking import Tracking, TrackingArgs
from infra.vaults.functions import VAULT_FUNCTIONS

ROOT = Path(__file__).resolve().parent

settings = load_settings()
connection = load_connection()
names = Names(settings.name_prefix)
tags = settings.all_tags
price = usd_per_gb_month(settings.usd_per_gb_month, connection.region)
build = load_build_folder(ROOT)
layer = layers.find(layers.REPORT, ROOT, build)
vault_functions = VAULT_FUNCTIONS if settings.vaults else ()
job_packages = packages(ROOT, build, vault_functions) if settings.has_jobs else None

tracking = Tracking(
    "tracking", TrackingArgs(names, connection, tags, settings.protect_tables, settings.import_files)
)

job_storage = (
    JobStorage(
        "job-storage",
        JobStorageArgs(
            names=names,
            tags=tags,
            place_arn=tracking.rollups_table_arn,
            jobs_bucket=settings.jobs_bucket,
            file_days=settings.job_files_days,
            protect=settings.protect_tables,
        ),
    )
    if job_packages
    else None
)

event_rules = [
    rule for bucket in settings.watched("eventbridge") for rule in rule_names(names, bucket).values()
]

intake_args = EventIntakeArgs(
    names=names,
    tags=tags,
    package=packaging.build(ROOT, "track_events", build),
    objects_table_name=tracking.objects_table_name,
    objects_table_arn=tracking.objects_table_arn,
    rollups_table_name=tracking.rollups_table_name,
    rollups_table_arn=tracking.rollups_table_arn,
    sending_buckets=[bucket.name for bucket in settings.watched("notifications")],
    sending_rules=event_rules,
    copy_rules=settings.copy_rules,
    batch_size=settings.batch_size,
    batching_window_seconds=settings.batching_window_seconds,
    max_concurrency=settings.max_concurrency,
    max_receive_count=settings.max_receive_count,
    rollup_slots=settings.rollup_slots,
    memory_mb=settings.memory_mb,
    log_retention_days=settings.log_retention_days,
    copying=job_storage.copying if job_storage else None,
)
intake = EventIntake("event-intake", intake_args)

for bucket in settings.followed_buckets:
    BucketEvents(
        bucket.name,
        BucketEventsArgs(bucket, names, connection, tags, intake.queue_arn, after=[tracking, intake]),
    )

jobs = (
    Jobs(
        "jobs",
        JobsArgs(
            names=names,
            tags=tags,
            connection=connection.inputs,
            settings=settings,
            rules=settings.job_rules(connection.region),
            place_arn=tracking.rollups_table_arn,
            storage=job_storage,
            packages=job_packages,
            rollup_slots=settings.rollup_slots,
            log_retention_days=settings.log_retention_days,
        ),
    )
    if job_packages and job_storage
    else None
)

alarms = Alarms(
    "alarms",
    AlarmsArgs(
        names=names,
        tags=tags,
        region=connection.region,
        email=settings.alarm_email,
        topic_arn=settings.alarm_topic_arn,
        untracked_events_per_hour=settings.untracked_events_per_hour,
        visibility_timeout_seconds=intake_args.visibility_timeout_seconds,
        event_rules=event_rules,
        report_rules=report_alarm_rules(
            function=names.report_function,
            failures=names.report_failures,
            report_schedule=settings.report_schedule,
            object_report_schedule=settings.object_report_schedule,
        ),
        job_rules=jobs.alarm_rules if jobs else [],
        job_charts=jobs.charts if jobs else [],
    ),
)

athena = Athena(
    "athena",
    AthenaArgs(
        names=names,
        connection=connection,
        tags=tags,
        objects_table_name=tracking.objects_table_name,
        objects_table_arn=tracking.objects_table_arn,
        rollups_table_name=tracking.rollups_table_name,
        rollups_table_arn=tracking.rollups_table_arn,
        scan_limit_mb=settings.athena_scan_limit_mb,
        max_concurrency=settings.athena_max_concurrency,
        query_results_days=settings.query_results_days,
        log_retention_days=settings.log_retention_days,
        usd_per_gb_month=price,
        attention_hours=settings.attention_hours,
    ),
)

reports = ScheduledReports(
    "scheduled-reports",
    ScheduledReportsArgs(
        names=names,
        tags=tags,
        package=packaging.build(ROOT, "report", build),
        layer=layer,
        rollups_table_name=tracking.rollups_table_name,
        rollups_table_arn=tracking.rollups_table_arn,
        work_group_name=athena.work_group_name,
        data_catalog_name=athena.data_catalog_name,
        database_name=athena.database_name,
        query_policy=athena.query_policy,
        reports_bucket=settings.reports_bucket,
        reports_prefix=settings.reports_prefix,
        dated_reports_days=settings.dated_reports_days,
        report_schedule=settings.report_schedule,
        object_report_schedule=settings.object_report_schedule,
        attention_hours=settings.attention_hours,
        usd_per_gb_month=price,
        email=settings.reports_email,
        log_retention_days=settings.log_retention_days,
    ),
)

if settings.quicksight_principal_arn:
    QuickSight(
        "quicksight",
        QuickSightArgs(
            names=names,
            tags=tags,
            principal_arn=settings.quicksight_principal_arn,
            work_group_name=athena.work_group_name,
            work_group_arn=athena.work_group_arn,
            data_catalog_name=athena.data_catalog_name,
            database_name=athena.database_name,
            connector_function_arn=athena.connector_function_arn,
            results_bucket_arn=athena.results_bucket_arn,
            spill_bucket_arn=athena.spill_bucket_arn,
            reports_bucket_arn=reports.reports_bucket_arn,
            after=[athena, reports],
        ),
    )

pulumi.export("objects_table", tracking.objects_table_name)
pulumi.export("rollups_table", tracking.rollups_table_name)
pulumi.export("queue_url", intake.queue_url)
pulumi.export("dead_letter_queue_url", intake.dead_letter_queue_url)
pulumi.export("function", intake.function_name)
pulumi.export("log_group", intake.log_group_name)
pulumi.export("topic_arn", alarms.topic_arn)
pulumi.export("dashboard", alarms.dashboard_name)
pulumi.export("athena_work_group", athena.work_group_name)
pulumi.export("athena_data_catalog", athena.data_catalog_name)
pulumi.export("athena_database", athena.database_name)
pulumi.export("athena_query_policy", athena.query_policy)
pulumi.export("query_results_bucket", athena.results_bucket_name)
pulumi.export("reports_bucket", reports.reports_bucket_name)
pulumi.export("report_function", reports.function_name)
pulumi.export("reports_topic_arn", reports.topic_arn)

if job_storage and jobs:
    pulumi.export("jobs_table", job_storage.table_name)
    pulumi.export("jobs_bucket", job_storage.bucket_name)
    pulumi.export("copy_queue_url", job_storage.queue.queue_url)
    pulumi.export("copy_dead_letter_queue_url", job_storage.queue.dead_letter_queue_url)
    pulumi.export("progress_topic_arn", jobs.progress_topic_arn)
    pulumi.export("create_job_machine_arn", jobs.machine_arns["create-job"])
    pulumi.export("restore_bucket_machine_arn", jobs.machine_arns["restore-bucket"])
    pulumi.export("job_api_url", jobs.api.url if jobs.api else "")
    pulumi.export("job_api_key_id", jobs.api.key_id if jobs.api else "")
    pulumi.export("job_rules", settings.job_rules(connection.region).to_json())

if jobs and jobs.vaults:
    pulumi.export("vault_topic_arn", jobs.vaults.topic_arn)
    pulumi.export("vault_queue_url", jobs.vaults.queue.queue_url)
    pulumi.export("vault_dead_letter_queue_url", jobs.vaults.queue.dead_letter_queue_url)
    pulumi.export("transfer_vault_machine_arn", jobs.vaults.machine_arns["transfer-vault"])
    pulumi.export("transfer_large_machine_arn", jobs.vaults.machine_arns["transfer-large"])
    pulumi.export("finish_vault_machine_arn", jobs.vaults.machine_arns["finish-vault"])
    pulumi.export("vault_launch_document", jobs.vaults.launch_document)
    pulumi.export("vault_resume_document", jobs.vaults.resume_document)
    pulumi.export("vault_dashboard", jobs.vaults.dashboard_name)
