"""Reads the manifest of a job: refused as soon as it is too long, and put in the order of its keys."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.core.job_request_errors import NOT_FOUND, TOO_LARGE, JobRefusedError
from thaw.core.job_states import JobState
from thaw.core.keys import MAX_KEY_BYTES
from thaw.manifests.errors import ManifestError
from thaw.manifests.prepare import prepare
from thaw.manifests.rules import MAX_BUCKET_BYTES, MAX_VERSION_BYTES
from thaw.manifests.s3 import parse_uri
from thaw.manifests.settings import ANY_STORAGE_CLASS, MIN_MEMORY_BYTES, Filters, PrepareSettings
from thaw.manifests.summary import Summary
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

ROWS_PER_PART = 10_000
"""Of what is read: looked up in one go, with a few hundred calls at most."""

LONGEST_ROW_BYTES = MAX_BUCKET_BYTES + 3 * MAX_KEY_BYTES + MAX_VERSION_BYTES + 10
"""Of a CSV manifest: every byte of the key escaped, every field quoted, CRLF at the end."""

_MEMORY_SHARE = 0.8
"""Of the function's memory; the rest is boto3's and the runtime's."""


@dataclass(frozen=True)
class ManifestReader:
    """Reads with a function of `memory_bytes`, in a folder below `work` (None: the machine's for such)."""

    s3: "S3Client"
    max_objects: int
    memory_bytes: int
    work: Path | None = None

    @contextmanager
    def read(self, state: JobState) -> "Generator[tuple[Path, Summary]]":
        """The output folder of `thaw manifest prepare`, which lasts as long as the context, and its summary.

        Raises JobRefusedError for a manifest that is missing, unreadable, too long or of another bucket.
        """
        uri = state.request.manifest
        with tempfile.TemporaryDirectory(prefix="thaw-job-", dir=self.work) as temporary:
            self._check_object(uri, shutil.disk_usage(temporary).free)
            out = Path(temporary) / "out"
            try:
                summary = prepare([uri], str(out), self._settings(state), s3=self.s3, progress=self._count)
            except ManifestError as exc:
                raise JobRefusedError(f"The manifest cannot be used: {exc}") from exc
            _check_rows(uri, state.request.bucket, summary)
            yield out, summary

    def _settings(self, state: JobState) -> PrepareSettings:
        return PrepareSettings(
            job_id=state.job_id,
            tier=state.request.tier,
            filters=Filters(storage_classes=ANY_STORAGE_CLASS),
            rows_per_part=ROWS_PER_PART,
            memory_limit_bytes=max(MIN_MEMORY_BYTES, int(self.memory_bytes * _MEMORY_SHARE)),
            sort=True,
            last_modified=True,
        )

    def _check_object(self, uri: str, free_bytes: int) -> None:
        size = self._head(uri)["ContentLength"]
        if uri.endswith(".csv") and size > self.max_objects * LONGEST_ROW_BYTES:
            raise self._too_long(f"{uri} has {size:,} bytes")
        if size > free_bytes // 3:
            raise self._too_long(f"{uri} has {size:,} bytes, more than the function has room for")

    def _head(self, uri: str) -> "HeadObjectOutputTypeDef":
        place = parse_uri(uri)
        try:
            return self.s3.head_object(Bucket=place.bucket, Key=place.key)
        except ClientError as exc:
            if error_code(exc) in ("404", "NoSuchKey", "NoSuchBucket"):
                raise JobRefusedError(f"There is no manifest {uri}.", NOT_FOUND) from exc
            raise JobRefusedError(f"The manifest {uri} cannot be read: {exc}") from exc

    def _count(self, stage: str, done: int, _total: int) -> None:
        if stage == "read" and done > self.max_objects:
            raise self._too_long(f"The manifest has {done:,} rows or more")

    def _too_long(self, what: str) -> JobRefusedError:
        return JobRefusedError(
            f"{what}, but a job of this stack takes {self.max_objects:,} objects at most: prepare the"
            " manifest with `thaw manifest prepare` and let DynamoDB import it, make several jobs of it, or"
            " raise the stack's setting job_max_objects.",
            TOO_LARGE,
        )


def _check_rows(uri: str, bucket: str, summary: Summary) -> None:
    if not summary.rows_in:
        raise JobRefusedError(f"The manifest {uri} is empty: it has no row.")
    others = sorted(set(summary.by_bucket) - {bucket})
    if others:
        raise JobRefusedError(
            f"The manifest {uri} names objects of bucket {others[0]}, but the job is one of bucket {bucket}:"
            " a job restores from one bucket."
        )
