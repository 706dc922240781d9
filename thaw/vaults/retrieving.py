"""Reads the output of a retrieval job: every range of it is checked as it arrives.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-job-output-get.html
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.archive_parts import Part, ranges
from thaw.core.tree_hash import TreeHash, combined
from thaw.store.error_codes import error_code
from thaw.vaults.errors import OutputDiffersError, OutputGoneError

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

PIECE_BYTES = 1024 * 1024
"""Read of a connection at a time."""

RANGE_ATTEMPTS = 3
"""Of one range whose connection broke; beside botocore's own, which end when the answer begins."""

_GONE = "ResourceNotFoundException"

Sink = Callable[[bytes], object]
"""Takes the bytes, in pieces of at most PIECE_BYTES."""

Write = Callable[[int, bytes], object]
"""Stores bytes at their offset."""


class Output(NamedTuple):
    """The output of a retrieval job."""

    client: "GlacierClient"
    vault: str
    retrieval_job_id: str


class Hashes(NamedTuple):
    """Of some bytes: their tree hash and their SHA-256, 32 bytes each."""

    tree: bytes
    sha256: bytes


def fetch(output: Output, first: int, last: int, sink: Sink) -> bytes:
    """Reads the bytes `first` to `last`, both included, into `sink` by one request; returns their tree hash.

    Raises OutputGoneError; OutputDiffersError if these are not as many bytes, or not those whose tree hash
    Glacier tells (as it does of aligned ranges); ClientError, BotoCoreError.
    """
    tree = TreeHash()

    def take(piece: bytes) -> None:
        tree.update(piece)
        sink(piece)

    told = _read(output, first, last, take)
    digest = tree.digest()
    _check(output, first, last, told, digest)
    return digest


def read_part(output: Output, part: Part, write: Write) -> Hashes:
    """Reads a part of an archive in ranges, one after the other; returns the hashes of the part.

    A range whose connection breaks is read, and written, again from its beginning. Raises as `fetch` does.
    """
    reading = _Reading(output, part, write)
    for one in ranges(part):
        reading.read(one)
    return reading.hashes()


class _Reading:
    """A part as far as it has been read and checked."""

    def __init__(self, output: Output, part: Part, write: Write) -> None:
        self._output = output
        self._first = part.first
        self._write = write
        self._sha256 = hashlib.sha256()
        self._trees: list[bytes] = []

    def read(self, one: Part) -> None:
        for _ in range(RANGE_ATTEMPTS - 1):
            try:
                self._read_once(one)
            except (OutputDiffersError, BotoCoreError):
                continue
            return
        self._read_once(one)

    def hashes(self) -> Hashes:
        return Hashes(combined(self._trees), self._sha256.digest())

    def _read_once(self, one: Part) -> None:
        sha256, offset = self._sha256.copy(), one.first - self._first

        def take(piece: bytes) -> None:
            nonlocal offset
            sha256.update(piece)
            self._write(offset, piece)
            offset += len(piece)

        self._trees.append(fetch(self._output, one.first, one.last, take))
        self._sha256 = sha256


def _read(output: Output, first: int, last: int, sink: Sink) -> Mapping[str, Any]:
    """Raises OutputDiffersError unless there are exactly so many bytes; returns what Glacier says of them."""
    try:
        answer = output.client.get_job_output(
            vaultName=output.vault, jobId=output.retrieval_job_id, range=f"bytes={first}-{last}"
        )
    except ClientError as exc:
        if error_code(exc) != _GONE:
            raise
        raise OutputGoneError(
            f"Glacier has no output of retrieval job {output.retrieval_job_id} of vault {output.vault} any"
            " more: its 24 hours are over, the archive is requested again."
        ) from exc
    size = 0
    for piece in answer["body"].iter_chunks(PIECE_BYTES):
        size += len(piece)
        sink(piece)
    told = cast("Mapping[str, Any]", answer)
    where = told.get("contentRange", "").removeprefix("bytes ").partition("/")[0]
    if size != last + 1 - first or where not in ("", f"{first}-{last}"):
        raise OutputDiffersError(
            f"Glacier sent {size:,} bytes ({where or 'no range'}) of retrieval job {output.retrieval_job_id},"
            f" not bytes {first}-{last}; they are read again."
        )
    return told


def _check(output: Output, first: int, last: int, told: Mapping[str, Any], tree_hash: bytes) -> None:
    expected = told.get("checksum") or ""
    if expected and expected.lower() != tree_hash.hex():
        raise OutputDiffersError(
            f"Bytes {first}-{last} of retrieval job {output.retrieval_job_id} have the tree hash"
            f" {tree_hash.hex()}, and Glacier tells {expected}: they changed on the way and are read again."
        )
