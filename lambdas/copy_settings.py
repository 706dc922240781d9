"""The environment of the functions that copy, read in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.environment import positive, required
from thaw.core.job_rules import JobRules


@dataclass(frozen=True)
class CopySettings:
    """What the stack tells each of them; `account_id` owns the buckets that jobs restore from."""

    objects_table: str
    rollups_table: str
    jobs_table: str
    rollup_slots: int
    account_id: str
    rules: JobRules

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "CopySettings":
        """Raises SettingsError naming the variable that is missing or wrong, and JobRulesError."""
        return cls(
            objects_table=required(environ, "OBJECTS_TABLE"),
            rollups_table=required(environ, "ROLLUPS_TABLE"),
            jobs_table=required(environ, "JOBS_TABLE"),
            rollup_slots=positive(environ, "ROLLUP_SLOTS"),
            account_id=required(environ, "ACCOUNT_ID"),
            rules=JobRules.from_json(required(environ, "JOB_RULES")),
        )
