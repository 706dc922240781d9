"""`thaw vault`: see Glacier vaults, move them into S3, and learn whether all of it is there."""

import click

from analytics.cli.vault_list import list_vaults
from analytics.cli.vault_manifest import manifest
from analytics.cli.vault_plan import plan
from analytics.cli.vault_transfer import resume, transfer
from analytics.cli.vault_verify import verify
from analytics.cli.vault_views import show, stop


@click.group()
def vault() -> None:
    """Vaults of the original Glacier service: their archives, moved into S3 and verified.

    A transfer is a job: `thaw progress`, `thaw report`, `thaw verify` and `thaw job list` know it too.
    """


for command in (list_vaults, plan, transfer, show, stop, resume, manifest, verify):
    vault.add_command(command)
