"""Which stack the commands about jobs work on: told by its outputs."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

import click

from analytics.cli import clients
from analytics.cli.sources import read_json
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState
from thaw.core.job_view import job_view
from thaw.core.jobs import Progress
from thaw.core.vault_states import VaultState
from thaw.jobs.service import JobService
from thaw.jobs.stack import JobClients, JobStack, job_service

F = TypeVar("F", bound=Callable[..., Any])

_ACCOUNT = 4
"""The field of an ARN that is the account: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

pause = time.sleep


@dataclass(frozen=True)
class Jobs:
    """The jobs of a stack, and how they are shown."""

    service: JobService
    topic_arn: str
    jobs_bucket: str
    rules: JobRules

    def view(
        self, state: JobState, progress: Progress | None, vault: VaultState | None = None
    ) -> dict[str, Any]:
        """The job as the API tells it."""
        return job_view(state, progress, self.topic_arn, self.jobs_bucket, vault)


def with_jobs(command: F) -> F:
    """Adds the option that names the stack's outputs, and passes the command its jobs as `jobs`."""

    @click.option(
        "--stack-outputs",
        envvar="THAW_STACK_OUTPUTS",
        show_envvar=True,
        required=True,
        help="What `pulumi stack output --json` printed; a path or s3:// URI.",
    )
    @wraps(command)
    def wrapped(stack_outputs: str, **options: Any) -> Any:
        return command(jobs=jobs_of(read_json(stack_outputs)), **options)

    return wrapped  # pyright: ignore[reportReturnType] - click reads the options off the function


def jobs_of(outputs: Mapping[str, Any]) -> Jobs:
    """The jobs of the stack with these outputs. Raises click.UsageError for one that has none."""
    machine = _output(outputs, "create_job_machine_arn")
    stack = JobStack(
        rules=JobRules.from_json(_output(outputs, "job_rules")),
        account_id=machine.split(":")[_ACCOUNT],
        jobs_table=_output(outputs, "jobs_table"),
        rollups_table=_output(outputs, "rollups_table"),
        jobs_bucket=_output(outputs, "jobs_bucket"),
        create_job_machine_arn=machine,
        transfer_vault_machine_arn=outputs.get("transfer_vault_machine_arn") or "",
    )
    made = JobClients(clients.dynamodb(), clients.s3(), clients.s3control(), clients.stepfunctions())
    service = job_service(stack, made, now=lambda: datetime.now(UTC), pause=pause)
    return Jobs(service, _output(outputs, "progress_topic_arn"), stack.jobs_bucket, stack.rules)


def _output(outputs: Mapping[str, Any], name: str) -> str:
    value = outputs.get(name)
    if not value:
        raise click.UsageError(
            f"The stack's outputs have no {name}: set restore_buckets, or vaults, in its config, and"
            " deploy it again."
        )
    return value if isinstance(value, str) else json.dumps(value)
