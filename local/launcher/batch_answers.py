"""What S3 Batch Operations accepts as a job, and what it tells of one."""

import time
from collections.abc import Mapping
from typing import Any

from batch_tasks import Job
from batch_xml import ControlError

OPERATION = "S3InitiateRestoreObject"


def check(request: Mapping[str, Any]) -> None:
    """What the model alone does not say. Raises ControlError."""
    if list(request["Operation"]) != [OPERATION]:
        raise ControlError("NotImplemented", f"Only {OPERATION} is hosted here", 501)
    if request["Operation"][OPERATION].get("ExpirationInDays") == 0:
        raise ControlError("InvalidRequest", "ExpirationInDays must be 1 or greater")
    spec = request.get("Manifest", {}).get("Spec", {"Format": ""})
    if spec["Format"] != "S3BatchOperations_CSV_20180820":
        raise ControlError("NotImplemented", "Only CSV manifests are hosted here", 501)
    missing = [name for name in ("Bucket", "Key") if name not in spec.get("Fields", [])]
    if missing:
        raise ControlError("InvalidRequest", f"Required fields are missing in the schema: + {missing}")
    report = request["Report"]
    absent = [name for name in ("Bucket", "Format", "ReportScope") if name not in report]
    if report["Enabled"] and absent:
        raise ControlError("InvalidRequest", f"Report lacks {', '.join(absent)}")


def listed(job: Job) -> dict[str, Any]:
    """As ListJobs tells a job."""
    active = int((job.ended or time.time()) - job.activated) if job.activated else 0
    told: dict[str, Any] = {
        "JobId": job.job_id,
        "Operation": OPERATION,
        "Priority": job.request["Priority"],
        "Status": job.status,
        "CreationTime": _time(job.created),
        "ProgressSummary": {
            "TotalNumberOfTasks": job.total,
            "NumberOfTasksSucceeded": len(job.results) - job.failed,
            "NumberOfTasksFailed": job.failed,
            "Timers": {"ElapsedTimeInActiveSeconds": active},
        },
    }
    if "Description" in job.request:
        told["Description"] = job.request["Description"]
    return {**told, **({"TerminationDate": _time(job.ended)} if job.ended else {})}


def described(job: Job, arn: str) -> dict[str, Any]:
    """As DescribeJob tells it."""
    told: dict[str, Any] = {
        **listed(job),
        "JobArn": arn,
        "ConfirmationRequired": job.request.get("ConfirmationRequired", False),
        **{name: job.request[name] for name in ("Manifest", "Operation", "Report", "RoleArn")},
        "FailureReasons": job.reasons,
    }
    if job.update_reason:
        told["StatusUpdateReason"] = job.update_reason
    if job.suspended:
        told |= {"SuspendedDate": _time(job.suspended), "SuspendedCause": "AwaitingConfirmation"}
    return told


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03}Z"
