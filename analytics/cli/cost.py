"""`thaw cost`: what a restore or migration will cost, before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from analytics.cli.sizes import Size
from analytics.cli.sources import read_json
from analytics.cost import sections
from analytics.cost_text import FILE_DIGITS, as_csv, as_json, as_table, digits_for, missing
from analytics.price_file import PriceList, load_prices
from thaw.core.costs import MAX_SINGLE_COPY_BYTES, Plan
from thaw.core.jobs import Job, Totals
from thaw.core.prices import ARCHIVE_CLASSES, DESTINATION_CLASSES
from thaw.core.retrieval import MAX_REQUESTS_PER_SECOND

_MEBIBYTE = 2**20
_FORMATS = ("table", "json", "csv")


@dataclass(frozen=True)
class _Asked:
    """What is to be priced: totals by storage class, Batch Operations jobs, objects of unknown size."""

    by_class: Mapping[str, Totals]
    jobs: int = 1
    of_unknown_size: int = 0


@click.command(
    epilog="Example: thaw cost s3://my-manifests/july/summary.json --region eu-west-1 --to STANDARD_IA"
)
@click.argument("summary", required=False)
@click.option("--objects", multiple=True, type=click.IntRange(0), help="How many, instead of SUMMARY.")
@click.option("--bytes", "sizes", multiple=True, type=Size(), help="Their size together: 1500, 20GB, 1.5TiB.")
@click.option(
    "--class", "classes", multiple=True, type=click.Choice(ARCHIVE_CLASSES, case_sensitive=False),
    metavar="CLASS", help=f"{' or '.join(ARCHIVE_CLASSES)}. The three may be repeated, once a class.",
)  # fmt: skip
@click.option(
    "--region", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], show_envvar=True, help="Of the archive."
)
@click.option("--days", default=7, show_default=True, type=click.IntRange(1), help="Of the temporary copies.")
@click.option(
    "--to", type=click.Choice(DESTINATION_CLASSES, case_sensitive=False), metavar="CLASS",
    help=f"The class copied to, of {', '.join(DESTINATION_CLASSES)}. Default: nothing is copied.",
)  # fmt: skip
@click.option("--to-region", help="Where the copies go. Default: the same Region.")
@click.option(
    "--part-size-mb", default=512, show_default=True, type=click.IntRange(5, 5120),
    help="Parts of a copy that is larger than 5 GB, in MiB.",
)  # fmt: skip
@click.option("--delete-source", is_flag=True, help="The archived originals go after the copy.")
@click.option("--age-days", type=click.IntRange(0), help="How long the originals have been archived by then.")
@click.option("--jobs", type=click.IntRange(0), help="Batch Operations jobs. Default: one a bucket.")
@click.option(
    "--prices", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of your prices, over those that come with Thaw.",
)  # fmt: skip
@click.option("--format", "form", default="table", show_default=True, type=click.Choice(_FORMATS))
def cost(
    summary: str | None,
    objects: tuple[int, ...],
    sizes: tuple[int, ...],
    classes: tuple[str, ...],
    region: str | None,
    days: int,
    to: str | None,
    to_region: str | None,
    part_size_mb: int,
    delete_source: bool,  # noqa: FBT001 - click passes flags by name
    age_days: int | None,
    jobs: int | None,
    prices: Path | None,
    form: str,
) -> None:
    """What the restore of a manifest will cost, tier by tier, and how long each takes.

    SUMMARY is the summary.json that `thaw manifest prepare` wrote: a path or an s3:// URI. Without one, give
    --objects, --bytes and --class. List prices of the first usage tier: docs/cost.md has what is counted.
    """
    _check_copies(to, to_region, age_days, delete_source=delete_source)
    asked = _asked(summary, objects, sizes, classes)
    if not region:
        raise click.UsageError("Which Region? Give --region, or set AWS_REGION.")
    known = load_prices(prices)
    plan = Plan(
        prices=known.region(region),
        days=days,
        to=to,
        destination=known.region(to_region) if to_region else None,
        deleted_at_days=age_days if delete_source else None,
        part_bytes=part_size_mb * _MEBIBYTE,
    )
    _show(plan, asked, asked.jobs if jobs is None else jobs, known, form)


def _check_copies(
    to: str | None, to_region: str | None, age_days: int | None, *, delete_source: bool
) -> None:
    if to_region and not to:
        raise click.UsageError("--to-region says where copies go: give their class too, with --to.")
    if delete_source and age_days is None:
        raise click.UsageError(
            "--delete-source may cost an early deletion: give --age-days, how long the youngest original"
            " will have been archived by then (from 180 days on there is no such charge)."
        )
    if age_days is not None and not delete_source:
        raise click.UsageError("--age-days only matters for originals that go: give --delete-source too.")


def _asked(
    summary: str | None, objects: tuple[int, ...], sizes: tuple[int, ...], classes: tuple[str, ...]
) -> _Asked:
    given = (objects, sizes, classes)
    if summary and any(given):
        raise click.UsageError("Give SUMMARY, or --objects, --bytes and --class, not both.")
    if summary:
        return _from_summary(read_json(summary))
    if not classes or not len(objects) == len(sizes) == len(classes):
        raise click.UsageError(
            "Give SUMMARY, or each of --objects, --bytes and --class as often as the others (got"
            f" {len(objects)}, {len(sizes)} and {len(classes)})."
        )
    if len(set(classes)) < len(classes):
        raise click.UsageError("A --class is given twice: add its objects and bytes up.")
    for name, count, size in zip(classes, objects, sizes, strict=True):
        if size and not count:
            raise click.UsageError(f"0 --objects of {name} cannot have {size:,} --bytes.")
    return _Asked({name: Totals(*pair) for name, *pair in zip(classes, objects, sizes, strict=True)})


def _from_summary(document: Mapping[str, Any]) -> _Asked:
    job = Job.from_summary(document)
    return _Asked(job.by_storage_class, len(job.buckets), int(document.get("objects_of_unknown_size", 0)))


def _show(plan: Plan, asked: _Asked, jobs: int, known: PriceList, form: str) -> None:
    """The estimate on standard output, what to know about it on standard error."""
    known_sizes = not asked.of_unknown_size
    exact = sections(plan, asked.by_class, jobs, FILE_DIGITS, sizes_known=known_sizes)
    largest = max((column.total for section in exact for column in section.columns), default=Decimal(0))
    if form == "csv":
        click.echo(as_csv(exact))
    elif form == "json":
        click.echo(as_json(exact, _facts(plan, jobs, known)))
    else:
        digits = digits_for(largest)
        click.echo(as_table(sections(plan, asked.by_class, jobs, digits, sizes_known=known_sizes)))
        click.echo(
            f"\n{plan.prices.region}, list prices as of {known.date}; docs/cost.md has what is counted."
        )
    for note in _notes(plan, asked, missing(exact)):
        click.echo(f"Note: {note}", err=True)


def _facts(plan: Plan, jobs: int, known: PriceList) -> dict[str, Any]:
    return {
        "region": plan.prices.region,
        "to_region": plan.target.region,
        "to": plan.to,
        "days": plan.days,
        "deleted_at_days": plan.deleted_at_days,
        "batch_operations_jobs": jobs,
        "prices_date": known.date,
        "prices_source": known.source,
    }


def _notes(plan: Plan, asked: _Asked, unpriced: list[str]) -> list[str]:
    notes: list[str] = []
    if unpriced:
        notes.append(
            f"no price is known of: {', '.join(unpriced)}. The total is without it; add the prices of"
            f" {plan.prices.region} in a file of your own (--prices, see docs/cost.md)."
        )
    if asked.of_unknown_size:
        notes.append(
            f"the size of {asked.of_unknown_size:,} objects is unknown and counts as 0: what is priced by"
            " the GB is too low."
        )
    requesting = sum(totals.objects for totals in asked.by_class.values()) // MAX_REQUESTS_PER_SECOND // 3600
    if requesting:
        notes.append(
            f"S3 takes {MAX_REQUESTS_PER_SECOND:,} restore requests a second: requesting them all takes"
            f" another {requesting:,} h or more."
        )
    large = [
        name
        for name, totals in asked.by_class.items()
        if plan.to and totals.size_bytes > totals.objects * MAX_SINGLE_COPY_BYTES
    ]
    if large:
        notes.append(
            f"{', '.join(large)} objects are above 5 GB on average: their copies are priced in parts."
        )
    return notes
