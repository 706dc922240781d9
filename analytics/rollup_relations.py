"""The counters of jobs as the tables `jobs` and `counters` that the SQL reads."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analytics.schema import JOB_COLUMNS
from thaw.core.jobs import Job, Progress
from thaw.store.jobs import JobCounters

if TYPE_CHECKING:
    import duckdb

_TABLES = f"""
CREATE OR REPLACE TABLE jobs ({", ".join(f"{name} {kind}" for name, kind in JOB_COLUMNS)});
CREATE OR REPLACE TABLE counters (job_id varchar, metric varchar, attribute varchar, amount decimal(38, 0));
"""
_JOB = "INSERT INTO jobs VALUES (?, CAST(replace(replace(?, 'T', ' '), 'Z', '') AS timestamp), ?, ?, ?)"
_COUNTERS = """
INSERT INTO counters
SELECT ?, unnest(?::varchar[]), unnest(?::varchar[]), CAST(unnest(?::varchar[]) AS decimal(38, 0))
"""


def load_rollups(connection: "duckdb.DuckDBPyConnection", jobs: Iterable[tuple[Job, JobCounters]]) -> None:
    """Makes `jobs` and `counters` of what `thaw.store.jobs.read_counters` read, in place of older ones.

    Raises TotalsError when a job's counters contradict its totals.
    """
    connection.execute(_TABLES)
    for job, counters in jobs:
        Progress.of(job, counters)
        connection.execute(_JOB, [job.job_id, job.created_at, job.tier, *job.totals])
        if counters:
            names = list(counters)
            connection.execute(
                _COUNTERS,
                [
                    job.job_id,
                    [metric for metric, _ in names],
                    [attribute for _, attribute in names],
                    [str(counters[name]) for name in names],
                ],
            )
