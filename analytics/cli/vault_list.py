"""`thaw vault list`: the vaults of the account, what is in them, and where they are moved to."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from analytics.cli import clients
from analytics.cli.job_stack import Jobs, jobs_of
from analytics.cli.sources import read_json
from thaw.core.job_requests import CopyRequest
from thaw.core.job_states import JobState
from thaw.jobs.service import MAX_PAGE

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

OWN_ACCOUNT = "-"
"""https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vaults-get.html"""

_UNLIMITED = 10_000
"""Characters in a line of what is no terminal."""


@click.command(name="list", epilog="Example: thaw vault list --stack-outputs outputs.json")
@click.option(
    "--stack-outputs",
    envvar="THAW_STACK_OUTPUTS",
    show_envvar=True,
    help="What `pulumi stack output --json` printed, to tell of transfers too; a path or s3:// URI.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a vault, a line each.")
def list_vaults(stack_outputs: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List the vaults of the account and Region: archives and bytes by their latest inventory, transfers."""
    jobs = jobs_of(read_json(stack_outputs)) if stack_outputs else None
    transfers = _transfers(jobs)
    lines = [
        _line(each, transfers.get(each["VaultName"], []))
        for each in _vaults(clients.glacier(jobs.rules.region if jobs else None))
    ]
    if as_json:
        for line in lines:
            click.echo(json.dumps(line))
    elif lines:
        console = Console()
        (console if console.is_terminal else Console(width=_UNLIMITED)).print(_table(lines))
    else:
        click.echo("There is no vault in this account and Region.", err=True)


def destination(state: JobState) -> str:
    """Where a transfer moves its archives to."""
    copy = state.request.copy or CopyRequest()
    return f"s3://{copy.destination_bucket}/{copy.destination_prefix}"


def _vaults(glacier: "GlacierClient") -> Iterator[Mapping[str, Any]]:
    for page in glacier.get_paginator("list_vaults").paginate(accountId=OWN_ACCOUNT):
        yield from page["VaultList"]


def _transfers(jobs: Jobs | None) -> Mapping[str, list[JobState]]:
    """The transfers of each vault, the newest first; none without a stack."""
    found: defaultdict[str, list[JobState]] = defaultdict(list)
    start = ""
    while jobs:
        page = jobs.service.list(MAX_PAGE, start or None)
        for state in page.states:
            if state.request.vault is not None:
                found[state.request.vault.vault].append(state)
        start = page.next
        if not start:
            break
    return found


def _line(described: Mapping[str, Any], transfers: Sequence[JobState]) -> dict[str, Any]:
    return {
        "vault": described["VaultName"],
        "archives": described["NumberOfArchives"],
        "size_bytes": described["SizeInBytes"],
        "inventory_date": described.get("LastInventoryDate"),
        "transfers": [
            {"job_id": each.job_id, "status": each.status.value, "destination": destination(each)}
            for each in transfers
        ],
    }


def _table(lines: Sequence[Mapping[str, Any]]) -> Table:
    shown = Table()
    shown.add_column("vault", overflow="fold")
    for name in ("archives", "bytes"):
        shown.add_column(name, justify="right")
    for name in ("inventory", "transfers"):
        shown.add_column(name, overflow="fold")
    for line in lines:
        shown.add_row(
            line["vault"],
            f"{line['archives']:,}",
            f"{line['size_bytes']:,}",
            (line["inventory_date"] or "none yet")[:10],
            "\n".join(f"{each['job_id']}: {each['status']}" for each in line["transfers"]),
        )
    return shown
