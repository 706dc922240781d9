"""S3 Batch Operations: one job that requests restores of a manifest's objects; how it goes; its end.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-initiate-restore-object.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.job_states import JobState
from thaw.core.times import to_iso
from thaw.jobs.batch_orders import MAX_TEXT, BatchOrder, request_of
from thaw.jobs.errors import BatchJobError

if TYPE_CHECKING:
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_s3control.type_defs import JobDescriptorTypeDef, JobListDescriptorTypeDef

ENDED = frozenset({"Complete", "Failed", "Cancelled"})
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html"""


class BatchProgress(NamedTuple):
    """How far a Batch Operations job is: S3's own status word, numbers of tasks (0 until they are counted),
    when it was created (fixed-width ISO-8601), and why it failed, "" where it did not."""

    status: str
    tasks: int
    succeeded: int
    failed: int
    created_at: str
    reason: str

    @property
    def ended(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class BatchOperations:
    """The Batch Operations of an account; its jobs act with the role."""

    client: "S3ControlClient"
    account_id: str
    role_arn: str

    def create(self, order: BatchOrder) -> str:
        """The id of the job, which starts by itself; the same order twice is one job. Raises BatchJobError.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
        """
        answer = self.client.create_job(**request_of(order, self.account_id, self.role_arn))
        return answer["JobId"]

    def describe(self, batch_job_id: str) -> BatchProgress:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeJob.html"""
        answer = self.client.describe_job(AccountId=self.account_id, JobId=batch_job_id)
        if "Job" not in answer:
            raise BatchJobError(f"S3 describes no Batch Operations job {batch_job_id}.")
        return _progress(answer["Job"])

    def cancel(self, batch_job_id: str, reason: str) -> None:
        """Stops a job; requests that it has sent stay. One that has ended stays as it is.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobStatus.html
        """
        try:
            self.client.update_job_status(
                AccountId=self.account_id,
                JobId=batch_job_id,
                RequestedJobStatus="Cancelled",
                StatusUpdateReason=reason[:MAX_TEXT],
            )
        except self.client.exceptions.JobStatusException:
            return

    def find(self, description: str) -> str | None:
        """The id of the job with this description, among those of the last 90 days.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListJobs.html
        """
        for job in self._jobs():
            if job.get("Description") == description[:MAX_TEXT]:
                return job.get("JobId")
        return None

    def _jobs(self) -> "Iterator[JobListDescriptorTypeDef]":
        page = self.client.list_jobs(AccountId=self.account_id)
        yield from page.get("Jobs", ())
        while "NextToken" in page:
            page = self.client.list_jobs(AccountId=self.account_id, NextToken=page["NextToken"])
            yield from page.get("Jobs", ())


def cancel_open_waves(batch: BatchOperations, state: JobState, reason: str) -> int:
    """Cancels the Batch Operations jobs of `state` that have not ended, and says how many."""
    waves = [wave for wave in state.waves if wave.batch_job_id and wave.batch_status not in ENDED]
    for wave in waves:
        batch.cancel(wave.batch_job_id, reason)
    return len(waves)


def _progress(job: "JobDescriptorTypeDef") -> BatchProgress:
    tasks = job.get("ProgressSummary", {})
    failures = [failure.get("FailureReason", "") for failure in job.get("FailureReasons", ())]
    created = job.get("CreationTime")
    return BatchProgress(
        status=job.get("Status", ""),
        tasks=tasks.get("TotalNumberOfTasks", 0),
        succeeded=tasks.get("NumberOfTasksSucceeded", 0),
        failed=tasks.get("NumberOfTasksFailed", 0),
        created_at=to_iso(created) if created else "",
        reason=" ".join(filter(None, failures)),
    )
