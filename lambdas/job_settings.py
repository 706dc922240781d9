"""The environment of the functions of jobs, read in one place: the stack gives the same to each."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.environment import SettingsError, positive, required
from thaw.core.job_rules import JobRules, JobRulesError
from thaw.store.ledgers import Tables


@dataclass(frozen=True)
class JobSettings:
    """What the stack tells them; `request_concurrency` functions request restores at once, and a copy is
    tried `copy_max_receive_count` times."""

    tables: Tables
    jobs_bucket: str
    rules: JobRules
    rollup_slots: int
    request_concurrency: int
    account_id: str
    name_prefix: str
    event_queue_arn: str
    copy_queue_url: str
    progress_topic_arn: str
    batch_role_arn: str
    create_job_machine_arn: str
    read_report_machine_arn: str
    copy_large_machine_arn: str
    copy_max_receive_count: int
    transfer_vault_machine_arn: str = ""
    """Only where the stack transfers vaults."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "JobSettings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            tables=Tables(
                objects=required(environ, "OBJECTS_TABLE"),
                rollups=required(environ, "ROLLUPS_TABLE"),
                jobs=required(environ, "JOBS_TABLE"),
            ),
            jobs_bucket=required(environ, "JOBS_BUCKET"),
            rules=_rules(environ),
            rollup_slots=positive(environ, "ROLLUP_SLOTS"),
            request_concurrency=positive(environ, "REQUEST_CONCURRENCY"),
            account_id=required(environ, "ACCOUNT_ID"),
            name_prefix=required(environ, "NAME_PREFIX"),
            event_queue_arn=required(environ, "EVENT_QUEUE_ARN"),
            copy_queue_url=required(environ, "COPY_QUEUE_URL"),
            progress_topic_arn=required(environ, "PROGRESS_TOPIC_ARN"),
            batch_role_arn=required(environ, "BATCH_ROLE_ARN"),
            create_job_machine_arn=required(environ, "CREATE_JOB_MACHINE_ARN"),
            read_report_machine_arn=required(environ, "READ_REPORT_MACHINE_ARN"),
            copy_large_machine_arn=required(environ, "COPY_LARGE_MACHINE_ARN"),
            copy_max_receive_count=positive(environ, "COPY_MAX_RECEIVE_COUNT"),
            transfer_vault_machine_arn=environ.get("TRANSFER_VAULT_MACHINE_ARN", ""),
        )

    @property
    def start_job_function(self) -> str:
        """The function that fails a job."""
        return f"{self.name_prefix}-start-job"


def _rules(environ: Mapping[str, str]) -> JobRules:
    try:
        return JobRules.from_json(required(environ, "JOB_RULES"))
    except JobRulesError as exc:
        raise SettingsError(f"Environment variable JOB_RULES: {exc}") from exc
