"""`thaw job create`: the same as the API's POST /create-job, without the API."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.job_text import describe
from analytics.cli.moment import Moment
from analytics.cli.sizes import Size
from thaw.core.job_request_fields import COPY_CLASSES, RESTORABLE
from thaw.core.job_request_parsing import API_TIERS, API_WAYS
from thaw.core.job_requests import Way
from thaw.core.times import to_iso
from thaw.jobs.service_types import Outcome

_KEPT = ("metadata", "tags", "encryption")


@click.command(
    epilog="Example: thaw job create --bucket my-manifests --key july.csv --tier BULK --days 7"
    " --stack-outputs outputs.json"
)
@click.option("--bucket", required=True, help="Of the manifest; with --prefix, the bucket to list.")
@click.option("--key", help="A Batch Operations CSV, or an S3 Inventory's manifest.json.")
@click.option("--source-bucket", help="Whose objects the manifest names. Default: the manifest tells.")
@click.option("--prefix", help='Instead of --key: only keys that begin so. "": the whole bucket.')
@click.option(
    "--storage-class",
    "storage_classes",
    multiple=True,
    type=click.Choice(RESTORABLE),
    help="Only this class; may be repeated. Default: GLACIER and DEEP_ARCHIVE.",
)
@click.option("--min-size", "min_size_bytes", type=Size(), help="Only objects of so many bytes or more.")
@click.option("--max-size", "max_size_bytes", type=Size(), help="Only objects of so many bytes or fewer.")
@click.option("--modified-from", type=Moment(), help="Only objects last modified then or later.")
@click.option("--modified-before", type=Moment(), help="Only objects last modified earlier.")
@click.option(
    "--tier", required=True, type=click.Choice([*API_TIERS], case_sensitive=False), help="Retrieval tier."
)
@click.option("--days", "expiration_days", type=int, help="How long temporary copies are kept.")
@click.option(
    "--way",
    type=click.Choice([each.value for each in API_WAYS]),
    help=f"Default: {Way.BATCH_OPERATIONS.value}. {Way.REQUESTS.value}: one request an object.",
)
@click.option("--copy-class", type=click.Choice(COPY_CLASSES), help="Copy each object, into this class.")
@click.option("--copy-to", metavar="BUCKET[/PREFIX]", help="Copy each object there. Default: in place.")
@click.option("--without", multiple=True, type=click.Choice(_KEPT), help="What copies do not keep.")
@click.option("--with-acl", is_flag=True, help="Copies keep the ACL.")
@click.option("--delete-source", is_flag=True, help="Delete each source once its copy is checked.")
@click.option("--client-tag", help="A text of your own.")
@click.option("--job", "job_id", help="Name of the job. Default: one is made.")
@click.option("--again", is_flag=True, help="Run the ended --job again: what failed, lapsed or is new.")
@click.option("--idempotency-key", help="With a key that was used before nothing is begun.")
@click.option("--timeout-hours", type=int, help="After them the job ends. Default: the stack's.")
@click.option("--max-uncopied", "max_uncopied_bytes", type=Size(), help="Restored and not copied, at most.")
@click.option("--dry-run", is_flag=True, help="Validate and count, no more.")
@click.option("--json", "as_json", is_flag=True, help="The job as the API tells it.")
@with_jobs
def create(jobs: Jobs, as_json: bool, **options: Any) -> int:  # noqa: FBT001 - click passes flags by name
    """Begin a job: restore the objects of a manifest, or of a listing, and copy them if asked to.

    Waits up to 20 seconds to see it begin.
    """
    state, outcome = jobs.service.create(request_body(options))
    if as_json:
        click.echo(json.dumps(jobs.view(state, None)))
    else:
        click.echo("\n".join(describe(state, jobs.jobs_bucket)))
    if outcome is Outcome.PREPARING:
        click.echo(f"Still being prepared: thaw job show {state.job_id} tells how it goes.", err=True)
    if outcome is Outcome.REPEATED:
        click.echo("The same request was made before; nothing was begun.", err=True)
    return 1 if outcome is Outcome.FAILED else 0


def request_body(options: Mapping[str, Any]) -> dict[str, Any]:
    """The API's body for what the options say; what they leave out is left out."""
    given = {name: value for name, value in options.items() if not _is_nothing(value)}
    if "://" in given.get("key", ""):
        raise click.UsageError(f"--key is {given['key']}; give the key alone, and its bucket with --bucket.")
    copy = _copy(given)
    for name, value in given.items():
        if isinstance(value, datetime):
            given[name] = to_iso(value)
    if "storage_classes" in given:
        given["storage_classes"] = list(given["storage_classes"])
    return {**given, **({} if copy is None else {"copy": copy})}


def _is_nothing(value: object) -> bool:
    """Whether an option was left out; 0 and an empty text are something."""
    return value is None or value is False or value == ()


def _copy(given: dict[str, Any]) -> dict[str, Any] | None:
    """Takes out of `given` what is about copies, and spells it as the API does."""
    names = ("copy_class", "copy_to", "without", "with_acl", "delete_source")
    said = {name: given.pop(name) for name in names if name in given}
    if not said:
        return None
    if not said.keys() & {"copy_class", "copy_to"}:
        option = next(iter(said)).replace("_", "-")
        raise click.UsageError(f"--{option} is about copies: ask for them with --copy-class or --copy-to.")
    bucket, _, prefix = said.get("copy_to", "").partition("/")
    fields = {
        "storage_class": said.get("copy_class"),
        "destination_bucket": bucket,
        "destination_prefix": prefix,
        "keep_acl": said.get("with_acl"),
        "delete_source": said.get("delete_source"),
    }
    kept = {f"keep_{name}": False for name in said.get("without", ())}
    return {**{name: value for name, value in fields.items() if value}, **kept}
