"""What a job of S3 Batch Operations does: reads its manifest, restores each object, writes its report.

Everything is done with the rights of the job's role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import batch_files
from batch_files import ManifestError, Result, Task
from batch_roles import BatchRole


class JobError(Exception):
    """What makes a job fail, with the code of its reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class Job:
    """One job; `request` is CreateJob's. Times are seconds since 1970, 0 for never."""

    job_id: str
    request: dict[str, Any]
    role: BatchRole
    created: float
    status: str = "New"
    total: int = 0
    results: list[Result] = field(default_factory=list[Result])
    failed: int = 0
    reasons: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    update_reason: str = ""
    suspended: float = 0
    activated: float = 0
    ended: float = 0

    @property
    def report_folder(self) -> str:
        """Where S3 puts this job's report: it always adds a slash to the prefix."""
        prefix = self.request["Report"].get("Prefix")
        return f"{prefix}/job-{self.job_id}" if prefix else f"job-{self.job_id}"


def prepare(s3: Any, job: Job) -> list[Task]:
    """Reads the manifest with the rights of the job's role. Raises JobError."""
    spec, location = job.request["Manifest"]["Spec"], job.request["Manifest"]["Location"]
    bucket, _, key = location["ObjectArn"].partition(":::")[2].partition("/")
    version_id = location.get("ObjectVersionId", "")
    try:
        job.role.assume()
        action = "s3:GetObjectVersion" if version_id else "s3:GetObject"
        job.role.require(action, f"arn:aws:s3:::{bucket}/{key}")
        if job.request["Report"]["Enabled"]:
            arn = job.request["Report"]["Bucket"]
            job.role.require("s3:PutObject", f"{arn}/{job.report_folder}/manifest.json")
    except PermissionError as exc:
        raise JobError("AccessDenied", str(exc)) from exc
    query = {"versionId": [version_id]} if version_id else {}
    status, headers, body = s3._dispatch("GET", bucket, key, {}, b"", query)
    if status != 200:
        raise JobError("ManifestNotFound", "Manifest object was not found")
    if headers["ETag"].strip('"') != location["ETag"].strip('"'):
        raise JobError("ManifestNotFound", "Etag mismatch reading manifest")
    if headers.get("x-amz-server-side-encryption", "AES256") != "AES256":
        reason = "Unsupported encryption type SSE_KMS used for manifest"
        raise JobError("InvalidManifestContent", reason)
    try:
        tasks = batch_files.tasks(body, spec["Fields"], job.job_id)
    except ManifestError as exc:
        raise JobError("InvalidManifestContent", str(exc)) from exc
    job.total = len(tasks)
    return tasks


def restore(s3: Any, job: Job, task: Task) -> Result:
    """Asks S3 for one object; what it said."""
    arn = f"arn:aws:s3:::{task.bucket}"
    try:
        job.role.require("s3:RestoreObject", f"{arn}/{task.key}")
    except PermissionError as exc:
        return _failed(task, 403, "AccessDenied", str(exc))
    query = {"restore": [""], **({"versionId": [task.version_id]} if task.version_id else {})}
    body = _restore_request(job.request["Operation"]["S3InitiateRestoreObject"])
    status, _headers, answer = s3._dispatch("POST", task.bucket, task.key, {}, body, query)
    if status in (200, 202):
        return Result(task, 200)
    error = fromstring(answer)  # noqa: S314 the emulator's own answer
    if status == 404:
        try:
            job.role.require("s3:ListBucket", arn)
        except PermissionError as exc:
            return _failed(task, 403, "AccessDenied", str(exc))
    return _failed(task, status, error.findtext("Code", ""), error.findtext("Message", ""))


def report(s3: Any, job: Job) -> None:
    """AWS writes one if any task was tried."""
    wanted = job.request["Report"]
    if not wanted["Enabled"] or not job.results:
        return
    bucket = wanted["Bucket"].rpartition(":")[2]
    files = batch_files.report(job.results, bucket, job.report_folder, wanted["ReportScope"])
    for key, body in files.items():
        s3._dispatch("PUT", bucket, key, {}, body, {})


def _restore_request(operation: Mapping[str, Any]) -> bytes:
    days = operation.get("ExpirationInDays")
    tier = operation.get("GlacierJobTier", "STANDARD").capitalize()
    parts = f"<Days>{days}</Days>" if days is not None else ""
    parts += f"<GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters>"
    return f"<RestoreRequest>{parts}</RestoreRequest>".encode()


def _failed(task: Task, status: int, code: str, message: str) -> Result:
    """With the words that the service's own client puts behind S3's."""
    named = quote(task.key)[:16].upper() or "X"
    more = f"(Service: Amazon S3; Status Code: {status}; Error Code: {code}; Request ID: {named};"
    return Result(task, status, code, f"{message} {more} S3 Extended Request ID: {named}; Proxy: null)")
