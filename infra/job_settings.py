"""The settings of jobs: what they may restore and copy, how fast, for how long; defaults and types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.job_entries import RestoreBucket
from infra.setting_entries import WatchedBucket
from infra.setting_values import Shape
from infra.vault_settings import VaultSettings
from thaw.core.job_rules import Destination, JobRules


@dataclass(frozen=True)
class JobSettings(VaultSettings):
    """What jobs may do. Without `restore_buckets` and `vaults` nothing of jobs is deployed."""

    restore_buckets: tuple[RestoreBucket, ...] = ()
    manifest_buckets: tuple[str, ...] = ()
    copy_destinations: tuple[Destination, ...] = ()
    kms_key_arns: tuple[str, ...] = ()
    copy_may_delete_source: bool = False
    jobs_bucket: str = ""
    job_files_days: int = 365
    job_max_objects: int = 5_000_000
    job_timeout_hours: int = 168
    progress_step_percent: int = 10
    progress_email: str = ""
    watch_schedule: str = "rate(1 minute)"
    sweep_schedule: str = "rate(6 hours)"
    expiry_margin_hours: int = 24
    max_uncopied_bytes: int = 0
    restore_requests_per_second: int = 200
    tolerated_failure_percent: int = 5
    copy_max_concurrency: int = 20
    job_api: str = "iam"
    api_requests_per_second: int = 10
    api_burst: int = 20
    api_quota_per_day: int = 0

    def rules(self, region: str, followed: Sequence[WatchedBucket]) -> JobRules:
        """What functions have to keep to; `followed` are all buckets whose events come in."""
        eventbridge = {bucket.name for bucket in followed if bucket.via == "eventbridge"}
        return JobRules(
            region=region,
            restore_buckets=tuple(bucket.name for bucket in self.restore_buckets),
            eventbridge_buckets=tuple(b.name for b in self.restore_buckets if b.name in eventbridge),
            manifest_buckets=self.manifest_buckets,
            copy_destinations=self.copy_destinations,
            copy_may_delete_source=self.copy_may_delete_source,
            max_objects=self.job_max_objects,
            timeout_hours=self.job_timeout_hours,
            progress_step_percent=self.progress_step_percent,
            max_uncopied_bytes=self.max_uncopied_bytes,
            expiry_margin_hours=self.expiry_margin_hours,
            restore_requests_per_second=self.restore_requests_per_second,
            tolerated_failure_percent=self.tolerated_failure_percent,
            vaults=self.vaults,
            kms_key_arns=self.kms_key_arns,
            vault_bytes_per_day=self.vault_bytes_per_day,
            vault_requests_per_second=self.vault_requests_per_second,
            vault_staged_bytes=self.vault_staged_bytes,
            vault_sweep_minutes=self.vault_sweep_minutes,
        )


JOB_SHAPES: Mapping[str, Shape] = {
    "restore_buckets": "array",
    "manifest_buckets": "array",
    "copy_destinations": "array",
    "kms_key_arns": "array",
    "copy_may_delete_source": "boolean",
    "jobs_bucket": "string",
    "job_files_days": "integer",
    "job_max_objects": "integer",
    "job_timeout_hours": "integer",
    "progress_step_percent": "integer",
    "progress_email": "string",
    "watch_schedule": "string",
    "sweep_schedule": "string",
    "expiry_margin_hours": "integer",
    "max_uncopied_bytes": "integer",
    "restore_requests_per_second": "integer",
    "tolerated_failure_percent": "integer",
    "copy_max_concurrency": "integer",
    "job_api": "string",
    "api_requests_per_second": "integer",
    "api_burst": "integer",
    "api_quota_per_day": "integer",
}
"""The type of each key, as the project file's schema spells types."""


def followed_buckets(watched: tuple[WatchedBucket, ...], jobs: JobSettings) -> tuple[WatchedBucket, ...]:
    """The watched buckets, and those of jobs that are not among them."""
    names = {bucket.name for bucket in watched}
    return (*watched, *(each.watched for each in jobs.restore_buckets if each.name not in names))
