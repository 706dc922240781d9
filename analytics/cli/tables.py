"""Which tables a command works on, and the clients to reach them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analytics.cli import clients
from thaw.store.jobs import list_jobs, read_job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Tables:
    """The two tables of a deployment."""

    client: "DynamoDBClient"
    objects: str
    rollups: str

    def job_began(self, job_id: str) -> str:
        """When a job was made. Raises JobNotFoundError."""
        return read_job(self.client, self.rollups, job_id).created_at

    def chosen_jobs(self, job_ids: tuple[str, ...]) -> list[str]:
        """The jobs named, each of which must be registered; all registered jobs if none is named."""
        for job_id in job_ids:
            read_job(self.client, self.rollups, job_id)
        return list(job_ids) or list_jobs(self.client, self.rollups)


def table_options(command: F) -> F:
    """Adds the options that name the tables: `objects_table`, `rollups_table`."""
    for purpose in ("rollups", "objects"):
        command = click.option(
            f"--{purpose}-table",
            envvar=f"THAW_{purpose.upper()}_TABLE",
            default=f"thaw-{purpose}",
            show_default=True,
            show_envvar=True,
        )(command)
    return command


def with_tables(command: F) -> F:
    """Adds the options that name the tables, and passes them to the command as `tables`."""

    @table_options
    @wraps(command)
    def wrapped(objects_table: str, rollups_table: str, **options: Any) -> Any:
        tables = Tables(clients.dynamodb(), objects_table, rollups_table)
        return command(tables=tables, **options)

    return wrapped  # pyright: ignore[reportReturnType] - click reads the options off the function


pause = time.sleep
