"""`thaw vault transfer` and `resume`: the same as the API's POST /vault-transfers, without the API."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.moment import Moment
from analytics.cli.sizes import Size
from analytics.cli.vault_text import describe_vault
from thaw.core.job_request_fields import COPY_CLASSES
from thaw.core.job_request_parsing import API_TIERS
from thaw.core.times import to_iso
from thaw.jobs.service_types import Created, Outcome
from thaw.manifests.s3 import SCHEME, parse_uri

TIER = click.Choice([*API_TIERS], case_sensitive=False)


@click.command(
    epilog="Example: thaw vault transfer photos --to s3://my-live/photos --storage-class DEEP_ARCHIVE"
    " --dry-run --stack-outputs outputs.json"
)
@click.argument("vault")
@click.option("--to", required=True, metavar="s3://BUCKET[/PREFIX]", help="Where the archives go.")
@click.option("--storage-class", type=click.Choice(COPY_CLASSES), help="Default: STANDARD.")
@click.option("--tier", type=TIER, help="Of the retrievals. Default: BULK.")
@click.option("--created-from", type=Moment(), help="Only archives created then or later.")
@click.option("--created-before", type=Moment(), help="Only archives created earlier.")
@click.option("--min-size", "min_size_bytes", type=Size(), help="Only archives of so many bytes or more.")
@click.option("--max-size", "max_size_bytes", type=Size(), help="Only archives of so many bytes or fewer.")
@click.option("--name", "name_pattern", help="Only archives whose name is so; * and ? as in a shell.")
@click.option("--names", metavar="s3://...", help="A CSV of archive ids and names, before any other name.")
@click.option("--inventory", metavar="s3://...", help="Instead of one that is retrieved; CSV or JSON.")
@click.option("--plan", metavar="s3://...", help="A plan as a dry run wrote it, edited perhaps.")
@click.option("--max-inventory-age", "max_inventory_age_hours", type=int, help="In hours. Default: 48.")
@click.option("--cross-region", is_flag=True, help="The bucket may be in another Region.")
@click.option("--bucket-owner", help="The account that owns the bucket, if the stack does not say.")
@click.option("--client-tag", help="A text of your own.")
@click.option("--idempotency-key", help="With a key that was used before nothing is begun.")
@click.option("--timeout-hours", type=int, help="After them the transfer ends. Default: it has no end.")
@click.option("--replan", is_flag=True, help="After its end: once more, with a new inventory and plan.")
@click.option("--dry-run", is_flag=True, help="Only a plan: names, sizes, duplicates, cost and duration.")
@click.option("--json", "as_json", is_flag=True, help="The job as the API tells it.")
@with_jobs
def transfer(jobs: Jobs, as_json: bool, **options: Any) -> int:  # noqa: FBT001 - click passes flags by name
    """Move the archives of VAULT into S3, each verified byte for byte.

    Waits up to 20 seconds to see whether the request is good; nothing is asked of Glacier before.
    """
    return _tell(jobs, jobs.service.transfer(transfer_body(options)), as_json=as_json)


@click.command(epilog="Example: thaw vault resume vault-photos-1f0c55aa --stack-outputs outputs.json")
@click.argument("job_id", metavar="JOB")
@click.option("--tier", type=TIER, help="Of the retrievals. Default: as it was.")
@click.option("--timeout-hours", type=int, help="Default: as it was.")
@click.option("--replan", is_flag=True, help="With a new inventory and plan; known archives keep their keys.")
@click.option("--json", "as_json", is_flag=True, help="The job as the API tells it.")
@with_jobs
def resume(jobs: Jobs, job_id: str, as_json: bool, **options: Any) -> int:  # noqa: FBT001 - click passes flags by name
    """Go on with a transfer that has ended: only what is not in S3 yet is requested.

    A dry run is carried out.
    """
    return _tell(jobs, jobs.service.resume(job_id, _given(options)), as_json=as_json)


def transfer_body(options: Mapping[str, Any]) -> dict[str, Any]:
    """The API's body for what the options say; what they leave out is left out."""
    given = _given(options)
    to = given.pop("to")
    if not to.startswith(SCHEME):
        raise click.UsageError(f"--to is {to}; write s3://BUCKET or s3://BUCKET/PREFIX.")
    place = parse_uri(to)
    return {**given, "destination_bucket": place.bucket, "destination_prefix": place.key}


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if value is not None and value is not False}
    return {name: to_iso(value) if isinstance(value, datetime) else value for name, value in given.items()}


def _tell(jobs: Jobs, created: Created, *, as_json: bool) -> int:
    state, outcome = created
    if as_json:
        click.echo(json.dumps(jobs.view(state, None)))
    else:
        click.echo("\n".join(describe_vault(state, None, jobs.jobs_bucket)))
    if outcome is Outcome.PREPARING:
        click.echo(f"Still being prepared: thaw vault show {state.job_id} tells how it goes.", err=True)
    if outcome is Outcome.REPEATED:
        click.echo("The same request was made before; nothing was begun.", err=True)
    return 1 if outcome is Outcome.FAILED else 0
