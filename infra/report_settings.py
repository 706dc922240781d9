"""The settings of Athena, the scheduled reports and QuickSight: defaults, types and limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra import limits
from infra.setting_entries import bucket_name, require_folder
from infra.setting_values import Shape, require, require_email, require_range

SCHEDULE = re.compile(
    r"rate\(1 (minute|hour|day)\)|rate\(([2-9]|[1-9]\d+) (minutes|hours|days)\)"
    r"|cron\([\w,*/?#-]+( [\w,*/?#-]+){5}\)"
)
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html, without one-time schedules."""

PRICE = re.compile(r"\d{1,6}(\.\d{1,12})?")

QUICKSIGHT_ARN = re.compile(r"arn:aws[a-z-]*:quicksight:[a-z0-9-]+:\d{12}:(user|group)/[^/]+/.+")
"""https://docs.aws.amazon.com/quicksight/latest/APIReference/API_User.html, and the same for a group."""

MAX_REPORTS_PREFIX_BYTES = 512
"""Ours: half of a key, the report's own part has the rest."""

MAX_ATTENTION_HOURS = 8784
"""Ours: a year; no temporary copy is looked at so far ahead."""

MAX_SCAN_LIMIT_MB = 10**9
"""Ours: a petabyte, which is no limit."""

MAX_RESULT_DAYS = 3650
MAX_REPORT_DAYS = 3650
"""Ours: ten years."""


@dataclass(frozen=True)
class ReportSettings:
    """What is asked of the tables, when, at which limits, and who is told."""

    athena_scan_limit_mb: int = 100_000
    athena_max_concurrency: int = 10
    query_results_days: int = 7
    reports_bucket: str = ""
    reports_prefix: str = "thaw/"
    dated_reports_days: int = 90
    report_schedule: str = "rate(15 minutes)"
    object_report_schedule: str = "cron(0 3 * * ? *)"
    attention_hours: int = 24
    reports_email: str = ""
    usd_per_gb_month: str = ""
    quicksight_principal_arn: str = ""


REPORT_SHAPES: Mapping[str, Shape] = {
    "athena_scan_limit_mb": "integer",
    "athena_max_concurrency": "integer",
    "query_results_days": "integer",
    "reports_bucket": "string",
    "reports_prefix": "string",
    "dated_reports_days": "integer",
    "report_schedule": "string",
    "object_report_schedule": "string",
    "attention_hours": "integer",
    "reports_email": "string",
    "usd_per_gb_month": "string",
    "quicksight_principal_arn": "string",
}
"""The type of each key, as the project file's schema spells types."""


def check_reports(settings: ReportSettings) -> None:
    """Refuse what AWS or Thaw does not take. Raises SettingsError."""
    _check_athena(settings)
    _check_folder(settings)
    require_range("dated_reports_days", settings.dated_reports_days, 0, MAX_REPORT_DAYS)
    for key in ("report_schedule", "object_report_schedule"):
        require_schedule(key, getattr(settings, key))
    require_range("attention_hours", settings.attention_hours, 1, MAX_ATTENTION_HOURS)
    require_email("reports_email", settings.reports_email)
    _check_form(
        "usd_per_gb_month",
        settings.usd_per_gb_month,
        PRICE,
        "it is a price in US dollars as decimal text in quotes, like '0.023'",
        "correct it, or leave it empty for that of the Region",
    )
    _check_form(
        "quicksight_principal_arn",
        settings.quicksight_principal_arn,
        QUICKSIGHT_ARN,
        "it is the ARN of a QuickSight user or group, arn:aws:quicksight:REGION:ACCOUNT:user/NAMESPACE/NAME",
        "correct it, or leave it empty for no QuickSight",
    )


def _check_athena(settings: ReportSettings) -> None:
    require_range(
        "athena_scan_limit_mb", settings.athena_scan_limit_mb, limits.MIN_SCAN_LIMIT_MB, MAX_SCAN_LIMIT_MB
    )
    require_range(
        "athena_max_concurrency", settings.athena_max_concurrency, 0, limits.MAX_RESERVED_CONCURRENCY
    )
    require_range("query_results_days", settings.query_results_days, 1, MAX_RESULT_DAYS)


def _check_folder(settings: ReportSettings) -> None:
    if settings.reports_bucket:
        bucket_name("reports_bucket", settings.reports_bucket)
    require_folder(
        "reports_prefix", settings.reports_prefix, "give a folder such as thaw/, without the bucket"
    )
    length = len(settings.reports_prefix.encode())
    require(
        length <= MAX_REPORTS_PREFIX_BYTES,
        "reports_prefix",
        f"{length} bytes",
        f"it has at most {MAX_REPORTS_PREFIX_BYTES}",
        "shorten it",
    )


def require_schedule(key: str, value: str) -> None:
    """Refuse what EventBridge Scheduler does not take; empty is none. Raises SettingsError."""
    _check_form(
        key,
        value,
        SCHEDULE,
        "it is rate(NUMBER minutes|hours|days), 1 with the singular, or cron(SIX FIELDS), in UTC",
        "correct it, or leave it empty for no schedule",
    )
    require(
        len(value) <= limits.MAX_SCHEDULE_CHARACTERS,
        key,
        value,
        f"EventBridge Scheduler takes {limits.MAX_SCHEDULE_CHARACTERS} characters",
        "shorten it",
    )


def _check_form(key: str, value: str, form: "re.Pattern[str]", limit: str, way_out: str) -> None:
    require(not value or bool(form.fullmatch(value)), key, value, limit, way_out)
