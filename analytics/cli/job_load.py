"""`thaw job load`: the records of a prepared manifest into the tables, without the cloud's functions."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from analytics.cli import clients
from analytics.cli.bars import counting_bar
from analytics.cli.sources import read_json
from analytics.cli.tables import Tables, pause, with_tables
from thaw.core.jobs import Job
from thaw.core.lives import Place
from thaw.core.times import to_iso
from thaw.jobs.import_lines import records_of
from thaw.manifests.s3 import SCHEME, S3Uri, list_keys, parse_uri, read_object
from thaw.store import ledgers
from thaw.store.loading import Load, LoadedObject, Loader
from thaw.store.registration import register_loaded

_SLOTS = 8
_FIRST_RUN = 1
_SUFFIX = ".json.gz"


@click.command(epilog="Example: thaw job load s3://my-manifests/july/summary.json")
@click.argument("summary")
@click.option(
    "--jobs-table", envvar="THAW_JOBS_TABLE", default="thaw-jobs", show_default=True, show_envvar=True
)
@with_tables
def load(tables: Tables, jobs_table: str, summary: str) -> int:
    """Load the records that SUMMARY (a path or s3:// URI) belongs to, and register the job's totals.

    SUMMARY is the summary.json that `thaw manifest prepare` wrote, beside its import files. Objects that an
    active job has are left to it. Loading again changes nothing, and goes on where it was stopped.
    """
    document = read_json(summary)
    job = Job.from_summary(document)
    names = ledgers.Tables(tables.objects, tables.rollups, jobs_table)
    loader = Loader(tables.client, names, slot=partial(random.randrange, _SLOTS), pause=pause)
    now = to_iso(datetime.now(UTC))
    parts = _parts(summary, str(document.get("import_prefix", "")))
    with counting_bar("Loading objects") as advance:
        objects, owners = _count(_loaded(loader, Load(job.job_id, _FIRST_RUN, now), parts), advance)
    if objects != job.totals.objects:
        raise click.ClickException(
            f"The import files hold {objects:,} objects and the summary says {job.totals.objects:,}:"
            " nothing is registered; copy the whole output of `thaw manifest prepare`, and load it again."
        )
    return _register(tables, jobs_table, job, owners)


def _register(tables: Tables, jobs_table: str, job: Job, owners: Counter[str]) -> int:
    """Registers what is the job's own, and tells what is not; the exit code."""
    if owners:
        others = ", ".join(f"{job_id} ({count:,})" for job_id, count in sorted(owners.items()))
        click.echo(f"{owners.total():,} objects belong to other jobs and are left to them: {others}.")
    if owners.total() == job.totals.objects:
        click.echo(f"Job {job.job_id} has no object to load; nothing is registered.", err=True)
        return 1
    totals = register_loaded(tables.client, tables.rollups, jobs_table, job).totals
    click.echo(f"Job {job.job_id}: {totals.objects:,} objects, {totals.size_bytes:,} bytes registered.")
    return 0


def _loaded(loader: Loader, load: Load, parts: Iterable[bytes]) -> Iterator[LoadedObject]:
    for part in parts:
        yield from loader.load(load, records_of(part))


def _count(loaded: Iterable[LoadedObject], advance: Callable[[int], None]) -> tuple[int, Counter[str]]:
    """How many objects there are, and how many of them each other job has."""
    objects, owners = 0, Counter[str]()
    for record, place in loaded:
        objects += 1
        owners[record.entry.job_id] += place is Place.ELSEWHERE
        advance(1)
    return objects, +owners


def _parts(summary: str, import_prefix: str) -> Iterator[bytes]:
    """The import files beside a summary, in order. Raises click.UsageError where there is none."""
    if summary.startswith(SCHEME):
        return _in_s3(parse_uri(summary), import_prefix)
    files = sorted((Path(summary).parent / import_prefix).glob(f"*{_SUFFIX}"))
    if not files:
        raise click.UsageError(f"There are no import files in {Path(summary).parent / import_prefix}.")
    return (file.read_bytes() for file in files)


def _in_s3(summary: S3Uri, import_prefix: str) -> Iterator[bytes]:
    s3 = clients.s3()
    folder = S3Uri(summary.bucket, f"{summary.key.rpartition('/')[0]}/{import_prefix}".lstrip("/"))
    keys = sorted(key for key in list_keys(s3, folder) if key.endswith(_SUFFIX))
    if not keys:
        raise click.UsageError(f"There are no import files in {folder}.")
    return (read_object(s3, S3Uri(folder.bucket, key)) for key in keys)
