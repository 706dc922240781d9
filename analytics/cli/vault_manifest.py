"""`thaw vault manifest`: which archive is which object, or which is none and why, as one CSV."""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from analytics.cli import clients
from analytics.cli.job_stack import Jobs, with_jobs
from analytics.cli.vault_jobs import find_transfer
from thaw.core.vault_files import failed_folder, manifest_folder
from thaw.vaults.manifests import FailedRow, ManifestRow, part_files, read_summary

_GZIP = ".gz"
_LEVEL = 6


@click.command(
    epilog="Example: thaw vault manifest vault-photos-1f0c55aa --out photos.csv.gz"
    " --stack-outputs outputs.json"
)
@click.argument("job_id", metavar="JOB")
@click.option("--out", type=click.Path(path_type=Path), help="A file, .gz perhaps. Default: standard output.")
@click.option("--failed", is_flag=True, help="Instead: the archives that are not in S3, with the reasons.")
@with_jobs
def manifest(jobs: Jobs, job_id: str, out: Path | None, failed: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Fetch the manifest of a transfer that has ended: archive, key, size, tree hash, checksum of S3."""
    find_transfer(jobs, job_id)
    s3 = clients.s3()
    folder = failed_folder(job_id) if failed else manifest_folder(job_id)
    columns = FailedRow._fields if failed else ManifestRow._fields
    by_status = read_summary(s3, jobs.jobs_bucket, job_id)["by_status"]
    lines = _lines(part_files(s3, jobs.jobs_bucket, job_id, folder), columns)
    if out is None:
        _write(lines, sys.stdout.buffer)
    else:
        _write_file(lines, out)
    told = ", ".join(f"{status} {totals['objects']:,}" for status, totals in sorted(by_status.items()))
    click.echo(f"Transfer {job_id}: {told or 'no archives'}.", err=True)


def _lines(parts: Iterator[bytes], columns: tuple[str, ...]) -> Iterator[bytes]:
    """One CSV of many: a single header."""
    yield f"{','.join(columns)}\n".encode()
    for part in parts:
        yield gzip.decompress(part).partition(b"\n")[2]


def _write(lines: Iterator[bytes], file: BinaryIO) -> None:
    file.writelines(lines)


def _write_file(lines: Iterator[bytes], out: Path) -> None:
    """Beside its place, and moved there when it is whole."""
    beside = out.with_name(f".{out.name}.part")
    try:
        with beside.open("wb") as raw:
            if out.suffix == _GZIP:
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL) as packed:
                    for each in lines:
                        packed.write(each)
            else:
                _write(lines, raw)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
