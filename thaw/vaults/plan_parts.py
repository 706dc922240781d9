"""The plan in parts: gzip CSV with a header, in the jobs bucket, and a reader that remembers the latest."""

import csv
import gzip
import io
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.archives import PlannedArchive, Pointer
from thaw.core.vault_files import plan_part
from thaw.store.error_codes import error_code
from thaw.vaults.errors import PlanError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COLUMNS = PlannedArchive._fields
"""Of a part, and the first of the whole plan."""

_LEVEL = 2
"""Of gzip: a third of the time of the default, for a tenth more bytes."""

_KEPT_PARTS = 16
"""Parts that a reader remembers: a few MB each with the longest descriptions."""

_FRESH_SECONDS = 10.0
"""How long a remembered part is taken for what is stored: a replanned run writes parts of the same names."""

_UNCHANGED = frozenset(("304", "NotModified"))


class _Kept(NamedTuple):
    etag: str
    looked_at: float
    rows: tuple[PlannedArchive, ...]


class PlanReader:
    """Parts and rows of plans, the latest ones remembered; safe on any thread.

    `clock` counts seconds from anywhere.
    """

    def __init__(self, s3: "S3Client", jobs_bucket: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._s3 = s3
        self._bucket = jobs_bucket
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def part(self, job_id: str, number: int) -> tuple[PlannedArchive, ...]:
        """The rows of a part, numbered from 0. Raises PlanError for one that is not there or no plan,
        ClientError."""
        key = plan_part(job_id, number)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or self._clock() - kept.looked_at >= _FRESH_SECONDS:
            kept = self._fetch(key, kept)
            self._keep(key, kept)
        return kept.rows

    def archive(self, pointer: Pointer) -> PlannedArchive:
        """The row that a retrieval job points at. Raises PlanError where there is none, ClientError."""
        rows = self.part(pointer.job_id, pointer.part)
        if pointer.line >= len(rows):
            raise PlanError(
                f"Part {pointer.part} of the plan of {pointer.job_id} has {len(rows):,} rows, no line"
                f" {pointer.line}: the retrieval job that names it is of another plan."
            )
        return rows[pointer.line]

    def _fetch(self, key: str, kept: _Kept | None) -> _Kept:
        looked_at = self._clock()
        try:
            answer = (
                self._s3.get_object(Bucket=self._bucket, Key=key, IfNoneMatch=kept.etag)
                if kept
                else self._s3.get_object(Bucket=self._bucket, Key=key)
            )
        except ClientError as exc:
            code = error_code(exc)
            if kept and code in _UNCHANGED:
                return kept._replace(looked_at=looked_at)
            if code == "NoSuchKey":
                raise PlanError(f"There is no {key} in {self._bucket}: the job has no such plan.") from exc
            raise
        return _Kept(answer["ETag"], looked_at, read_part(answer["Body"].read(), key))

    def _keep(self, key: str, kept: _Kept) -> None:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT_PARTS:
                self._kept.popitem(last=False)


def write_part(
    s3: "S3Client", jobs_bucket: str, job_id: str, number: int, archives: Iterable[PlannedArchive]
) -> None:
    """Writes a part, over the one that was there. Raises ClientError."""
    s3.put_object(Bucket=jobs_bucket, Key=plan_part(job_id, number), Body=part_file(archives))


def part_file(archives: Iterable[PlannedArchive]) -> bytes:
    """The content of a part, the same bytes whenever the rows are the same."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(archive._replace(exists="true" if archive.exists else "false") for archive in archives)
    return gzip.compress(text.getvalue().encode(), _LEVEL, mtime=0)


def read_part(content: bytes, name: str) -> tuple[PlannedArchive, ...]:
    """The rows of a part; `name` is for the error. Raises PlanError."""
    try:
        lines = io.StringIO(gzip.decompress(content).decode(), newline="")
        return tuple(_archive(row) for row in csv.DictReader(lines, strict=True))
    except (OSError, EOFError, ValueError, KeyError, csv.Error) as exc:
        raise PlanError(f"{name} is no part of a plan ({exc!r}): plan the transfer again.") from exc


def _archive(row: Mapping[str, str]) -> PlannedArchive:
    return PlannedArchive(
        archive_id=row["archive_id"],
        key=row["key"],
        size_bytes=int(row["size_bytes"]),
        created_at=row["created_at"],
        sha256_tree_hash=row["sha256_tree_hash"],
        description=row["description"],
        exists=row["exists"] == "true",
    )
