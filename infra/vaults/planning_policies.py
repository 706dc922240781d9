"""What the function that prepares a vault transfer may do."""

from infra.jobs import statements
from infra.jobs.access import JobAccess
from infra.policies import Statement, allow
from infra.vaults.statements import find_files, tell_of_inventories, use_jobs, use_vaults

UPLOADS = ("AbortMultipartUpload", "ListMultipartUploadParts")

TABLES = "vault_plan_*"
"""What it calls the tables that Athena makes a plan with, in the stack's Glue database."""


def prepare_vault(access: JobAccess) -> list[Statement]:
    """Validates, has the inventory retrieved and reads it, plans; asks for no archive."""
    return [
        use_vaults(access, "DescribeVault", "ListJobs", "DescribeJob", "InitiateJob", "GetJobOutput"),
        use_jobs(access),
        tell_of_inventories(),
        statements.use_files(access, "", "GetObject", "PutObject", "DeleteObject", *UPLOADS),
        find_files(access),
        allow(
            "FindUploads", ["s3:ListBucketMultipartUploads", "s3:GetBucketLocation"], access.jobs_bucket_arn
        ),
        allow("ReadManifests", ["s3:GetObject"], [f"{bucket}/*" for bucket in access.manifests]),
        allow("ListBuckets", ["s3:ListBucket"], access.manifests),
        allow(
            "CheckDestinations",
            ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetEncryptionConfiguration"],
            access.destinations,
        ),
        *statements.keys(access, "Decrypt"),
        *_planning(access),
    ]


def _planning(access: JobAccess) -> list[Statement]:
    """Plans what is too large for itself by Athena, in tables of its own that it drops again
    (https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html)."""
    place, names = access.place, access.names
    results = place.bucket_arn(names.results_bucket(place))
    found = ["catalog", f"database/{names.database}", "database/default"]
    changed = ["catalog", f"database/{names.database}", f"table/{names.database}/{TABLES}"]
    return [
        allow(
            "RunQueries",
            ["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:StopQueryExecution"],
            place.work_group_arn(names.work_group),
        ),
        allow("FindDatabase", ["glue:GetDatabase"], [place.glue_arn(each) for each in found]),
        allow(
            "MakeTables",
            ["glue:GetTable", "glue:CreateTable", "glue:DeleteTable", "glue:GetPartitions"],
            [place.glue_arn(each) for each in changed],
        ),
        allow("FindResults", ["s3:GetBucketLocation", "s3:ListBucket"], results),
        allow(
            "WriteResults",
            ["s3:GetObject", "s3:PutObject", *(f"s3:{each}" for each in UPLOADS)],
            f"{results}/*",
        ),
    ]
