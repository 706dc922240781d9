"""The stack's settings: read once, checked whole, typed from there on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from infra import job_entries
from infra import setting_entries as entries
from infra.job_checks import check_jobs
from infra.job_settings import JOB_SHAPES, JobSettings, followed_buckets
from infra.report_settings import REPORT_SHAPES, ReportSettings, check_reports
from infra.setting_entries import OUR_TAGS, WatchedBucket
from infra.setting_values import Shape, as_shape, require_known
from infra.tracking_settings import TRACKING_SHAPES, TrackingSettings, check_tracking
from infra.vault_settings import VAULT_SHAPES, check_vaults, vault_names
from thaw.core.job_rules import JobRules


@dataclass(frozen=True)
class Settings(JobSettings, ReportSettings, TrackingSettings):
    """All settings of one stack; `Settings.parse` is the only way to make one from outside values."""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> "Settings":
        """Settings from plain values (what YAML or JSON gives); a key that is absent has its default.

        Raises SettingsError, whose sentence names the key, the value, the limit and the way out.
        """
        require_known("the stack's config", values, [each.name for each in fields(cls)])
        plain = {key: as_shape(key, value, SHAPES[key]) for key, value in values.items()}
        for key, build in _BUILDERS.items():
            if key in plain:
                plain[key] = build(plain[key])
        settings = cls(**plain)
        check_tracking(settings)
        check_reports(settings)
        check_jobs(settings, settings)
        check_vaults(settings)
        return settings

    @property
    def all_tags(self) -> dict[str, str]:
        """What every taggable resource carries: ours and the stack's own."""
        ours = dict(zip(OUR_TAGS, ("thaw", self.name_prefix), strict=True))
        return ours | dict(self.tags)

    @property
    def has_jobs(self) -> bool:
        """Whether jobs are deployed at all."""
        return bool(self.restore_buckets or self.vaults)

    @property
    def followed_buckets(self) -> tuple[WatchedBucket, ...]:
        """The watched buckets, and those that jobs restore from."""
        return followed_buckets(self.watched_buckets, self)

    def job_rules(self, region: str) -> JobRules:
        """What functions of jobs have to keep to."""
        return self.rules(region, self.followed_buckets)

    def watched(self, via: str) -> list[WatchedBucket]:
        """The buckets followed in this way."""
        return [bucket for bucket in self.followed_buckets if bucket.via == via]


SHAPES: Mapping[str, Shape] = {**TRACKING_SHAPES, **REPORT_SHAPES, **JOB_SHAPES, **VAULT_SHAPES}
"""The type of each key, as the project file's schema spells types."""


_BUILDERS = {
    "watched_buckets": entries.watched_buckets,
    "copy_rules": entries.copy_rules,
    "import_files": entries.import_files,
    "tags": entries.tags,
    "restore_buckets": job_entries.restore_buckets,
    "manifest_buckets": job_entries.manifest_buckets,
    "copy_destinations": job_entries.copy_destinations,
    "kms_key_arns": job_entries.kms_key_arns,
    "vaults": vault_names,
}
