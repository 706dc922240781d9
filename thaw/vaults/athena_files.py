"""The sources of a plan as Parquet files, which Athena reads without a dialect of CSV; piece by piece."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as parquet

from thaw.core.job_request_errors import TOO_LARGE, JobRefusedError
from thaw.jobs.folder import JobFolder
from thaw.vaults.athena_cursor import AthenaCursor, relation_folder
from thaw.vaults.errors import InventoryError, PlanRefusedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE_BYTES = 64 * 2**20
"""Of an inventory, in one file: some 200,000 rows."""

PIECE_ROWS = 500_000
MARGIN_SECONDS = 120.0
"""Left of an invocation when it begins no further piece."""

_GZIP = b"\x1f\x8b"
_HEADERS = (b"ArchiveId,", b'"ArchiveId",')
_BOM = b"\xef\xbb\xbf"
_parquet: Any = parquet


@dataclass(frozen=True)
class AthenaFiles:
    """Writes relations of one run of a job into `bucket`. All raise ClientError."""

    s3: "S3Client"
    bucket: str
    job_id: str
    run: int

    def inventory(
        self,
        key: str,
        size_bytes: int,
        cursor: AthenaCursor,
        keep: Callable[[], None],
        seconds_left: Callable[[], float],
    ) -> bool:
        """Goes on with `inventory_lines` as far as time allows; whether all of them are there.

        `cursor` is kept after each piece. Raises InventoryError, JobRefusedError, PlanRefusedError.
        """
        with self._from(key, cursor.read_bytes, size_bytes) as file:
            held = b""
            while True:
                more = _read(file, PIECE_BYTES)
                if not cursor.read_bytes and not held:
                    more = _checked(more, key, size_bytes)
                whole, held = _cut(held + more, last=len(more) < PIECE_BYTES)
                self._inventory_piece(whole, cursor)
                keep()
                if len(more) < PIECE_BYTES:
                    return True
                if seconds_left() < MARGIN_SECONDS:
                    return False

    def former(self, plans: Sequence[str]) -> None:
        """`former` (place, archive_id, key): of plans of earlier runs, the latest first, by their keys."""
        rows = (
            (place, row[0], row[1])
            for place, key in enumerate(plans)
            for row in islice(self._csv(key), 1, None)
        )
        self.rows("former", {"place": pa.int64(), "archive_id": pa.string(), "key": pa.string()}, rows)

    def existing(self, listed: Iterable[str]) -> None:
        """`existing` (key): of gzip CSVs, each with a header."""
        rows = ((row[0],) for key in listed for row in islice(self._csv(key), 1, None))
        self.rows("existing", {"key": pa.string()}, rows)

    def rows(self, relation: str, kinds: Mapping[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> int:
        """A relation of `rows`, and how many there are; a file of it is there even if there are none."""
        given, number, count = iter(rows), 0, 0
        while True:
            some = list(islice(given, PIECE_ROWS))
            if number and not some:
                return count
            columns = zip(*some, strict=True) if some else ((),) * len(kinds)
            arrays = [
                pa.array(list(values), kind) for values, kind in zip(columns, kinds.values(), strict=True)
            ]
            self._piece(relation, number, pa.table(arrays, names=list(kinds)))
            number, count = number + 1, count + len(some)

    def _inventory_piece(self, content: bytes, cursor: AthenaCursor) -> None:
        text = content.removeprefix(_BOM).replace(b"\r", b"")
        lines = [line for line in text.split(b"\n") if _is_row(line)]
        try:
            texts = pa.array(lines, pa.binary()).cast(pa.string())
        except pa.ArrowInvalid as exc:
            raise PlanRefusedError(f"A file that the plan is made of cannot be read: {exc}") from exc
        number = cursor.pieces.get("inventory_lines", 0)
        self._piece("inventory_lines", number, pa.table([texts], names=["line"]))
        cursor.pieces["inventory_lines"] = number + 1
        cursor.read_bytes += len(content)
        cursor.lines += len(lines)

    def _piece(self, relation: str, number: int, table: pa.Table) -> None:
        content = io.BytesIO()
        _parquet.write_table(table, content, compression="zstd")
        key = f"{relation_folder(self.job_id, self.run, relation)}part-{number:05}.parquet"
        JobFolder(self.s3, self.bucket).write(key, content.getvalue())

    def _csv(self, key: str) -> Iterator[list[str]]:
        """The rows of a gzip CSV of our own."""
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        with gzip.GzipFile(fileobj=cast("IO[bytes]", body)) as file:
            yield from csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), strict=True)

    def _from(self, key: str, start: int, size_bytes: int) -> IO[bytes]:
        """The unpacked content from byte `start` on."""
        magic = self.s3.get_object(Bucket=self.bucket, Key=key, Range="bytes=0-1")["Body"].read()
        if magic != _GZIP:
            if start >= size_bytes:
                return io.BytesIO()
            answer = self.s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={start}-")
            return cast("IO[bytes]", answer["Body"])
        whole = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=cast("IO[bytes]", whole)))
        while start:
            start -= len(file.read(min(start, PIECE_BYTES)))
        return file


def _read(file: IO[bytes], size: int) -> bytes:
    """So many bytes, fewer only at the end."""
    content = bytearray()
    while len(content) < size and (more := file.read(size - len(content))):
        content += more
    return bytes(content)


def _cut(content: bytes, *, last: bool) -> tuple[bytes, bytes]:
    """The whole lines, and the beginning of the next."""
    end = len(content) if last else content.rfind(b"\n") + 1
    return content[:end], content[end:]


def _is_row(line: bytes) -> bool:
    """As the SQL has it: neither empty nor a header."""
    return bool(line.strip(b" ")) and not line.startswith(_HEADERS)


def _checked(content: bytes, key: str, size_bytes: int) -> bytes:
    """The beginning of an inventory that is CSV."""
    beginning = content.removeprefix(_BOM).lstrip()
    if beginning.startswith(b"{"):
        raise JobRefusedError(
            f"The inventory is JSON of {size_bytes:,} bytes, and one of this size is planned as CSV only:"
            " give it as CSV, or plan it with `thaw vault plan`, and give the plan.",
            TOO_LARGE,
        )
    if not beginning.lstrip(b'"').startswith(b"ArchiveId"):
        raise InventoryError(f"{key} is no inventory of a vault: it begins with {beginning[:40]!r}.")
    return content
