"""`thaw vault verify`: the vault's inventory against the manifest against S3, and a verdict."""

import csv
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics.cli import clients
from analytics.cli.bars import counting_bar
from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.moment import Moment
from analytics.cli.sources import local_file
from analytics.cli.vault_jobs import find_transfer
from thaw.core.job_states import JobState
from thaw.core.times import to_iso
from thaw.core.vault_request_rules import destination_of
from thaw.vaults.verdicts import Problem
from thaw.vaults.verifying import DEFAULT_THREADS, Verifier

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@click.command(epilog="Example: thaw vault verify vault-photos-1f0c55aa --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@click.option(
    "--inventory", help="A newer one, CSV or JSON; a path or s3:// URI. Default: the transfer's own."
)
@click.option(
    "--inventory-date", type=Moment(), help="Of when the inventory is; one in JSON tells it itself."
)
@click.option("--read", is_flag=True, help="Read every object and compute its tree hash, not only ask S3.")
@click.option("--threads", type=click.IntRange(1, 256), default=DEFAULT_THREADS, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="A CSV for what is not proven, all of it.")
@with_jobs
def verify(
    jobs: Jobs,
    job_id: str,
    inventory: str | None,
    inventory_date: datetime | None,
    read: bool,  # noqa: FBT001 - click passes flags by name
    threads: int,
    out: Path | None,
) -> int:
    """Compare the inventory of a vault with the manifest of its transfer, and that with S3.

    Tells every archive that is not proven to be in S3 intact, and ends with one line to decide by on deleting
    the vault. Exit code 0: all are, and the vault has no others as far as Glacier tells; 1: not so. Thaw
    deletes nothing.
    """
    state = find_transfer(jobs, job_id).state
    s3 = clients.s3()
    destination, glacier = _destination(jobs, state, s3), clients.glacier(jobs.rules.region)
    verifier = Verifier(s3, jobs.jobs_bucket, destination, glacier, read=read, threads=threads)
    dated = to_iso(inventory_date) if inventory_date else ""
    with local_file(inventory) as newer, _telling(out) as tell, counting_bar("Archives") as progress:
        verdict = verifier.verify(
            job_id, tell, inventory=newer, named=inventory or "", dated=dated, progress=progress
        )
    if verdict.gone:
        click.echo(f"{verdict.gone:,} archives of the manifest are not in the inventory any more.")
    click.echo(verdict.line)
    return 0 if verdict.is_safe else 1


def _destination(jobs: Jobs, state: JobState, s3: "S3Client") -> "S3Client":
    """A client of the Region of the bucket that the archives are in."""
    found = destination_of(state.request.copy, jobs.rules) if state.request.copy else None
    return clients.s3(found.region) if found and found.region not in ("", jobs.rules.region) else s3


@contextmanager
def _telling(out: Path | None) -> Generator[Callable[[Problem], object]]:
    """Gives a function that tells of an archive: a line on the terminal, or a row of the file."""
    if out is None:
        yield lambda problem: click.echo(_sentence(problem))
        return
    with out.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(Problem._fields)
        yield rows.writerow


def _sentence(problem: Problem) -> str:
    place = f" ({problem.key})" if problem.key else ""
    return f"{problem.doubt}: {problem.archive_id or 'a line'}{place}: {problem.detail}"
