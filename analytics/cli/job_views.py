"""`thaw job list`, `show` and `cancel`: as the API does, without the API."""

import json

import click
from rich.console import Console

from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.job_text import describe, is_counted_out, listing
from analytics.cli.progress import table
from thaw.core.job_states import JobState
from thaw.core.job_view import job_line
from thaw.jobs.service import MAX_PAGE

_UNLIMITED = 10_000
"""Characters in a line of what is no terminal."""


@click.command(name="list", epilog="Example: thaw job list --limit 10 --stack-outputs outputs.json")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a job, a line each.")
@with_jobs
def list_jobs(jobs: Jobs, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List jobs, the newest first."""
    states = _newest(jobs, limit)
    if as_json:
        for state in states:
            click.echo(json.dumps(job_line(state)))
    elif states:
        console = Console()
        (console if console.is_terminal else Console(width=_UNLIMITED)).print(listing(states))
    else:
        click.echo("There is no job.", err=True)


@click.command(epilog="Example: thaw job show july --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@click.option("--json", "as_json", is_flag=True, help="The job as the API tells it.")
@with_jobs
def show(jobs: Jobs, job_id: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show a job: what was found, how far it is, and what needs attention."""
    state, progress, vault = jobs.service.show(job_id)
    if as_json:
        click.echo(json.dumps(jobs.view(state, progress, vault)))
        return
    click.echo("\n".join(describe(state, jobs.jobs_bucket)))
    if progress is not None:
        if is_counted_out(state, progress):
            click.echo("No object is under way: the job ends when the watcher has seen so, in some minutes.")
        Console().print(table(progress))


@click.command(epilog="Example: thaw job cancel july --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@with_jobs
def cancel(jobs: Jobs, job_id: str) -> None:
    """Cancel a job: nothing more is requested or copied. What was restored stays until it expires."""
    state = jobs.service.cancel(job_id)
    click.echo(f"Job {state.job_id} is being cancelled; it ends in a few minutes.")


def _newest(jobs: Jobs, limit: int) -> list[JobState]:
    states: list[JobState] = []
    start = None
    while len(states) < limit:
        page = jobs.service.list(min(MAX_PAGE, limit - len(states)), start)
        states += page.states
        start = page.next
        if not start:
            break
    return states
