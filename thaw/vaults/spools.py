"""Holds one part of an archive on its way from Glacier to S3: in memory, or in a file when it is large."""

import io
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

MEMORY_BYTES = 64 * 1024 * 1024
"""Larger parts (those of archives above 625 GiB) are held on disk."""


class Spool:
    """Takes a part in pieces, and gives it as the body of a request."""

    def __init__(self, file: IO[bytes], size_bytes: int) -> None:
        self._file = file
        self._size = size_bytes
        file.truncate(0)
        file.seek(max(size_bytes - 1, 0))
        file.write(b"\0"[:size_bytes])

    def write(self, offset: int, piece: bytes) -> None:
        """Stores `piece` at its offset, over what was there; what is beyond the part is left out."""
        self._file.seek(offset)
        self._file.write(piece[: max(self._size - offset, 0)])

    def body(self) -> IO[bytes]:
        """The whole part, from its beginning."""
        self._file.seek(0)
        return self._file


@contextmanager
def spool(size_bytes: int, memory_bytes: int = MEMORY_BYTES) -> Generator[Spool]:
    """A spool for exactly so many bytes, which it takes at once; they are gone when it is left."""
    with io.BytesIO() if size_bytes <= memory_bytes else tempfile.TemporaryFile() as file:
        yield Spool(file, size_bytes)
