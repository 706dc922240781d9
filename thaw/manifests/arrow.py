"""Arrow tables as Thaw uses them, typed: pyarrow's own stubs know only half of its functions."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

_compute: Any = pyarrow.compute


def rows_equal(table: pa.Table, column: str, value: str) -> pa.Table:
    """The rows whose `column` is `value`."""
    return table.filter(_compute.equal(table[column], value))


def rows_other(table: pa.Table, column: str, value: str) -> pa.Table:
    """The rows whose `column` is something else than `value`, and not null."""
    return table.filter(_compute.not_equal(table[column], value))


def rows_null(table: pa.Table, column: str) -> pa.Table:
    """The rows whose `column` is null."""
    return table.filter(_compute.is_null(table[column]))


def rows_true(table: pa.Table, column: str) -> pa.Table:
    """The rows whose boolean `column` is true."""
    return table.filter(_compute.equal(table[column], True))  # noqa: FBT003 - the value compared with


def rows_at(table: pa.Table, positions: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Table:
    """The rows at `positions`, 0-based."""
    return table.take(positions)


def count_equal(table: pa.Table, column: str, value: str) -> int:
    """How many rows have `value` in `column`."""
    return _compute.sum(_compute.equal(table[column], value)).as_py() or 0


def distinct(table: pa.Table, column: str) -> list[str]:
    """The different texts in `column`, in order of appearance."""
    return _compute.unique(table[column]).to_pylist()


def holds_only(table: pa.Table, column: str, characters: str) -> bool:
    """Whether no text of `column` has another character than those (ASCII)."""
    allowed = np.zeros(256, bool)
    allowed[list(characters.encode())] = True
    texts = slices(table, column, max(table.num_rows, 1), 0)
    return all(allowed[np.frombuffer(text, np.uint8)].all() for _, text in texts)


def numbered(table: pa.Table, name: str) -> pa.Table:
    """`table` with a column `name`: 0, 1, 2, ..."""
    return table.append_column(name, pa.array(np.arange(table.num_rows)))


def as_text(table: pa.Table, column: str) -> Any:
    """The column as text, "" for null. Raises pyarrow.ArrowInvalid for bytes that are not UTF-8."""
    return _compute.fill_null(table[column].cast(pa.string()), "")


def slices(table: pa.Table, column: str, rows: int, first: int) -> Iterator[tuple[int, memoryview]]:
    """The texts of `column` behind one another, as they lie in memory: (number of rows, their bytes).

    No slice goes across a multiple of `rows`, counted from the beginning of something that held `first`
    rows before.
    """
    for chunk in table[column].chunks:
        _, offsets, data = chunk.buffers()
        if not len(chunk) or offsets is None or data is None:
            continue
        ends, start = memoryview(offsets).cast("i"), 0
        while start < len(chunk):
            count = min(len(chunk) - start, rows - first % rows)
            begin = chunk.offset + start
            yield count, memoryview(data)[ends[begin] : ends[begin + count]]
            start, first = start + count, first + count
