"""Parquet and ORC inventories in chunks of rows, their columns as text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as parquet

from thaw.manifests.arrow import as_text
from thaw.manifests.errors import SourceError
from thaw.manifests.rows import Reject
from thaw.manifests.sources import PARQUET, DataFile, canonical_column

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class ColumnarRows:
    """Parsed rows, which begin with row `row` (1-based) of the file."""

    table: pa.Table
    raw: pa.Table
    row: int
    rejects: Sequence[Reject] = ()

    def where(self, index: int) -> tuple[int, str]:
        fields = self.raw.slice(index, 1).to_pylist()[0]
        return self.row + index, json.dumps(fields, default=_shown, ensure_ascii=False)


@dataclass(frozen=True)
class ColumnarChunk:
    """Some rows of a file, from row `row` on."""

    file: str
    raw: pa.Table
    row: int
    url_encoded: bool = False

    def parse(self) -> ColumnarRows:
        try:
            self.raw.validate(full=True)
            columns = {canonical_column(name): as_text(self.raw, name) for name in self.raw.column_names}
        except pa.ArrowInvalid as exc:
            last = self.row + self.raw.num_rows - 1
            raise SourceError(
                f"{self.file} has text that is not UTF-8 in rows {self.row} to {last}."
            ) from exc
        return ColumnarRows(pa.table(columns), self.raw, self.row)


def columnar_chunks(file: DataFile, path: Path) -> Iterator[ColumnarChunk]:
    """The rows of a Parquet or ORC file, a few at a time. Raises SourceError."""
    row = 1
    try:
        for batch in _parquet(path) if file.format == PARQUET else _orc(path):
            for start in range(0, batch.num_rows, CHUNK_ROWS):
                raw = pa.Table.from_batches([batch.slice(start, CHUNK_ROWS)])
                yield ColumnarChunk(file.name, raw, row)
                row += raw.num_rows
    except (pa.ArrowException, OSError) as exc:
        raise SourceError(f"{file.name} cannot be read as {file.format}: {exc}") from exc


def columnar_columns(file: DataFile, path: Path) -> frozenset[str]:
    """Those of `COLUMNS` that the file has. Raises SourceError when it has no bucket or no key."""
    try:
        names = parquet.read_schema(path).names if file.format == PARQUET else orc.ORCFile(path).schema.names
    except (pa.ArrowException, OSError) as exc:
        raise SourceError(f"{file.name} cannot be read as {file.format}: {exc}") from exc
    columns = frozenset(map(canonical_column, names)) - {""}
    if not {"bucket", "key"} <= columns:
        raise SourceError(f"{file.name} has no column bucket or no column key; it is no S3 Inventory.")
    return columns


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    with parquet.ParquetFile(path) as file:
        wanted = [name for name in file.schema_arrow.names if canonical_column(name)]
        yield from file.iter_batches(CHUNK_ROWS, columns=wanted, use_threads=False)


def _orc(path: Path) -> Iterator[pa.RecordBatch]:
    file = orc.ORCFile(path)
    wanted = [name for name in file.schema.names if canonical_column(name)]
    for stripe in range(file.nstripes):
        yield file.read_stripe(stripe, columns=wanted)


def _shown(value: object) -> str:
    return str(value)
