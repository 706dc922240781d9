"""A Batch Operations job as we want it, and as it is asked of S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from thaw.core import job_files
from thaw.core.batch_report import FORMAT as REPORT_FORMAT
from thaw.jobs.errors import BatchJobError

if TYPE_CHECKING:
    from mypy_boto3_s3control.literals import JobManifestFieldNameType, S3GlacierJobTierType
    from mypy_boto3_s3control.type_defs import (
        CreateJobRequestTypeDef,
        JobManifestTypeDef,
        S3InitiateRestoreObjectOperationTypeDef,
        S3TagTypeDef,
    )

MANIFEST_FORMAT = "S3BatchOperations_CSV_20180820"
PRIORITY = 10
JOB_TAG = "thaw:job"
CLIENT_TAG = "client_tag"

MAX_TEXT = 256
"""Characters of a description and of a reason for a change of status."""

_TIERS: "dict[str, S3GlacierJobTierType]" = {"Standard": "STANDARD", "Bulk": "BULK"}


class BatchOrder(NamedTuple):
    """One manifest (in `jobs_bucket`), a tier as in records, days.

    `token` makes it one job however often it is asked for; `expiration_days` is None for Intelligent-Tiering.
    """

    job_id: str
    jobs_bucket: str
    manifest_key: str
    manifest_etag: str
    fields: "Sequence[JobManifestFieldNameType]"
    tier: str
    expiration_days: int | None
    description: str
    client_tag: str
    token: str


def request_of(order: BatchOrder, account_id: str, role_arn: str) -> "CreateJobRequestTypeDef":
    """What CreateJob is called with, for a job that acts with the role. Raises BatchJobError."""
    bucket_arn = f"arn:{role_arn.split(':')[1]}:s3:::{order.jobs_bucket}"
    return {
        "AccountId": account_id,
        "ConfirmationRequired": False,
        "Operation": {"S3InitiateRestoreObject": _restore(order)},
        "Manifest": _manifest(order, bucket_arn),
        "Report": {
            "Enabled": True,
            "Bucket": bucket_arn,
            "ExpectedBucketOwner": account_id,
            "Prefix": job_files.report_prefix(order.job_id),
            "Format": REPORT_FORMAT,
            "ReportScope": "AllTasks",
        },
        "Description": order.description[:MAX_TEXT],
        "ClientRequestToken": order.token,
        "Priority": PRIORITY,
        "RoleArn": role_arn,
        "Tags": _tags(order),
    }


def _restore(order: BatchOrder) -> "S3InitiateRestoreObjectOperationTypeDef":
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3InitiateRestoreObjectOperation.html"""
    if order.tier not in _TIERS:
        raise BatchJobError(
            f"S3 Batch Operations restores with the tiers {' and '.join(_TIERS)}, not {order.tier};"
            " choose one of them, or the way `requests`."
        )
    tier: S3InitiateRestoreObjectOperationTypeDef = {"GlacierJobTier": _TIERS[order.tier]}
    return tier if order.expiration_days is None else {**tier, "ExpirationInDays": order.expiration_days}


def _manifest(order: BatchOrder, bucket_arn: str) -> "JobManifestTypeDef":
    return {
        "Spec": {"Format": MANIFEST_FORMAT, "Fields": list(order.fields)},
        "Location": {
            "ObjectArn": f"{bucket_arn}/{order.manifest_key}",
            "ETag": order.manifest_etag.strip('"'),
        },
    }


def _tags(order: BatchOrder) -> "list[S3TagTypeDef]":
    tags = {JOB_TAG: order.job_id, CLIENT_TAG: order.client_tag}
    return [{"Key": key, "Value": value} for key, value in tags.items() if value]
