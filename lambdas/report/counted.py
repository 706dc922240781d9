"""The counters of all jobs, read once for a run: what the rollup reports and the headline are made of."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.jobs import Job, Progress
from thaw.store.jobs import JobCounters, list_jobs, read_possible_counters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Counted(NamedTuple):
    """Every job with its counters, as they were at `at`: counters tell of now, whatever time a run is for."""

    jobs: tuple[tuple[Job, JobCounters], ...]
    at: datetime

    @property
    def progress(self) -> list[Progress]:
        """How far each job has come."""
        return [Progress.of(job, counters) for job, counters in self.jobs]


def read_counted(
    client: "DynamoDBClient",
    rollups_table: str,
    now: Callable[[], datetime],
    pause: Callable[[float], None],
) -> Counted:
    """Reads all jobs. `now` is asked afterwards, so that nothing counted is later than it.

    Raises TotalsError when a job's numbers stay impossible.
    """
    jobs = tuple(
        read_possible_counters(client, rollups_table, job_id, pause)
        for job_id in list_jobs(client, rollups_table)
    )
    return Counted(jobs, now())
