"""The settings of tracking and its alarms: defaults, types and limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra import limits
from infra import setting_entries as entries
from infra.setting_entries import ImportFiles, WatchedBucket
from infra.setting_values import Shape, require, require_email, require_range
from thaw.core.copies import CopyRule

NAME_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,22}[a-z0-9]")
"""At most 24 characters, so that prefix and purpose fit every AWS name (the shortest limit is 64)."""

TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")

MAX_ROLLUP_SLOTS = 64
"""Ours: more slots make progress dearer to read and let no more writers in."""


@dataclass(frozen=True)
class TrackingSettings:
    """What is followed, how its events are taken in, and who is told."""

    name_prefix: str = "thaw"
    watched_buckets: tuple[WatchedBucket, ...] = ()
    copy_rules: tuple[CopyRule, ...] = ()
    import_files: ImportFiles | None = None
    batch_size: int = 100
    batching_window_seconds: int = 5
    max_concurrency: int = 10
    max_receive_count: int = 5
    rollup_slots: int = 8
    memory_mb: int = 512
    log_retention_days: int = 90
    protect_tables: bool = True
    alarm_email: str = ""
    alarm_topic_arn: str = ""
    untracked_events_per_hour: int = 100
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


TRACKING_SHAPES: Mapping[str, Shape] = {
    "name_prefix": "string",
    "watched_buckets": "array",
    "copy_rules": "array",
    "import_files": "object",
    "batch_size": "integer",
    "batching_window_seconds": "integer",
    "max_concurrency": "integer",
    "max_receive_count": "integer",
    "rollup_slots": "integer",
    "memory_mb": "integer",
    "log_retention_days": "integer",
    "protect_tables": "boolean",
    "alarm_email": "string",
    "alarm_topic_arn": "string",
    "untracked_events_per_hour": "integer",
    "tags": "object",
}
"""The type of each key, as the project file's schema spells types."""


def check_tracking(settings: TrackingSettings) -> None:
    """Refuse what AWS or Thaw does not take. Raises SettingsError."""
    _check_names(settings)
    _check_intake(settings)
    _check_alarms(settings)
    _check_buckets(settings)
    _check_copy_rules(settings)


def _check_names(settings: TrackingSettings) -> None:
    require(
        bool(NAME_PREFIX.fullmatch(settings.name_prefix)),
        "name_prefix",
        settings.name_prefix,
        "it has 2 to 24 lower-case letters, digits and hyphens, starts with a letter and ends without hyphen",
        "choose a short name of that form",
    )


def _check_intake(settings: TrackingSettings) -> None:
    require_range("batch_size", settings.batch_size, limits.MIN_BATCH_SIZE, limits.MAX_BATCH_SIZE)
    require_range(
        "batching_window_seconds",
        settings.batching_window_seconds,
        limits.MIN_WINDOW_SECONDS,
        limits.MAX_WINDOW_SECONDS,
    )
    require(
        settings.batch_size <= limits.MAX_BATCH_SIZE_WITHOUT_WINDOW or settings.batching_window_seconds > 0,
        "batch_size",
        settings.batch_size,
        f"without a batching window Lambda takes at most {limits.MAX_BATCH_SIZE_WITHOUT_WINDOW}",
        "set batching_window_seconds to 1 or more, or lower batch_size",
    )
    require_range("max_concurrency", settings.max_concurrency, limits.MIN_CONCURRENCY, limits.MAX_CONCURRENCY)
    require_range(
        "max_receive_count", settings.max_receive_count, limits.MIN_RECEIVE_COUNT, limits.MAX_RECEIVE_COUNT
    )
    require_range("rollup_slots", settings.rollup_slots, 1, MAX_ROLLUP_SLOTS)
    require_range("memory_mb", settings.memory_mb, limits.MIN_MEMORY_MB, limits.MAX_MEMORY_MB)
    require(
        settings.log_retention_days in limits.LOG_RETENTION_DAYS,
        "log_retention_days",
        settings.log_retention_days,
        f"CloudWatch Logs takes {', '.join(map(str, sorted(limits.LOG_RETENTION_DAYS)))}",
        "choose one of them",
    )


def _check_alarms(settings: TrackingSettings) -> None:
    email, topic = settings.alarm_email, settings.alarm_topic_arn
    require(
        not (email and topic),
        "alarm_email",
        email,
        "a given alarm_topic_arn has its own subscribers",
        "set one of the two",
    )
    require_email("alarm_email", email)
    require(
        not topic or bool(TOPIC_ARN.fullmatch(topic)),
        "alarm_topic_arn",
        topic,
        "it is the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME",
        "correct it, or drop it to have a topic made",
    )
    require_range("untracked_events_per_hour", settings.untracked_events_per_hour, 1, 10**9)


def _check_buckets(settings: TrackingSettings) -> None:
    names = [bucket.name for bucket in settings.watched_buckets]
    for name in names:
        require(
            names.count(name) == 1,
            "watched_buckets",
            name,
            "a bucket stands there once",
            "join its entries: watch both, with the prefix that they have in common",
        )


def _check_copy_rules(settings: TrackingSettings) -> None:
    length = len(entries.copy_rules_text(settings.copy_rules).encode())
    require(
        length <= limits.MAX_COPY_RULES_BYTES,
        "copy_rules",
        f"{length} bytes as JSON",
        f"there is room for {limits.MAX_COPY_RULES_BYTES} in the function's environment",
        "join rules under a prefix that they have in common",
    )
    copies = {bucket.name for bucket in settings.watched_buckets if "copies" in bucket.watch}
    for rule in settings.copy_rules:
        require(
            rule.destination_bucket in copies,
            "copy_rules",
            rule.destination_bucket,
            "no copy into a bucket is seen unless it is watched for copies",
            f"add {{name: {rule.destination_bucket}, watch: [copies]}} to watched_buckets",
        )
