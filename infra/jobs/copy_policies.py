"""What the functions that copy may do, and the one that keeps copies from lapsing."""

from infra.jobs import statements
from infra.jobs.access import JobAccess, once
from infra.policies import Statement, allow

READ = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:GetObjectVersionTagging",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
)
"""The object with all that a copy keeps of it."""

WRITE = (
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:PutObjectAcl",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
RECEIVE = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
)
CHECK = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging")


def copy_objects(access: JobAccess) -> list[Statement]:
    """Copies what the queue names; hands on what is too large."""
    large = access.place.machine_arn(access.names.machine("copy-large"))
    return [
        *_copying(access),
        allow("HandOnLargeObjects", ["states:StartExecution"], large),
        allow("ReceiveMessages", RECEIVE, access.copy_queue),
    ]


def copy_large(access: JobAccess) -> list[Statement]:
    """Copies one object part by part."""
    return _copying(access)


def _copying(access: JobAccess) -> list[Statement]:
    deletable = access.archived_objects if access.copy_may_delete_source else []
    return [
        allow("ReadRestored", READ, access.archived_objects),
        allow("SeeWhatIsMissing", ["s3:ListBucket"], once((*access.archives, *access.destinations))),
        *statements.some("WriteCopies", WRITE, access.copied_objects),
        *statements.some("CheckCopies", CHECK, access.copied_objects),
        *statements.some("DeleteSources", ["s3:DeleteObject", "s3:DeleteObjectVersion"], deletable),
        *statements.keys(access, "Decrypt", "GenerateDataKey"),
        statements.read_states(access),
        *statements.records(access, versions=True),
    ]


def sweep_copies(access: JobAccess) -> list[Statement]:
    """Finds temporary copies that would lapse uncopied, extends them, and has them copied."""
    return [
        statements.job_indexes(access, "active"),
        statements.read_states(access),
        *statements.records(access),
        allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
        allow(
            "ListArchives",
            ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning"],
            access.archives,
        ),
        allow(
            "ExtendRestores",
            ["s3:RestoreObject", "s3:GetObject", "s3:GetObjectVersion"],
            access.archived_objects,
        ),
        *statements.keys(access, "Decrypt"),
        allow("HaveCopied", ["sqs:SendMessage", "sqs:GetQueueAttributes"], access.copy_queue),
    ]
