"""Rows on their way from a file to the rules: a table of text, and where each row came from."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pyarrow as pa


class Reject(NamedTuple):
    """One line of rejects.csv: the file, the 1-based line (Parquet, ORC: row) in it, why, and the row."""

    file: str
    line: int
    reason: str
    row: str


class Rows(Protocol):
    """Some consecutive rows of one file.

    `table` holds columns of `COLUMNS`, as text, "" for null; a column the file lacks is not there.
    `rejects` are rows that could not become part of it.
    """

    @property
    def table(self) -> pa.Table: ...

    @property
    def rejects(self) -> Sequence[Reject]: ...

    def where(self, index: int) -> tuple[int, str]:
        """The 1-based line or row number in the file, and the text, of a row of `table`."""
        ...


class Chunk(Protocol):
    """A piece of a file that can be parsed on any thread."""

    @property
    def file(self) -> str:
        """What messages call the file."""
        ...

    @property
    def url_encoded(self) -> bool:
        """Whether keys are spelled URL-encoded: in CSV they are, in Parquet and ORC they are not
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html)."""
        ...

    def parse(self) -> Rows: ...
