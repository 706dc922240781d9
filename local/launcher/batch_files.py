"""Files of S3 Batch Operations: manifests in, completion reports out, as AWS has them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#specify-batchjob-manifest
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

import csv
import hashlib
import io
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, unquote

REPORT_SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
"""As a report's manifest.json says it; its rows have the HTTP status before the error code, at AWS too."""


class ManifestError(Exception):
    """A manifest that no job can be made of: the job fails with `InvalidManifestContent`."""


class Task(NamedTuple):
    """One row of a manifest, decoded; `version_id` is "" where there is none."""

    bucket: str
    key: str
    version_id: str


class Result(NamedTuple):
    """What S3 said to one task; `error_code` is "" for success."""

    task: Task
    http_status: int
    error_code: str = ""
    message: str = "Successful"


def tasks(body: bytes, fields: Sequence[str], job_id: str) -> list[Task]:
    """The tasks of a CSV manifest. Raises ManifestError."""
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8"))))
    except (UnicodeDecodeError, csv.Error) as exc:
        raise ManifestError("Manifest file is not properly formatted") from exc
    if not rows:
        raise ManifestError("Manifest is empty")
    if any(len(row) != len(fields) for row in rows):
        raise ManifestError("Manifest file is not properly formatted")
    found = [_task(dict(zip(fields, row, strict=True))) for row in rows]
    if len({task.bucket for task in found}) > 1:
        raise ManifestError(f"Cannot have more than 1 bucket per Job. {job_id}")
    return found


def _task(row: dict[str, str]) -> Task:
    try:
        return Task(row["Bucket"], unquote(row["Key"], errors="strict"), row.get("VersionId", ""))
    except UnicodeDecodeError as exc:
        raise ManifestError("Invalid object key format") from exc


def report(results: Iterable[Result], bucket: str, folder: str, scope: str) -> dict[str, bytes]:
    """The files of a completion report by key: results, manifest.json and its checksum.

    `scope` is AllTasks or FailedTasksOnly.
    """
    kinds: dict[str, list[Result]] = {"succeeded": [], "failed": []}
    for result in results:
        kinds["failed" if result.error_code else "succeeded"].append(result)
    if scope == "FailedTasksOnly":
        kinds["succeeded"].clear()
    files: dict[str, bytes] = {}
    listed: list[dict[str, str]] = []
    for kind, rows in kinds.items():
        if rows:
            key, body = f"{folder}/results/{secrets.token_hex(20)}.csv", _rows(kind, rows)
            files[key] = body
            listed.append(
                {"TaskExecutionStatus": kind, "Bucket": bucket, "MD5Checksum": _md5(body), "Key": key}
            )
    created = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    document = {
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": created,
        "Results": listed,
        "ReportSchema": REPORT_SCHEMA,
    }
    manifest = json.dumps(document).encode()
    return {
        **files,
        f"{folder}/manifest.json": manifest,
        f"{folder}/manifest.json.md5": _md5(manifest).encode(),
    }


def _rows(kind: str, results: Iterable[Result]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for task, status, code, message in results:
        writer.writerow([task.bucket, quote(task.key), task.version_id, kind, status, code, message])
    return text.getvalue().encode()


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
