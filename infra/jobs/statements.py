"""What several functions of jobs do alike, as statements of their policies.

TransactWriteItems is authorised as the actions within it, and a table's transactions need no action of their
own (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).
"""

from collections.abc import Sequence

from infra.jobs.access import JobAccess
from infra.policies import Statement, allow
from thaw.core import job_files, progress_events


def change_states(access: JobAccess) -> Statement:
    """Reads a job's state and changes it."""
    return allow("ReadAndWriteJobs", ["dynamodb:GetItem", "dynamodb:UpdateItem"], access.jobs_table)


def read_states(access: JobAccess) -> Statement:
    """Reads a job's state."""
    return allow("ReadJobs", ["dynamodb:GetItem"], access.jobs_table)


def job_indexes(access: JobAccess, *indexes: str) -> Statement:
    """Lists jobs."""
    return allow("ListJobs", ["dynamodb:Query"], [f"{access.jobs_table}/index/{each}" for each in indexes])


def records(access: JobAccess, *, versions: bool = False) -> list[Statement]:
    """Applies news to records of objects, and to the counters with them; `versions`: finds an object's."""
    actions = ["dynamodb:BatchGetItem", *(["dynamodb:Query"] if versions else []), "dynamodb:UpdateItem"]
    return [
        allow("ReadAndWriteObjects", actions, access.objects_table),
        allow("WriteCounters", ["dynamodb:UpdateItem"], access.rollups_table),
    ]


def use_files(access: JobAccess, folder: str, *actions: str) -> Statement:
    """Does this with the files of jobs in a folder of theirs, `requests/` for one, or in all of them ("")."""
    sid = f"Use{''.join(part.capitalize() for part in folder.strip('/').split('-')) or 'All'}Files"
    return allow(sid, [f"s3:{each}" for each in actions], access.job_folder(folder))


def list_files(access: JobAccess) -> Statement:
    """Lists the files of jobs."""
    return {
        **allow("ListFiles", ["s3:ListBucket"], access.jobs_bucket_arn),
        "Condition": {"StringLike": {"s3:prefix": [f"{job_files.ALL}*"]}},
    }


def create_batch_jobs(access: JobAccess) -> list[Statement]:
    """Creates jobs of Batch Operations that restore, with our role, and finds them again.

    There is no resource to name:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    return [
        {
            **allow("CreateBatchJobs", ["s3:CreateJob"], "*"),
            "Condition": {"StringEquals": {"s3:RequestJobOperation": "S3InitiateRestoreObject"}},
        },
        allow("TagAndFindBatchJobs", ["s3:PutJobTagging", "s3:ListJobs"], "*"),
        {
            **allow("PassBatchRole", ["iam:PassRole"], access.batch_role),
            "Condition": {"StringEquals": {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}},
        },
    ]


def follow_batch_jobs(access: JobAccess) -> Statement:
    """Looks at jobs of Batch Operations and cancels them."""
    return allow("FollowBatchJobs", ["s3:DescribeJob", "s3:UpdateJobStatus"], access.place.batch_jobs_arn())


def telling(access: JobAccess) -> list[Statement]:
    """Publishes the progress of jobs, to the topic and to EventBridge."""
    return [
        allow("Tell", ["sns:Publish"], access.progress_topic),
        {
            **allow("TellOthers", ["events:PutEvents"], access.place.event_bus_arn("default")),
            "Condition": {"StringEquals": {"events:source": progress_events.SOURCE}},
        },
    ]


def keys(access: JobAccess, *actions: str) -> list[Statement]:
    """Does this with the KMS keys of the config, if there are any."""
    if not access.kms_keys:
        return []
    return [allow("UseKeys", [f"kms:{each}" for each in actions], access.kms_keys)]


def some(sid: str, actions: Sequence[str], resources: Sequence[str]) -> list[Statement]:
    """A statement, or none where there is nothing to name."""
    return [allow(sid, actions, resources)] if resources else []
