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

from infra import packaging
from infra.alarms import Alarms, AlarmsArgs
from infra.bucket_events import BucketEvents, BucketEventsArgs, rule_names
from infra.config import load_connection, load_settings
from infra.event_intake import EventIntake, EventIntakeArgs
from infra.names import Names
from infra.tracking import Tracking, TrackingArgs

ROOT = Path(__file__).resolve().parent

settings = load_settings()
connection = load_connection()
names = Names(settings.name_prefix)
tags = settings.all_tags

tracking = Tracking(
    "tracking", TrackingArgs(names, connection, tags, settings.protect_tables, settings.import_files)
)

event_rules = [
    rule for bucket in settings.watched("eventbridge") for rule in rule_names(names, bucket).values()
]

intake_args = EventIntakeArgs(
    names=names,
    tags=tags,
    package=packaging.build(ROOT, "track_events", ROOT / "build"),
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
)
intake = EventIntake("event-intake", intake_args)

for bucket in settings.watched_buckets:
    BucketEvents(
        bucket.name,
        BucketEventsArgs(bucket, names, connection, tags, intake.queue_arn, after=[tracking, intake]),
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
