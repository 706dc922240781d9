"""The `thaw` command: runs it, and tells what went wrong in one line."""

import sys
from collections.abc import Sequence

import click
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from analytics.cli import thaw
from analytics.errors import ReportError, ReportOutputError
from analytics.sources.errors import ReportSourceError
from thaw.core.errors import (
    CopyRuleError,
    KeySpellingError,
    PriceError,
    SummaryError,
    ThawError,
    TimestampError,
)
from thaw.core.job_request_errors import JobRefusedError
from thaw.manifests.errors import OutputError, SettingsError, SourceError, TierError
from thaw.store.errors import JobExistsError, JobNotFoundError
from thaw.vaults.errors import InventoryError, PlanError

BAD_INPUT = 2
FAILED = 1

BAD_INPUT_ERRORS = (
    FileNotFoundError,
    IsADirectoryError,
    CopyRuleError,
    JobRefusedError,
    KeySpellingError,
    PriceError,
    ReportError,
    ReportOutputError,
    ReportSourceError,
    SummaryError,
    TimestampError,
    SettingsError,
    SourceError,
    TierError,
    OutputError,
    JobExistsError,
    JobNotFoundError,
    InventoryError,
    PlanError,
)
"""What a person can mend by asking otherwise; every other error is a failure."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs `thaw` with `arguments` (default: the process's) and exits: 0 done, 1 failed, 2 bad input."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """The exit code of `thaw` with `arguments`; an error is one line on standard error."""
    try:
        return int(thaw.main(arguments, prog_name="thaw", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.format_message(), err=True)
        return BAD_INPUT
    except click.ClickException as exc:
        return _complain(exc.format_message(), BAD_INPUT)
    except BAD_INPUT_ERRORS as exc:
        return _complain(str(exc), BAD_INPUT)
    except (ThawError, ClientError, BotoCoreError, OSError) as exc:
        return _complain(f"{exc}{_hint(exc)}", FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _complain("stopped", 130)


def _hint(exc: Exception) -> str:
    if "ResourceNotFoundException" in str(exc):
        return ". Is Thaw deployed in this account and Region, with these table names?"
    if isinstance(exc, NoRegionError):
        return " Set AWS_REGION, or AWS_PROFILE."
    return ""


def _complain(message: str, exit_code: int) -> int:
    click.echo(f"thaw: {' '.join(message.split())}", err=True)
    return exit_code


if __name__ == "__main__":
    main()
