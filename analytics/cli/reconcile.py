"""`thaw reconcile`: heal what lost events left behind."""

import random
from datetime import UTC, datetime
from functools import partial

import click

from analytics.cli import clients
from analytics.cli.bars import counting_bar
from analytics.cli.tables import Tables, pause, with_tables
from thaw.core.copies import CopyRule
from thaw.reconcile import Reconciler
from thaw.store.reader import RecordReader
from thaw.store.writer import RecordWriter

_SLOTS = 8


@click.command(
    epilog="Example: thaw reconcile my-archive --prefix 2019/ --copy-rule my-archive/ my-live/from-archive/"
)
@click.argument("bucket")
@click.option("--prefix", default="", help="Only keys that begin so.")
@click.option(
    "--copy-rule",
    "copy_rules",
    multiple=True,
    nargs=2,
    metavar="SOURCE DESTINATION",
    help="As in the stack's copy_rules, each bucket/prefix. May be repeated.",
)
@with_tables
def reconcile(tables: Tables, bucket: str, prefix: str, copy_rules: tuple[tuple[str, str], ...]) -> int:
    """List BUCKET with its restore status and apply what the records do not know.

    A thousand objects a call. Run it on the destination bucket too, to find copies whose events got lost.
    """
    rules = [copy_rule(*rule) for rule in copy_rules]
    slot = partial(random.randrange, _SLOTS)
    writer = RecordWriter(tables.client, tables.objects, tables.rollups, slot=slot, pause=pause)
    reader = RecordReader(tables.client, tables.objects, pause)
    reconciler = Reconciler(clients.s3(), reader, writer, rules, tables.job_began, lambda: datetime.now(UTC))
    with counting_bar(f"Listing {bucket}") as advance:
        result = reconciler.run(bucket, prefix, advance)
    healed = ", ".join(f"{count:,} {name}" for name, count in sorted(result.healed.items()) if count)
    click.echo(f"{bucket}: {result.listed:,} objects listed, healed: {healed or 'nothing'}.")
    for path, error in result.errors.items():
        click.echo(f"  {path!r}: {error}", err=True)
    return 1 if result.errors else 0


def copy_rule(source: str, destination: str) -> CopyRule:
    """The rule between two places written as `bucket/prefix`."""
    source_bucket, _, source_prefix = source.partition("/")
    destination_bucket, _, destination_prefix = destination.partition("/")
    return CopyRule(source_bucket, source_prefix, destination_bucket, destination_prefix)
