"""Every row of every source, as chunks."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.manifests.columnar_chunks import columnar_chunks, columnar_columns
from thaw.manifests.csv_chunks import csv_chunks
from thaw.manifests.errors import MissingColumnError
from thaw.manifests.fetch import fetched
from thaw.manifests.rows import Chunk
from thaw.manifests.settings import PrepareSettings
from thaw.manifests.sources import CSV, DataFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def chunks(
    files: Iterable[DataFile], settings: PrepareSettings, s3: "S3Client | None", work: Path
) -> Iterator[Chunk]:
    """All rows, file after file. Raises SourceError, MissingColumnError."""
    for file in files:
        with fetched(file, s3, work) as path:
            columns = frozenset(file.columns) if file.format == CSV else columnar_columns(file, path)
            _check_columns(file, columns, settings)
            if file.format == CSV:
                yield from csv_chunks(file, path, settings.chunk_bytes)
            else:
                yield from columnar_chunks(file, path)


def _check_columns(file: DataFile, columns: frozenset[str], settings: PrepareSettings) -> None:
    known = columns | {"storage_class"} if settings.default_storage_class else columns
    for column in settings.filters.columns:
        if column not in known:
            raise MissingColumnError(
                f"{file.name} has no {column}, which a filter needs:"
                " drop the filter, or use an inventory that includes it."
            )
