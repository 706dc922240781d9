"""An inventory as it comes, CSV or JSON, gzip or not, turned into the lines that the planning SQL reads.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-job-output-get.html
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from thaw.core.errors import ThawError
from thaw.core.times import parse
from thaw.vaults.errors import InventoryError

HEADER = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"

_GZIP = b"\x1f\x8b"
_PIECE_CHARACTERS = 2**20
_LIST = '"ArchiveList"'
_DATE = re.compile(rb'"InventoryDate"\s*:\s*"([^"]{10,40})"')
_UNZIP = 31
"""Of zlib: gzip with its header."""

HEAD_BYTES = 4096
"""Of an inventory in JSON: its date is among them, before the archives."""

_BETWEEN = " \t\r\n,"


def as_csv(path: Path, into: Path) -> Path:
    """The inventory at `path` as CSV: itself, or `into`, which is then made of its JSON.

    Raises InventoryError for a file that is neither.
    """
    with _opened(path) as file:
        first = file.read(200).lstrip("\ufeff \t\r\n")
    if first.startswith("{"):
        _convert(path, into)
        return into
    if not first.lstrip('"').startswith("ArchiveId"):
        raise InventoryError(
            f"{path.name} is no inventory of a vault: it begins with {first[:40]!r}, neither with"
            " ArchiveId (CSV) nor with a brace (JSON)."
        )
    return path


def date_of(head: bytes) -> str:
    """Of when an inventory is that begins so, gzip or not: fixed-width ISO-8601. "" where it does not tell:
    JSON does, CSV does not."""
    try:
        text = zlib.decompressobj(_UNZIP).decompress(head, HEAD_BYTES) if head.startswith(_GZIP) else head
        found = _DATE.search(text)
        return parse(found[1].decode()) if found else ""
    except (zlib.error, ThawError, ValueError):
        return ""


def csv_line(row: Mapping[str, Any]) -> str:
    """A row of a JSON inventory as Glacier writes it in CSV: quote `"`, escape `\\`."""
    description = str(row.get("ArchiveDescription") or "")
    escaped = description.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    fields = (row.get("ArchiveId"), f'"{escaped}"', row.get("CreationDate"), row.get("Size"))
    return ",".join(map(str, (*fields, row.get("SHA256TreeHash"))))


def _convert(path: Path, into: Path) -> None:
    with _opened(path) as file, into.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"{HEADER}\n")
        for row in _rows(file, path.name):
            out.write(f"{csv_line(row)}\n")


def _rows(file: IO[str], name: str) -> Iterator[Mapping[str, Any]]:
    """The items of the list of archives, one at a time, however long it is."""
    decoder = json.JSONDecoder()
    text, place = _list_start(file, name)
    while True:
        while place < len(text) and text[place] in _BETWEEN:
            place += 1
        if text[place : place + 1] == "]":
            return
        try:
            row, place = decoder.raw_decode(text, place)
        except ValueError as exc:
            more = file.read(_PIECE_CHARACTERS)
            if not more:
                raise InventoryError(
                    f"{name} ends within its list of archives: it is damaged or incomplete; fetch it again."
                ) from exc
            text, place = text[place:] + more, 0
            continue
        if not isinstance(row, dict):
            raise InventoryError(f"{name} lists {str(row)[:40]!r} among its archives: it is no inventory.")
        yield cast("Mapping[str, Any]", row)


def _list_start(file: IO[str], name: str) -> tuple[str, int]:
    """What was read so far, and where in it the first item may begin."""
    text = ""
    while True:
        more = file.read(_PIECE_CHARACTERS)
        text += more
        found = text.find(_LIST)
        start = text.find("[", found) if found >= 0 else -1
        if start >= 0:
            return text, start + 1
        if not more:
            raise InventoryError(f"{name} is JSON without an ArchiveList: it is no inventory of a vault.")


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8"))
