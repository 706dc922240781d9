"""Small files given to a command as a local path or an s3:// URI."""

import json
from pathlib import Path
from typing import Any

import click

from analytics.cli import clients
from thaw.manifests.s3 import SCHEME, parse_uri, read_object


def read_json(source: str) -> dict[str, Any]:
    """The JSON object at a path or s3:// URI. Raises click.UsageError when there is none."""
    try:
        document = json.loads(_read(source))
    except ValueError as exc:
        raise click.BadParameter(f"{source} is no JSON: {exc}.") from exc
    if not isinstance(document, dict):
        raise click.BadParameter(f"{source} holds no JSON object.")
    return document  # pyright: ignore[reportUnknownVariableType] - JSON's keys are text


def _read(source: str) -> bytes:
    if source.startswith(SCHEME):
        return read_object(clients.s3(), parse_uri(source))
    try:
        return Path(source).read_bytes()
    except OSError as exc:
        raise click.UsageError(f"{source} cannot be read: {exc.strerror}.") from exc
