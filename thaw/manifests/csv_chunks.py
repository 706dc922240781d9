"""CSV files of any size in chunks of whole records, parsed fast where the text is regular.

Regular means one record a line, as S3 itself writes: either every field quoted or none (the number of
quotes tells), all rows of the same width. Anything else goes through `RecordReader`, record by record.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BufferedIOBase
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from isal import igzip, igzip_lib

from thaw.manifests.csv_records import MAX_RECORD_BYTES, Record, RecordReader
from thaw.manifests.errors import SourceError
from thaw.manifests.rows import Reject
from thaw.manifests.sources import DataFile

_DAMAGED: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    igzip_lib.IsalError,  # pyright: ignore[reportAssignmentType] - the stubs call the class an instance
)
_GZIP_MAGIC = b"\x1f\x8b"
_PARSE_BLOCK_BYTES = 1 << 20
_QUOTE = ord('"')
_NEWLINE = ord("\n")


@dataclass(frozen=True)
class CsvRows:
    """Parsed rows; `lines` and `texts` are those of the rows of `table`."""

    table: pa.Table
    rejects: Sequence[Reject]
    lines: Sequence[int]
    data: bytes
    texts: Sequence[bytes] = ()

    def where(self, index: int) -> tuple[int, str]:
        return self.lines[index], _shown((self.texts or self._split)[index])

    @cached_property
    def _split(self) -> list[bytes]:
        return [line.removesuffix(b"\r") for line in self.data.split(b"\n")]


@dataclass(frozen=True)
class CsvChunk:
    """Whole records of a file, from line `line` on; `records` when they were found irregular already."""

    source: DataFile
    data: bytes
    line: int
    line_count: int
    records: Sequence[Record] | None = None
    url_encoded: bool = True

    @property
    def file(self) -> str:
        return self.source.name

    def parse(self) -> CsvRows:
        if self.records is None:
            table = _parse_regular(self.data, self.line_count, self.source)
            if table is not None:
                return CsvRows(table, (), range(self.line, self.line + table.num_rows), self.data)
        records = self.records
        if records is None:
            records = list(RecordReader(self.data, self.line, self.source.widths, complete=True))
        return self._parsed(records)

    def _parsed(self, records: Sequence[Record]) -> CsvRows:
        good = [record for record in records if not record.problem]
        rejects = [
            Reject(self.file, record.line, record.problem, _shown(record.text))
            for record in records
            if record.problem
        ]
        columns = {
            name: pa.array([_field(record, position) for record in good], pa.string())
            for position, name in enumerate(self.source.columns)
            if name
        }
        lines, texts = [record.line for record in good], [record.text for record in good]
        return CsvRows(pa.table(columns), rejects, lines, b"", texts)


def csv_chunks(file: DataFile, path: Path, size: int) -> Iterator[CsvChunk]:
    """The records of a CSV file, gzip or not, in chunks of about `size` bytes. Raises SourceError."""
    try:
        with _opened(path) as stream:
            yield from _chunks(file, stream, size)
    except _DAMAGED as exc:
        raise SourceError(f"{file.name} cannot be read to its end: {exc}") from exc


def _opened(path: Path) -> BufferedIOBase:
    with path.open("rb") as stream:
        compressed = stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return igzip.IGzipFile(str(path), "rb") if compressed else path.open("rb")


def _chunks(file: DataFile, stream: BufferedIOBase, size: int) -> Iterator[CsvChunk]:
    carry, line, ended = b"", 1, False
    while not ended:
        data, ended = _filled(stream, carry, size)
        data = data.removeprefix(BOM_UTF8) if line == 1 else data
        whole = len(data) if ended else data.rfind(b"\n") + 1
        if not whole and len(data) > MAX_RECORD_BYTES:
            raise SourceError(
                f"{file.name} has a line of {len(data):,} bytes or more: it is no CSV manifest."
            )
        head, carry = data[:whole], data[whole:]
        line_count = _count(head, _NEWLINE) + (not head.endswith(b"\n") and bool(head))
        if _count(head, _QUOTE) in {0, *(2 * width * line_count for width in file.widths)}:
            yield CsvChunk(file, head, line, line_count)
            line += line_count
        else:
            reader = RecordReader(head, line, file.widths, complete=ended)
            yield CsvChunk(file, b"", line, line_count, list(reader))
            carry, line = head[reader.used :] + carry, reader.next_line


def _filled(stream: BufferedIOBase, carry: bytes, size: int) -> tuple[bytes, bool]:
    """`carry` and `size` bytes more, and whether that was the end of the stream."""
    parts, missing = [carry], size
    while missing > 0:
        part = stream.read(missing)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        missing -= len(part)
    return b"".join(parts), False


def _count(data: bytes, character: int) -> int:
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == character))


def _parse_regular(data: bytes, line_count: int, file: DataFile) -> pa.Table | None:
    """The wanted columns of `data`, or None when a line of it turns out not to be one good record."""
    first = data[: data.find(b"\n") + 1 or len(data)]
    width = first.count(b'"') // 2 or first.count(b",") + 1
    if width not in file.widths or (b"\r" in data and data.count(b"\r\n") != data.count(b"\r")):
        return None
    names = [file.columns[position] or f"unread {position}" for position in range(width)]
    wanted = [name for name in file.columns[:width] if name]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),  # pyright: ignore[reportArgumentType] - missing in the stubs only
            arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=_PARSE_BLOCK_BYTES),
            arrow_csv.ParseOptions(newlines_in_values=False),
            arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows == line_count else None


def _field(record: Record, position: int) -> str:
    return record.fields[position] if position < len(record.fields) else ""


def _shown(text: bytes) -> str:
    return text.decode(errors="backslashreplace")
