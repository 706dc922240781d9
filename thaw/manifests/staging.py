"""Kept rows on disk between the two passes: reading everything, then writing what is no duplicate."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("bucket", pa.string()),
        ("key", pa.string()),
        ("version_id", pa.string()),
        ("size_bytes", pa.int64()),
        ("storage_class", pa.string()),
        ("last_modified", pa.string()),
    ]
)
"""Canonical bucket, key and version of each kept row, and what the source tells of it."""


class Staging:
    """A file of tables of `SCHEMA`: written first, then, once finished, read as often as needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer = pa.ipc.new_stream(str(path), SCHEMA, options=options)

    def append(self, table: pa.Table) -> None:
        """Rows behind those already there."""
        self._writer.write_table(table.combine_chunks())

    def finish(self) -> None:
        """No rows come any more."""
        self._writer.close()

    def tables(self) -> Iterator[tuple[int, pa.Table]]:
        """The rows in their order, some at a time, each time with the number of rows before them."""
        first = 0
        with pa.OSFile(str(self._path), "rb") as file:
            for batch in pa.ipc.open_stream(file):
                yield first, pa.Table.from_batches([batch])
                first += batch.num_rows
