"""CSV read one record at a time, for what the fast parser cannot be trusted with.

The grammar is RFC 4180; a quote inside an unquoted field is a character like any other. Only a quoted
field holds line breaks. A damaged line is rejected alone: reading goes on with the next one.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_RECORD_BYTES = 65_536
"""Far above any row of a manifest (a key of 1,024 bytes, escaped): beyond it, a quote was never closed."""


class Record(NamedTuple):
    """One record: its first line (1-based), its text, and its fields, or why it has none."""

    line: int
    text: bytes
    fields: tuple[str, ...]
    problem: str


@dataclass
class RecordReader:
    """Records of `data`, which begins with line `line` of its file.

    When `complete` is false more data follows, and reading stops before a record that may go on in
    it: `data[used:]` is what the next reader begins with, at line `next_line`.
    """

    data: bytes
    line: int
    widths: frozenset[int]
    complete: bool
    used: int = 0
    next_line: int = field(init=False)

    def __post_init__(self) -> None:
        self.next_line = self.line

    def __iter__(self) -> Iterator[Record]:
        while self.used < len(self.data):
            record = self._next()
            if record is None:
                return
            self.used += len(record.text)
            self.next_line += record.text.count(b"\n")
            stripped = record.text.rstrip(b"\r\n")
            if stripped:
                yield record._replace(text=stripped)

    def _next(self) -> Record | None:
        """The record at `used`, or None when it may go on beyond the data."""
        first = end = self._line_end(self.used)
        while self.data.count(b'"', self.used, end) % 2:
            if end - self.used > MAX_RECORD_BYTES:
                break
            if end == len(self.data):
                if not self.complete:
                    return None
                break
            end = self._line_end(end)
        text = self.data[self.used : end]
        fields, problem = _fields(text, self.widths)
        if problem and end != first:
            text = self.data[self.used : first]
            fields, problem = _fields(text, self.widths)
        return Record(self.next_line, text, fields, problem)

    def _line_end(self, start: int) -> int:
        return self.data.find(b"\n", start) + 1 or len(self.data)


def _fields(text: bytes, widths: frozenset[int]) -> tuple[tuple[str, ...], str]:
    try:
        rows = list(csv.reader([text.removesuffix(b"\n").removesuffix(b"\r").decode()], strict=True))
    except UnicodeDecodeError:
        return (), "the row is not UTF-8"
    except csv.Error as exc:
        return (), f"the row is not CSV: {exc}"
    fields = tuple(rows[0]) if rows else ()
    if fields and len(fields) not in widths:
        expected = " or ".join(str(width) for width in sorted(widths))
        return (), f"the row has {len(fields)} columns, not {expected}"
    return fields, ""
