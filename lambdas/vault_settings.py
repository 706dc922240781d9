"""The environment of the functions of vault transfers: that of every job, and what only vaults have."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.environment import positive, required
from lambdas.job_settings import JobSettings


@dataclass(frozen=True)
class VaultSettings:
    """`jobs` is what every function of jobs is told. Glacier sends to `topic_arn` what became of retrieval
    jobs; `queue_url` is where that arrives, each message tried `max_receive_count` times."""

    jobs: JobSettings
    topic_arn: str
    queue_url: str
    transfer_vault_machine_arn: str
    transfer_large_machine_arn: str
    finish_vault_machine_arn: str
    max_receive_count: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "VaultSettings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            jobs=JobSettings.from_environment(environ),
            topic_arn=required(environ, "VAULT_TOPIC_ARN"),
            queue_url=required(environ, "VAULT_QUEUE_URL"),
            transfer_vault_machine_arn=required(environ, "TRANSFER_VAULT_MACHINE_ARN"),
            transfer_large_machine_arn=required(environ, "TRANSFER_LARGE_MACHINE_ARN"),
            finish_vault_machine_arn=required(environ, "FINISH_VAULT_MACHINE_ARN"),
            max_receive_count=positive(environ, "VAULT_MAX_RECEIVE_COUNT"),
        )
