"""`thaw vault show` and `stop`: a transfer with all that only vaults have."""

import json
from datetime import UTC, datetime

import click
from rich.console import Console

from analytics.cli import clients
from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.job_text import is_counted_out
from analytics.cli.progress import table
from analytics.cli.vault_jobs import find_transfer
from analytics.cli.vault_preview import Tier, describe_names, tier_table
from analytics.cli.vault_text import describe_vault, expected_end
from thaw.core.times import to_iso
from thaw.core.vault_files import preview_file
from thaw.jobs.folder import JobFolder


@click.command(epilog="Example: thaw vault show vault-photos-1f0c55aa --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@click.option("--json", "as_json", is_flag=True, help="The job as the API tells it.")
@with_jobs
def show(jobs: Jobs, job_id: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show a transfer: inventory, plan, how far it is, when it may be done, and what holds it."""
    state, progress, vault = find_transfer(jobs, job_id)
    if as_json:
        click.echo(json.dumps(jobs.view(state, progress, vault)))
        return
    click.echo("\n".join(describe_vault(state, vault, jobs.jobs_bucket)))
    if vault is not None and vault.plan is not None and not state.started_at:
        _show_preview(jobs, job_id)
    if progress is None:
        return
    if end := expected_end(state, progress, to_iso(datetime.now(UTC))):
        click.echo(end)
    if is_counted_out(state, progress):
        click.echo(
            "No archive is under way: the transfer ends when its manifest is written, in some minutes."
        )
    Console().print(table(progress))


def _show_preview(jobs: Jobs, job_id: str) -> None:
    """Before anything is requested: what it will cost, and some names."""
    preview = json.loads(JobFolder(clients.s3(), jobs.jobs_bucket).find(preview_file(job_id)) or "{}")
    if not preview:
        return
    click.echo("\n".join(["For example:", *describe_names(preview["names"])]))
    Console().print(tier_table(map(Tier.of, preview["tiers"])))


@click.command(epilog="Example: thaw vault stop vault-photos-1f0c55aa --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@click.option("--keep-uploads", is_flag=True, help="What is uploaded in parts stays, for `resume`.")
@with_jobs
def stop(jobs: Jobs, job_id: str, keep_uploads: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Stop a transfer: nothing more is requested or moved. Its own open uploads are aborted, no others."""
    find_transfer(jobs, job_id)
    state = jobs.service.cancel(job_id, keep_uploads=keep_uploads)
    click.echo(
        f"Transfer {state.job_id} is being stopped; it ends in some minutes."
        f" `thaw vault resume {state.job_id}` goes on with it."
    )
