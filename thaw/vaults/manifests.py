"""The manifest of a transfer: each archive and its object in S3, or why it has none; gzip CSV with a header.

Its parts are those of the plan: an archive is in the part of its number, in `manifest/` or in `failed/`.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.vault_files import failed_folder, manifest_folder, manifest_summary, part_name
from thaw.store.error_codes import error_code
from thaw.vaults.errors import ManifestError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LEVEL = 2
"""Of gzip, as in the plan."""


class ManifestRow(NamedTuple):
    """An archive that is in S3. `version_id` is "" in a bucket without versions; `checksum` is what S3 told
    (`SHA256:BASE64`, or `SHA256:BASE64-N` of N parts). Times are fixed-width ISO-8601."""

    archive_id: str
    bucket: str
    key: str
    version_id: str
    size_bytes: int
    sha256_tree_hash: str
    checksum: str
    copied_at: str
    created_at: str
    description: str


class FailedRow(NamedTuple):
    """An archive that the transfer has not brought to S3: where it stands, and why."""

    archive_id: str
    key: str
    size_bytes: int
    sha256_tree_hash: str
    status: str
    error_code: str
    error_message: str
    failed_at: str
    created_at: str
    description: str


def write_rows(
    s3: "S3Client", bucket: str, key: str, columns: tuple[str, ...], rows: Iterable[ManifestRow | FailedRow]
) -> None:
    """Writes one part, over the one that was there; the same bytes whenever the rows are the same."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(rows)
    s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(text.getvalue().encode(), _LEVEL, mtime=0))


def manifest_rows(s3: "S3Client", bucket: str, job_id: str) -> Iterator[ManifestRow]:
    """All archives of the manifest, in the order of the plan. Raises ManifestError, ClientError."""
    for row in _rows(s3, bucket, job_id, manifest_folder(job_id)):
        yield ManifestRow(**_typed(row))


def failed_rows(s3: "S3Client", bucket: str, job_id: str) -> Iterator[FailedRow]:
    """All archives that are not in S3, in the order of the plan. Raises ManifestError, ClientError."""
    for row in _rows(s3, bucket, job_id, failed_folder(job_id)):
        yield FailedRow(**_typed(row))


def read_summary(s3: "S3Client", bucket: str, job_id: str) -> dict[str, Any]:
    """What `thaw.vaults.finishing` wrote at the end. Raises ManifestError where there is none yet."""
    content = _read(s3, bucket, job_id, manifest_summary(job_id))
    return json.loads(content)


def part_files(s3: "S3Client", bucket: str, job_id: str, folder: str) -> Iterator[bytes]:
    """The parts of a folder of the manifest as they are stored: those that its summary counts."""
    parts: int = read_summary(s3, bucket, job_id)["parts"]
    for number in range(parts):
        yield _read(s3, bucket, job_id, folder + part_name(number))


def _typed(row: dict[str, str]) -> dict[str, Any]:
    return {**row, "size_bytes": int(row["size_bytes"])}


def _rows(s3: "S3Client", bucket: str, job_id: str, folder: str) -> Iterator[dict[str, str]]:
    for content in part_files(s3, bucket, job_id, folder):
        yield from csv.DictReader(io.StringIO(gzip.decompress(content).decode(), newline=""), strict=True)


def _read(s3: "S3Client", bucket: str, job_id: str, key: str) -> bytes:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as exc:
        if error_code(exc) != "NoSuchKey":
            raise
        raise ManifestError(
            f"Transfer {job_id} has no {key} in {bucket}: its manifest is written at its end; wait for it, or"
            " stop it."
        ) from exc
