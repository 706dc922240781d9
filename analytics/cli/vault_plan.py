"""`thaw vault plan`: what a transfer would do, made of an inventory on this machine; no stack, no account."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from analytics.cli.moment import Moment
from analytics.cli.sizes import Size
from analytics.cli.sources import local_file
from analytics.cli.vault_preview import Tier, tier_table
from analytics.price_file import load_prices
from thaw.core.job_request_fields import COPY_CLASSES
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import JobRules
from thaw.core.times import to_iso
from thaw.core.vault_costs import estimates
from thaw.core.vault_plans import PlanFigures
from thaw.core.vault_request_parsing import as_folder
from thaw.vaults.local_planning import EXCLUDED, PLAN, plan_inventory
from thaw.vaults.planning_sql import PlanParameters
from thaw.vaults.preview import usd_text

_MB = 10**6


@click.command(
    epilog="Example: thaw vault plan inventory.csv --prefix photos/ --region eu-west-1 --out photos-plan"
)
@click.argument("inventory")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder for the plan.")
@click.option("--prefix", default="", help="The folder that the archives go to.")
@click.option("--names", help="A CSV of archive ids and names, before any other name; a path or s3:// URI.")
@click.option("--created-from", type=Moment(), help="Only archives created then or later.")
@click.option("--created-before", type=Moment(), help="Only archives created earlier.")
@click.option("--min-size", "min_size_bytes", type=Size(), help="Only archives of so many bytes or more.")
@click.option("--max-size", "max_size_bytes", type=Size(), help="Only archives of so many bytes or fewer.")
@click.option(
    "--name", "name_pattern", default="", help="Only archives whose name is so; * and ? as in a shell."
)
@click.option("--storage-class", type=click.Choice(COPY_CLASSES), default=CopyRequest().storage_class)
@click.option(
    "--region",
    envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
    show_envvar=True,
    help="Of the vault, for prices.",
)
@click.option("--to-region", help="Of the bucket. Default: the same Region.")
@click.option("--prices", type=click.Path(path_type=Path), help="A file of your own prices.")
@click.option("--memory-limit-mb", type=click.IntRange(100), default=2000, show_default=True)
def plan(
    inventory: str,
    out: Path,
    prefix: str,
    names: str | None,
    created_from: datetime | None,
    created_before: datetime | None,
    min_size_bytes: int | None,
    max_size_bytes: int | None,
    name_pattern: str,
    storage_class: str,
    region: str | None,
    to_region: str | None,
    prices: Path | None,
    memory_limit_mb: int,
) -> None:
    """Make the plan of a transfer out of INVENTORY (CSV or JSON as Glacier wrote it; a path or s3:// URI).

    Writes plan.csv.gz, which can be read, edited, and given to `thaw vault transfer --plan`, and
    excluded.csv.gz with the reason of each row. Whether an object is at a key already it does not know.
    """
    if not region:
        raise click.UsageError("Which Region? Give --region, or set AWS_REGION.")
    if out.exists():
        raise click.UsageError(f"{out} exists; give --out a new folder.")
    known = load_prices(prices)
    here = known.region(region)
    there = known.region(to_region) if to_region else here
    parameters = PlanParameters(
        prefix=as_folder(prefix),
        created_from=to_iso(created_from) if created_from else "",
        created_before=to_iso(created_before) if created_before else "",
        min_size_bytes=min_size_bytes,
        max_size_bytes=max_size_bytes,
        name_pattern=name_pattern,
    )
    with local_file(inventory) as source, local_file(names) as named:
        figures = plan_inventory(
            source or Path(inventory), out, parameters, names=named, memory_bytes=memory_limit_mb * _MB
        )
    click.echo("\n".join(describe_figures(figures)))
    click.echo(f"The plan: {out / PLAN}; what is not in it, with the reasons: {out / EXCLUDED}.")
    found = estimates(figures, JobRules(region), here, there, storage_class)
    Console().print(
        tier_table(
            Tier(each.tier, usd_text(each.usd), each.leaves_out, each.hours, each.quota_days)
            for each in found
        )
    )


def describe_figures(figures: PlanFigures) -> Iterator[str]:
    """What of the inventory is planned and what not, a line each."""
    yield (
        f"{figures.archives:,} archives ({figures.size_bytes:,} bytes) of {figures.rows_in:,} rows,"
        f" the largest of {figures.largest_bytes:,} bytes."
    )
    yield (
        f"{figures.renamed:,} keys were made valid or unique, {figures.unnamed:,} archives have no name in"
        f" their description, {figures.unused_names:,} given names are of no archive."
    )
    for reason, rows in sorted(figures.excluded.items()):
        yield f"Excluded: {rows:,} {reason}."
