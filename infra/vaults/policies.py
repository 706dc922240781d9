"""What each function of vault transfers may do: its calls of AWS, by the vault, bucket, table or queue."""

from collections.abc import Callable, Mapping

from infra.jobs import statements
from infra.jobs.access import JobAccess
from infra.jobs.copy_policies import RECEIVE
from infra.policies import Statement, allow
from infra.vaults.planning_policies import prepare_vault
from infra.vaults.statements import find_files, tell_of_inventories, use_jobs, use_vaults

WRITE = ("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
"""Of an archive as an object, which another account's bucket takes for its own by an ACL.
CreateMultipartUpload, UploadPart and CompleteMultipartUpload are PutObject:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"""


def watch_vaults(access: JobAccess) -> list[Statement]:
    """Asks for archives, finds lost notifications, and closes transfers."""
    place = access.place
    finish = access.names.machine("finish-vault")
    return [
        use_vaults(access, "InitiateJob", "ListJobs"),
        use_jobs(access),
        statements.job_indexes(access, "active"),
        *statements.records(access),
        allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
        statements.use_files(access, "vault/", "GetObject", "PutObject"),
        find_files(access),
        *_checking(access),
        allow(
            "AbortUploads", ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], access.copied_objects
        ),
        *statements.keys(access, "Decrypt"),
        allow("HaveTransferred", ["sqs:SendMessage", "sqs:GetQueueAttributes"], access.vault_queue),
        allow("FinishTransfers", ["states:StartExecution"], place.machine_arn(finish)),
        allow("SeeWhatFinishes", ["states:DescribeExecution"], place.executions_arn(finish)),
    ]


def transfer_archives(access: JobAccess) -> list[Statement]:
    """Transfers what the queue names; hands on what is too large, and says that an inventory is there."""
    machines = access.names
    return [
        *_transferring(access),
        allow("ReceiveMessages", RECEIVE, access.vault_queue),
        allow(
            "HandOnLargeArchives",
            ["states:StartExecution", "states:ListExecutions"],
            access.place.machine_arn(machines.machine("transfer-large")),
        ),
        allow("HaveMessagesWait", ["sqs:SendMessage"], access.vault_queue),
        tell_of_inventories(),
    ]


def transfer_large(access: JobAccess) -> list[Statement]:
    """Transfers one archive part by part."""
    return _transferring(access)


def finish_vault(access: JobAccess) -> list[Statement]:
    """Writes the manifest: the plan beside the records."""
    return [
        allow(
            "ReadAndWriteJobs",
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
            access.jobs_table,
        ),
        allow("ReadObjects", ["dynamodb:BatchGetItem"], access.objects_table),
        statements.use_files(access, "vault/", "GetObject", "PutObject"),
        find_files(access),
    ]


def _transferring(access: JobAccess) -> list[Statement]:
    return [
        use_vaults(access, "DescribeJob", "GetJobOutput"),
        use_jobs(access),
        *statements.records(access),
        statements.use_files(access, "vault/", "GetObject"),
        find_files(access),
        *_checking(access),
        allow("WriteArchives", WRITE, access.copied_objects),
        *statements.keys(access, "Decrypt", "GenerateDataKey"),
    ]


def _checking(access: JobAccess) -> list[Statement]:
    """Looks at what is at a key: with the right to list, S3 tells a missing object from a forbidden one."""
    return [
        allow("CheckArchives", ["s3:GetObject"], access.copied_objects),
        allow("SeeWhatIsMissing", ["s3:ListBucket", "s3:ListBucketMultipartUploads"], access.destinations),
    ]


POLICIES: Mapping[str, Callable[[JobAccess], list[Statement]]] = {
    "prepare_vault": prepare_vault,
    "watch_vaults": watch_vaults,
    "transfer_archives": transfer_archives,
    "transfer_large": transfer_large,
    "finish_vault": finish_vault,
}
"""By the function's folder."""
