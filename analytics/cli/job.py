"""`thaw job`: begin jobs, see and end them, and tell the tables what a job holds."""

import click

from analytics.cli.job_create import create
from analytics.cli.job_load import load
from analytics.cli.job_views import cancel, list_jobs, show
from analytics.cli.sources import read_json
from analytics.cli.tables import Tables, with_tables
from thaw.core.jobs import Job
from thaw.store.jobs import register_job


@click.group()
def job() -> None:
    """Jobs: the objects of a manifest or a listing, restored and, if asked, copied."""


@job.command(epilog="Example: thaw job register s3://my-manifests/july/summary.json")
@click.argument("summary")
@with_tables
def register(tables: Tables, summary: str) -> None:
    """Register the totals of the job that SUMMARY (a path or s3:// URI) describes.

    SUMMARY is the summary.json that `thaw manifest prepare` wrote. Registering it again changes nothing.
    """
    registered = Job.from_summary(read_json(summary))
    register_job(tables.client, tables.rollups, registered)
    totals = registered.totals
    click.echo(
        f"Job {registered.job_id}: {totals.objects:,} objects, {totals.size_bytes:,} bytes registered."
    )


for command in (create, list_jobs, show, cancel, load):
    job.add_command(command)
