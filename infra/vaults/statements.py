"""What several functions of vault transfers do alike, as statements of their policies."""

from infra.jobs.access import JobAccess
from infra.policies import Statement, allow
from thaw.core import job_files

ITEMS = (
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
)
"""What is done with the items of a job: its state, its vault's, uploads, parts, what is due again."""


def use_vaults(access: JobAccess, *actions: str) -> Statement:
    """Does this with the vaults of the config."""
    return allow("UseVaults", [f"glacier:{each}" for each in actions], access.vault_arns)


def use_jobs(access: JobAccess) -> Statement:
    """Works with all items of jobs."""
    return allow("ReadAndWriteJobs", ITEMS, access.jobs_table)


def find_files(access: JobAccess) -> Statement:
    """Lists the files of jobs, and tells a missing one from a forbidden one: S3 looks at the right to list
    then, in a request without prefix (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html)."""
    return {
        **allow("FindFiles", ["s3:ListBucket"], access.jobs_bucket_arn),
        "Condition": {"StringLikeIfExists": {"s3:prefix": [f"{job_files.ALL}*"]}},
    }


def tell_of_inventories() -> Statement:
    """Ends the step that waits for an inventory. There is no resource to name: who has its token may
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html)."""
    return allow("TellOfInventories", ["states:SendTaskSuccess"], "*")
