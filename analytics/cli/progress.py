"""`thaw progress`: how far the jobs have come."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from analytics.cli.tables import Tables, pause, with_tables
from thaw.core.history import Status
from thaw.core.jobs import Progress
from thaw.store.jobs import read_progress

_FINAL = (Status.COPIED, Status.FAILED, Status.EXPIRED)


@click.command(epilog="Example: thaw progress --job july --watch")
@click.option("--job", "jobs", multiple=True, help="A job; may be repeated. Default: all.")
@click.option("--watch", is_flag=True, help="Until every object is COPIED, FAILED or EXPIRED.")
@click.option("--interval", default=5.0, show_default=True, type=click.FloatRange(0.2), help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a job, a line each.")
@with_tables
def progress(tables: Tables, jobs: tuple[str, ...], watch: bool, interval: float, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show objects and bytes by status. One Query a job, however many objects it has."""
    chosen = tables.chosen_jobs(jobs)
    if not chosen:
        click.echo("No job is registered.", err=True)
    if watch and not as_json and sys.stdout.isatty():
        _watch(tables, chosen, interval)
        return
    for current in _read_once(tables, chosen, interval if watch else None):
        if as_json:
            click.echo(json.dumps(to_json(current)))
        else:
            Console().print(table(current))


def read_all(tables: Tables, jobs: Sequence[str]) -> list[Progress]:
    return [read_progress(tables.client, tables.rollups, job_id, pause) for job_id in jobs]


def _read_once(tables: Tables, jobs: Sequence[str], interval: float | None) -> list[Progress]:
    """The jobs as they are; with an `interval`, as they are once all of them are finished."""
    current = read_all(tables, jobs)
    while interval is not None and not all(finished(one) for one in current):
        pause(interval)
        current = read_all(tables, jobs)
    return current


def _watch(tables: Tables, jobs: Sequence[str], interval: float) -> None:
    with Live(auto_refresh=False) as live:
        while True:
            current = read_all(tables, jobs)
            live.update(Group(*map(table, current)), refresh=True)
            if all(finished(one) for one in current):
                return
            pause(interval)


def finished(progress: Progress) -> bool:
    """Whether nothing more will happen to any object unless somebody acts."""
    done = sum(progress.by_status[status].objects for status in _FINAL)
    return done == progress.job.totals.objects


def table(progress: Progress) -> Table:
    """Objects and bytes by status, with their share of the job."""
    totals = progress.job.totals
    shown = Table(title=f"Job {progress.job.job_id}", title_justify="left")
    shown.add_column("status")
    for name in ("objects", "% objects", "bytes", "% bytes"):
        shown.add_column(name, justify="right")
    for status, part in progress.by_status.items():
        shown.add_row(
            status,
            f"{part.objects:,}",
            percent(part.objects, totals.objects),
            f"{part.size_bytes:,}",
            percent(part.size_bytes, totals.size_bytes),
        )
    shown.add_section()
    shown.add_row("total", f"{totals.objects:,}", "", f"{totals.size_bytes:,}", "")
    return shown


def percent(part: int, whole: int) -> str:
    """Cut, not rounded: 100.0 is shown only when it is all of it."""
    return f"{part * 1000 // whole / 10:.1f}" if whole else "-"


def to_json(progress: Progress) -> dict[str, Any]:
    totals = progress.job.totals
    return {
        "job_id": progress.job.job_id,
        "objects": totals.objects,
        "size_bytes": totals.size_bytes,
        "by_status": {status: part._asdict() for status, part in progress.by_status.items()},
    }
