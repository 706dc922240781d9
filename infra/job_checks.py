"""What AWS or Thaw does not take of the settings of jobs."""

from collections.abc import Mapping

from infra import limits
from infra.job_settings import JobSettings, followed_buckets
from infra.report_alarms import rate_hours
from infra.report_settings import MAX_ATTENTION_HOURS, require_schedule
from infra.setting_entries import WatchedBucket, bucket_name, copy_rules_text
from infra.setting_values import require, require_email, require_range
from infra.tracking_settings import TrackingSettings
from thaw.core.retrieval import MAX_REQUESTS_PER_SECOND

JOB_API = ("iam", "api_key", "off")

MAX_JOB_OBJECTS = 10**9
"""Ours: S3 Batch Operations takes 20 billion, but no table is loaded with so many by functions."""

MAX_TIMEOUT_HOURS = 8784
"""Ours: a year."""

MAX_FILE_DAYS = 3650
"""Ours: ten years."""

VAULT_FILE_DAYS = 365
"""A transfer of a vault has no timeout: its files are kept for so long at least."""

MAX_UNCOPIED_BYTES = 10**18
"""Ours: an exabyte, which is no limit."""


_RANGES: Mapping[str, tuple[int, int]] = {
    "job_files_days": (1, MAX_FILE_DAYS),
    "job_max_objects": (1, MAX_JOB_OBJECTS),
    "job_timeout_hours": (1, MAX_TIMEOUT_HOURS),
    "progress_step_percent": (1, 100),
    "expiry_margin_hours": (1, MAX_ATTENTION_HOURS),
    "max_uncopied_bytes": (0, MAX_UNCOPIED_BYTES),
    "restore_requests_per_second": (1, MAX_REQUESTS_PER_SECOND),
    "tolerated_failure_percent": (0, 100),
    "copy_max_concurrency": (limits.MIN_CONCURRENCY, limits.MAX_CONCURRENCY),
    "api_requests_per_second": (1, limits.MAX_API_REQUESTS_PER_SECOND),
    "api_burst": (1, limits.MAX_API_BURST),
    "api_quota_per_day": (0, limits.MAX_API_QUOTA),
}


def check_jobs(settings: JobSettings, tracking: TrackingSettings) -> None:
    """Refuse what AWS or Thaw does not take. Raises SettingsError."""
    for key, (low, high) in _RANGES.items():
        require_range(key, getattr(settings, key), low, high)
    _check_buckets(settings)
    _check_watching(settings, tracking.watched_buckets)
    _check_files(settings)
    _check_schedules(settings)
    _check_api(settings)
    require_email("progress_email", settings.progress_email)
    _check_environments(settings, tracking)


def _check_buckets(settings: JobSettings) -> None:
    given = {
        "restore_buckets": [bucket.name for bucket in settings.restore_buckets],
        "manifest_buckets": list(settings.manifest_buckets),
        "copy_destinations": [f"{each.bucket}/{each.prefix}" for each in settings.copy_destinations],
    }
    for key, entries in given.items():
        for entry in entries:
            require(entries.count(entry) == 1, key, entry, "it stands there once", "drop one of them")


def _check_watching(settings: JobSettings, watched: tuple[WatchedBucket, ...]) -> None:
    """A bucket that is watched already has to tell of every restore that a job may ask for."""
    by_name = {bucket.name: bucket for bucket in watched}
    for bucket in settings.restore_buckets:
        found = by_name.get(bucket.name, bucket.watched)
        require(
            "restores" in found.watch,
            "restore_buckets",
            bucket.name,
            "its entry in watched_buckets watches copies only, so that no restore would be seen",
            "add restores to its watch",
        )
        require(
            bucket.prefix.startswith(found.prefix),
            "restore_buckets",
            bucket.name,
            f"its entry in watched_buckets watches {found.prefix!r} only",
            "give it a prefix that begins so, or widen what is watched",
        )


def _check_files(settings: JobSettings) -> None:
    if settings.jobs_bucket:
        bucket_name("jobs_bucket", settings.jobs_bucket)
    require(
        settings.job_files_days * 24 > settings.job_timeout_hours,
        "job_files_days",
        settings.job_files_days,
        f"a job may take {settings.job_timeout_hours} hours and needs its files as long",
        "raise it, or lower job_timeout_hours",
    )
    require(
        not settings.vaults or settings.job_files_days >= VAULT_FILE_DAYS,
        "job_files_days",
        settings.job_files_days,
        "a transfer of a vault needs its plan to its end, and its manifest for the verdict on the vault",
        f"with vaults make it {VAULT_FILE_DAYS} or more",
    )


def _check_schedules(settings: JobSettings) -> None:
    for key in ("watch_schedule", "sweep_schedule"):
        require_schedule(key, getattr(settings, key))
    require(
        bool(settings.watch_schedule),
        "watch_schedule",
        settings.watch_schedule,
        "no job would end without it",
        "set it, to rate(1 minute) for one",
    )
    require(
        (rate_hours(settings.sweep_schedule) or 0) < settings.expiry_margin_hours,
        "sweep_schedule",
        settings.sweep_schedule,
        f"a copy that lapses within {settings.expiry_margin_hours} hours has to be found in time",
        "sweep more often, or raise expiry_margin_hours",
    )


def _check_api(settings: JobSettings) -> None:
    require(
        settings.job_api in JOB_API, "job_api", settings.job_api, f"it is {', '.join(JOB_API)}", "choose one"
    )
    require(
        not settings.api_quota_per_day or settings.job_api == "api_key",
        "api_quota_per_day",
        settings.api_quota_per_day,
        "only callers with an API key are counted",
        "set job_api to api_key, or this to 0",
    )


def _check_environments(settings: JobSettings, tracking: TrackingSettings) -> None:
    if not (settings.restore_buckets or settings.vaults):
        return
    followed = followed_buckets(tracking.watched_buckets, settings)
    rules = len(settings.rules("x" * limits.MAX_REGION_CHARACTERS, followed).to_json().encode())
    require(
        rules <= limits.MAX_JOB_RULES_BYTES,
        "restore_buckets",
        f"{rules} bytes as JSON, with manifest_buckets, copy_destinations, kms_key_arns and vaults",
        f"there is room for {limits.MAX_JOB_RULES_BYTES} in a function's environment",
        "drop some, or deploy a second stack for them",
    )
    copies = len(copy_rules_text(tracking.copy_rules).encode())
    require(
        copies <= limits.MAX_COPY_RULES_BYTES_BESIDE_JOBS,
        "copy_rules",
        f"{copies} bytes as JSON",
        f"there is room for {limits.MAX_COPY_RULES_BYTES_BESIDE_JOBS} in the function's environment where"
        " there are restore_buckets",
        "join rules under a prefix that they have in common",
    )
