"""The `thaw` command line: one file a command."""

import click

from analytics.cli.cost import cost
from analytics.cli.demo import demo
from analytics.cli.job import job
from analytics.cli.manifest import manifest
from analytics.cli.progress import progress
from analytics.cli.reconcile import reconcile
from analytics.cli.report import report
from analytics.cli.vault import vault
from analytics.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="thaw")
def thaw() -> None:
    """Follow every object through its restore from Amazon S3 Glacier, and know truthfully how it goes.

    Works on the account and Region of the usual AWS environment variables and profiles.
    """


for command in (cost, demo, job, manifest, progress, reconcile, report, vault, verify):
    thaw.add_command(command)
