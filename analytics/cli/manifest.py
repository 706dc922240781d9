"""`thaw manifest`: inventories and manifests in, everything a job starts from out."""

from datetime import datetime

import click

from analytics.cli import clients
from analytics.cli.bars import stage_bars
from analytics.cli.moment import Moment
from thaw.manifests.prepare import prepare as prepare_manifest
from thaw.manifests.settings import ANY_STORAGE_CLASS, TIERS, Filters, PrepareSettings
from thaw.manifests.summary import Summary

_ANY = "any"
_MEGABYTE = 1_000_000


@click.group()
def manifest() -> None:
    """Manifests: the objects somebody wants restored."""


@manifest.command(
    epilog="Example: thaw manifest prepare s3://inventories/my-archive/all/2026-07-01T01-00Z/manifest.json"
    " --job july --tier Bulk --prefix 2019/ --out s3://my-manifests/july"
)
@click.argument("sources", nargs=-1, required=True)
@click.option("--out", required=True, help="A new folder or s3:// prefix.")
@click.option("--job", "job_id", required=True, help="Name of the job, 1 to 64 of A-Z a-z 0-9 _ . and -.")
@click.option("--tier", required=True, type=click.Choice(TIERS, case_sensitive=False), help="Retrieval tier.")
@click.option("--prefix", "prefixes", multiple=True, help="Only keys that begin so; may be repeated.")
@click.option(
    "--storage-class",
    "storage_classes",
    multiple=True,
    help=f"Only this class; may be repeated. Default: the archived ones. `{_ANY}`: all.",
)
@click.option("--default-storage-class", default="", help="The class of objects whose source does not tell.")
@click.option("--min-size", type=click.IntRange(0), help="Only objects of this many bytes or more.")
@click.option("--max-size", type=click.IntRange(0), help="Only objects of this many bytes or fewer.")
@click.option("--modified-from", type=Moment(), help="Only objects last modified then or later.")
@click.option("--modified-before", type=Moment(), help="Only objects last modified earlier.")
@click.option("--rows-per-part", default=500_000, show_default=True, type=click.IntRange(1))
@click.option("--memory-limit-mb", default=1500, show_default=True, type=int, help="Beyond it, disk is used.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier output of this command.")
def prepare(
    sources: tuple[str, ...],
    out: str,
    job_id: str,
    tier: str,
    prefixes: tuple[str, ...],
    storage_classes: tuple[str, ...],
    default_storage_class: str,
    min_size: int | None,
    max_size: int | None,
    modified_from: datetime | None,
    modified_before: datetime | None,
    rows_per_part: int,
    memory_limit_mb: int,
    overwrite: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Prepare a job from SOURCES: S3 Inventory manifest.json files or Batch Operations CSV manifests.

    Writes to OUT a Batch Operations manifest for each bucket, files for the table's import, summary.json and
    rejects.csv. Each source is a local path or an s3:// URI.
    """
    classes = ANY_STORAGE_CLASS if _ANY in storage_classes else frozenset(storage_classes) or None
    filters = Filters(prefixes, classes, min_size, max_size, modified_from, modified_before)
    settings = PrepareSettings(
        job_id=job_id,
        tier=tier,
        filters=filters,
        default_storage_class=default_storage_class,
        rows_per_part=rows_per_part,
        memory_limit_bytes=memory_limit_mb * _MEGABYTE,
        overwrite=overwrite,
    )
    s3 = clients.s3() if any(place.startswith("s3://") for place in (*sources, out)) else None
    with stage_bars() as report:
        summary = prepare_manifest(sources, out, settings, s3=s3, progress=report)
    click.echo(describe(summary, out))
    if tier == "Expedited":
        click.echo("S3 Batch Operations takes Standard and Bulk only: request these restores another way.")
    if not summary.objects:
        click.echo("No object is left, and nothing to import: look at the filters and rejects.", err=True)
    return 0 if summary.objects else 1


def describe(summary: Summary, out: str) -> str:
    """The line that accounts for every row."""
    unknown = summary.objects_of_unknown_size
    hint = f" The size of {unknown:,} is unknown: the source does not tell it." if unknown else ""
    return (
        f"{out}: {summary.objects:,} objects ({summary.size_bytes:,} bytes) of {summary.rows_in:,} rows;"
        f" {summary.duplicates:,} duplicates, {summary.filtered:,} filtered,"
        f" {summary.rejects:,} rejected.{hint}"
    )
