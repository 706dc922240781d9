"""The output folder: import files, Batch Operations manifests, rejects.

DynamoDB's limits on an import: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from isal import igzip

from thaw.manifests.arrow import distinct, rows_equal, slices
from thaw.manifests.errors import OutputError
from thaw.manifests.rows import Reject

IMPORT_PREFIX = "import/"
REJECTS = "rejects.csv"
SUMMARY = "summary.json"
MAX_PARTS = 50_000
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.BestPractices.html"""

_GZIP_LEVEL = 2
_REJECT_COLUMNS = ("file", "line", "reason", "row")


class ImportWriter:
    """DynamoDB JSON in gzip files of `rows_per_part` items each, under `folder`."""

    def __init__(self, folder: Path, rows_per_part: int) -> None:
        self._folder = folder
        self._rows_per_part = rows_per_part
        self._part: igzip.IGzipFile | None = None
        self.items = 0
        folder.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._part:
            self._part.close()

    def write(self, lines: pa.Table) -> None:
        """The `item` of each row of `spell_sql`. Raises OutputError for more files than DynamoDB takes."""
        for count, text in slices(lines, "item", self._rows_per_part, self.items):
            self._open_part().write(text)
            self.items += count

    def _open_part(self) -> igzip.IGzipFile:
        number, full = divmod(self.items, self._rows_per_part)
        if self._part and full:
            return self._part
        if number >= MAX_PARTS:
            raise OutputError(
                f"More than {MAX_PARTS:,} import files: DynamoDB takes no more in one import;"
                f" set rows_per_part above {self._rows_per_part:,}."
            )
        if self._part:
            self._part.close()
        path = self._folder / f"part-{number:05}.json.gz"
        self._part = igzip.IGzipFile(str(path), "wb", compresslevel=_GZIP_LEVEL, mtime=0)
        return self._part


class ManifestWriter:
    """Batch Operations manifests, one a bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names: dict[str, str] = {}

    def write(self, lines: pa.Table) -> None:
        """Rows of `spell_sql`."""
        buckets = distinct(lines, "bucket")
        for bucket in buckets:
            name = self.names.setdefault(bucket, f"manifest-{bucket}.csv")
            rows = lines.select(["bucket", "row"])
            if len(buckets) > 1:
                rows = rows_equal(rows, "bucket", bucket)
            with (self._folder / name).open("ab") as file:
                for _, text in slices(rows, "row", rows.num_rows, 0):
                    file.write(text)


class RejectWriter:
    """rejects.csv."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / REJECTS).open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(_REJECT_COLUMNS)
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self._csv.writerow(reject)
            self.count += 1
