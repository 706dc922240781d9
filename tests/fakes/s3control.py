"""S3 Batch Operations in memory: jobs by their token, in whatever status the test sets them.

Every call is checked against botocore's model of S3 Control.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from tests.fakes.dynamodb import client_error
from tests.fakes.job_s3 import ACCOUNT, JobS3, validate

if TYPE_CHECKING:
    from mypy_boto3_s3control import S3ControlClient

CREATED = datetime(2026, 11, 21, 9, 0, 0, 500_000, tzinfo=UTC)


class JobStatusException(ClientError):  # noqa: N818 - AWS's spelling
    """As the client's own exception of this name."""


class _Exceptions:
    JobStatusException = JobStatusException


@dataclass
class BatchJob:
    """A job as created, and how it goes."""

    job_id: str
    request: Mapping[str, Any]
    status: str = "New"
    tasks: int = 0
    succeeded: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list[str])


class FakeS3Control:
    """Jobs in the order of their creation. `on_call` may raise before a call, `after_call` after it took
    effect; with `s3`, a manifest's ETag must be that of the file."""

    exceptions = _Exceptions()

    def __init__(self, s3: JobS3 | None = None) -> None:
        self.jobs: list[BatchJob] = []
        self.on_call: Callable[[str], None] = lambda _: None
        self.after_call: Callable[[str], None] = lambda _: None
        self.page_size = 1
        self._s3 = s3

    @property
    def client(self) -> "S3ControlClient":
        return cast("S3ControlClient", self)

    def job(self, job_id: str) -> BatchJob:
        return next(job for job in self.jobs if job.job_id == job_id)

    def create_job(self, **request: Any) -> dict[str, Any]:
        self._begin("CreateJob", request)
        token = request["ClientRequestToken"]
        same = next((job for job in self.jobs if job.request["ClientRequestToken"] == token), None)
        if same is not None and same.request != request:
            raise client_error("CreateJob", "IdempotencyException")
        if same is None:
            self._check_manifest(request["Manifest"]["Location"])
            same = BatchJob(f"batch-{len(self.jobs) + 1}", request)
            self.jobs.append(same)
        self.after_call("CreateJob")
        return {"JobId": same.job_id}

    def describe_job(self, **request: Any) -> dict[str, Any]:
        self._begin("DescribeJob", request)
        job = self.job(request["JobId"])
        answer = {
            **self._listed(job),
            "ProgressSummary": {
                "TotalNumberOfTasks": job.tasks,
                "NumberOfTasksSucceeded": job.succeeded,
                "NumberOfTasksFailed": job.failed,
            },
            "FailureReasons": [{"FailureCode": "x", "FailureReason": reason} for reason in job.reasons],
        }
        return {"Job": answer}

    def list_jobs(self, **request: Any) -> dict[str, Any]:
        self._begin("ListJobs", request)
        start = int(request.get("NextToken", "0"))
        page = [self._listed(job) for job in self.jobs[start : start + self.page_size]]
        more = start + self.page_size < len(self.jobs)
        return {"Jobs": page, **({"NextToken": str(start + self.page_size)} if more else {})}

    def update_job_status(self, **request: Any) -> dict[str, Any]:
        self._begin("UpdateJobStatus", request)
        job = self.job(request["JobId"])
        if job.status in ("Complete", "Failed", "Cancelled"):
            raise JobStatusException({"Error": {"Code": "JobStatusException"}}, "UpdateJobStatus")
        job.status = request["RequestedJobStatus"]
        return {"JobId": job.job_id, "Status": job.status}

    def _begin(self, operation: str, request: Mapping[str, Any]) -> None:
        validate("s3control", operation, request)
        assert request["AccountId"] == ACCOUNT
        self.on_call(operation)

    def _check_manifest(self, location: Mapping[str, str]) -> None:
        if self._s3 is None:
            return
        bucket, _, key = location["ObjectArn"].removeprefix("arn:aws:s3:::").partition("/")
        assert self._s3.files[bucket, key], "a manifest without rows"
        if '"' in location["ETag"]:
            raise client_error("CreateJob", "BadRequestException", "ETag")

    def _listed(self, job: BatchJob) -> dict[str, Any]:
        return {
            "JobId": job.job_id,
            "Status": job.status,
            "Description": job.request["Description"],
            "CreationTime": CREATED,
        }
