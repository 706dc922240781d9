"""Small files given to a command as a local path or an s3:// URI."""

import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from analytics.cli import clients
from thaw.manifests.s3 import SCHEME, download, parse_uri, read_object


def read_json(source: str) -> dict[str, Any]:
    """The JSON object at a path or s3:// URI. Raises click.UsageError when there is none."""
    try:
        document = json.loads(_read(source))
    except ValueError as exc:
        raise click.BadParameter(f"{source} is no JSON: {exc}.") from exc
    if not isinstance(document, dict):
        raise click.BadParameter(f"{source} holds no JSON object.")
    return document  # pyright: ignore[reportUnknownVariableType] - JSON's keys are text


@contextmanager
def local_file(source: str | None) -> Generator[Path | None]:
    """The file at a path or s3:// URI, downloaded for as long as it is needed; None for None.

    Raises click.UsageError when there is none.
    """
    if source is None or not source.startswith(SCHEME):
        if source is not None and not Path(source).is_file():
            raise click.UsageError(f"{source} is no file.")
        yield Path(source) if source else None
        return
    place = parse_uri(source)
    with tempfile.TemporaryDirectory(prefix="thaw-file-") as folder:
        path = Path(folder) / Path(place.key).name
        download(clients.s3(), place, path)
        yield path


def _read(source: str) -> bytes:
    if source.startswith(SCHEME):
        return read_object(clients.s3(), parse_uri(source))
    try:
        return Path(source).read_bytes()
    except OSError as exc:
        raise click.UsageError(f"{source} cannot be read: {exc.strerror}.") from exc
