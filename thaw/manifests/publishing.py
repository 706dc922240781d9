"""Putting a finished output where it was asked for: whole or not at all, and over nobody else's files."""

import re
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.manifests.errors import OutputError
from thaw.manifests.s3 import S3Uri, delete, list_keys, upload
from thaw.manifests.sources import client_for
from thaw.manifests.writing import IMPORT_PREFIX, REJECTS, SUMMARY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OURS = re.compile(
    rf"{re.escape(SUMMARY)}|{re.escape(REJECTS)}|manifest-[^/]+\.csv|{IMPORT_PREFIX}(part-\d{{5,}}\.json\.gz)?"
)


@contextmanager
def work_folder(out: Path | S3Uri) -> Generator[Path]:
    """A temporary folder: beside a local output, so that it can be renamed into place. Raises OutputError."""
    beside = out.parent if isinstance(out, Path) else None
    try:
        if beside:
            beside.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=".thaw-", dir=beside)
    except OSError as exc:
        raise OutputError(f"{out} cannot be written: {exc.strerror}.") from exc
    with temporary as folder:
        yield Path(folder)


def check_output(out: Path | S3Uri, s3: "S3Client | None", *, overwrite: bool) -> None:
    """Raises OutputError when something is at `out` that must not be replaced."""
    present = False
    for name in _names(out, s3):
        present = True
        if not overwrite:
            raise OutputError(
                f"{out} is not empty (it has {name}); choose another place, or allow overwriting."
            )
        if not _OURS.fullmatch(name):
            raise OutputError(f"{out} has {name}, which Thaw did not write; choose another place.")
    if isinstance(out, Path) and not present and out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; the output is a folder.")


def publish(folder: Path, out: Path | S3Uri, s3: "S3Client | None") -> None:
    """Moves `folder`, which is beside a local `out`, into its place. In S3 the summary is written last:
    an output without one is incomplete."""
    if isinstance(out, Path):
        _replace(folder, out)
        return
    client = client_for(s3, out)
    old = sorted(_names(out, client), key=lambda name: name != SUMMARY)
    if old:
        delete(client, out.bucket, [out.key + name for name in old[:1]])
        delete(client, out.bucket, [out.key + name for name in old[1:]])
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMMARY)
    for path in (*files, folder / SUMMARY):
        upload(client, path, S3Uri(out.bucket, out.key + path.relative_to(folder).as_posix()))


def _replace(folder: Path, out: Path) -> None:
    try:
        if out.exists():
            out.rename(folder.parent / "replaced")
        folder.rename(out)
    except OSError as exc:
        raise OutputError(f"{out} cannot be written: {exc.strerror}.") from exc


def _names(out: Path | S3Uri, s3: "S3Client | None") -> Iterable[str]:
    """The names of the files below `out`, relative to it."""
    if isinstance(out, S3Uri):
        return (key[len(out.key) :] for key in list_keys(client_for(s3, out), out))
    return (path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
