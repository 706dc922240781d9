"""`thaw verify`: recompute every counter from the objects."""

import click

from analytics.cli.bars import counting_bar
from analytics.cli.tables import Tables, with_tables
from thaw.store.verify import Verification
from thaw.store.verify import verify as verify_jobs


@click.command(epilog="Example: thaw verify --job july")
@click.option("--job", "jobs", multiple=True, help="A job; may be repeated. Default: all.")
@click.option(
    "--jobs-table",
    envvar="THAW_JOBS_TABLE",
    default="thaw-jobs",
    show_default=True,
    show_envvar=True,
    help="Tells what objects had added to a job that another job has taken over. A stack that starts no jobs"
    " has none.",
)
@with_tables
def verify(tables: Tables, jobs_table: str, jobs: tuple[str, ...]) -> int:
    """Recompute all counters from the objects and compare: there must be no drift.

    Reads the whole objects table. Exit code 1 when a number differs, when a job changed meanwhile, or when
    there are objects of a job that is not registered.
    """
    with counting_bar("Reading objects") as advance:
        chosen = tables.chosen_jobs(jobs)
        verified = verify_jobs(tables.client, tables.objects, tables.rollups, chosen, advance, jobs_table)
    for verification in verified.jobs:
        click.echo("\n".join(describe(verification)))
    unregistered = [] if jobs else sorted(verified.other_jobs.items())
    for job_id, count in unregistered:
        click.echo(f"Job {job_id} is not registered, and the table holds {count:,} objects of it.")
    return 0 if all(verification.proven for verification in verified.jobs) and not unregistered else 1


def describe(verification: Verification) -> list[str]:
    """The proof line of a job, or its differences."""
    head = (
        f"Job {verification.job_id}: {verification.objects:,} objects read,"
        f" {verification.numbers:,} numbers recomputed"
    )
    if verification.moved:
        return [f"{head}, but the job changed meanwhile: run this again when it is quiet."]
    if not verification.differences:
        return [f"{head}, zero drift."]
    return [
        f"{head}, {len(verification.differences):,} differ:",
        *(
            f"  {name}: stored {stored:,}, recomputed {recomputed:,}"
            for name, stored, recomputed in verification.differences
        ),
    ]
