"""What each function of jobs may do: its calls of AWS, by the bucket, table or queue, and nothing more."""

from collections.abc import Callable, Mapping

from infra.jobs import copy_policies, statements
from infra.jobs.access import JobAccess
from infra.policies import Statement, allow, document
from infra.vaults import policies as vault_policies


def prepare_job(access: JobAccess) -> list[Statement]:
    """Reads manifests and lists buckets; writes what it found."""
    return [
        statements.change_states(access),
        statements.use_files(access, "", "GetObject", "PutObject", "AbortMultipartUpload", "DeleteObject"),
        statements.list_files(access),
        *_manifests(access),
        allow("ListVersions", ["s3:ListBucketVersions", "s3:GetBucketVersioning"], access.archives),
        *statements.keys(access, "Decrypt"),
    ]


def _manifests(access: JobAccess) -> list[Statement]:
    return [
        allow("ReadManifests", ["s3:GetObject"], [f"{bucket}/*" for bucket in access.manifests]),
        allow("ListBuckets", ["s3:ListBucket"], access.manifests),
    ]


def start_job(access: JobAccess) -> list[Statement]:
    """Opens, registers, submits and undoes a job."""
    return [
        statements.change_states(access),
        allow("MakeJobs", ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"], access.jobs_table),
        allow(
            "UnloadObjects",
            ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
            access.objects_table,
        ),
        allow(
            "RegisterJobs",
            ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
            access.rollups_table,
        ),
        statements.use_files(access, "", "GetObject", "PutObject", "AbortMultipartUpload"),
        statements.list_files(access),
        allow("Subscribe", ["s3:GetBucketNotification", "s3:PutBucketNotification"], access.archives),
        *statements.create_batch_jobs(access),
        statements.follow_batch_jobs(access),
        *statements.telling(access),
    ]


def load_objects(access: JobAccess) -> list[Statement]:
    """Creates records, takes over those of others, and has what is readable copied."""
    return [
        statements.change_states(access),
        allow(
            "LoadObjects",
            ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
            access.objects_table,
        ),
        allow("WriteCounters", ["dynamodb:UpdateItem"], access.rollups_table),
        statements.use_files(access, "import/", "GetObject"),
        statements.use_files(access, "requests/", "PutObject"),
        statements.use_files(access, "loaded/", "PutObject"),
        statements.list_files(access),
        allow("HaveCopied", ["sqs:SendMessage"], access.copy_queue),
    ]


def request_restores(access: JobAccess) -> list[Statement]:
    """Asks S3 for restores, one object at a time."""
    return [
        statements.change_states(access),
        *statements.records(access),
        allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
        allow("Restore", ["s3:RestoreObject"], access.archived_objects),
        allow("SeeWhatIsMissing", ["s3:ListBucket"], access.archives),
        statements.use_files(access, "requests/", "GetObject"),
        statements.use_files(access, "failures/", "PutObject"),
    ]


def read_report(access: JobAccess) -> list[Statement]:
    """Reads completion reports and applies what they say."""
    return [
        statements.change_states(access),
        *statements.records(access),
        statements.use_files(access, "reports/", "GetObject"),
        statements.use_files(access, "report-counts/", "GetObject", "PutObject", "DeleteObject"),
        statements.use_files(access, "report-parts/", "PutObject"),
        statements.list_files(access),
        allow("SeeBatchJobs", ["s3:DescribeJob"], access.place.batch_jobs_arn()),
    ]


def watch_jobs(access: JobAccess) -> list[Statement]:
    """Looks after the jobs that are active, and tells of them."""
    place, names = access.place, access.names
    machines = [names.machine(each) for each in ("create-job", "read-report", *_vault_machine(access))]
    return [
        statements.job_indexes(access, "active"),
        statements.change_states(access),
        allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
        *statements.create_batch_jobs(access),
        statements.follow_batch_jobs(access),
        allow("ReadReports", ["states:StartExecution"], place.machine_arn(names.machine("read-report"))),
        allow(
            "SeeWorkflows", ["states:DescribeExecution"], [place.executions_arn(each) for each in machines]
        ),
        allow("GiveUpJobs", ["lambda:InvokeFunction"], place.function_arn(names.job_function("start_job"))),
        *statements.telling(access),
    ]


def job_api(access: JobAccess) -> list[Statement]:
    """Creates jobs, lists and shows them, and asks for their end."""
    place, names = access.place, access.names
    return [
        statements.change_states(access),
        allow("MakeJobs", ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"], access.jobs_table),
        statements.job_indexes(access, "states"),
        allow("ReadCounters", ["dynamodb:Query"], access.rollups_table),
        allow(
            "StartJobs",
            ["states:StartExecution"],
            [place.machine_arn(names.machine(each)) for each in ("create-job", *_vault_machine(access))],
        ),
        *_manifests(access),
        statements.use_files(access, "", "DeleteObject"),
        statements.list_files(access),
        statements.follow_batch_jobs(access),
        *statements.keys(access, "Decrypt"),
    ]


def _vault_machine(access: JobAccess) -> list[str]:
    """The machine that begins a vault transfer, where there are any."""
    return ["transfer-vault"] if access.vaults else []


POLICIES: Mapping[str, Callable[[JobAccess], list[Statement]]] = {
    "prepare_job": prepare_job,
    "start_job": start_job,
    "load_objects": load_objects,
    "request_restores": request_restores,
    "read_report": read_report,
    "watch_jobs": watch_jobs,
    "job_api": job_api,
    "copy_objects": copy_policies.copy_objects,
    "copy_large": copy_policies.copy_large,
    "sweep_copies": copy_policies.sweep_copies,
}
"""By the function's folder."""


def policy(folder: str, access: JobAccess, log_group: str) -> str:
    """The policy document of a function; `log_group` is the ARN of its own."""
    log = allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group}:*")
    statements_of = {**POLICIES, **vault_policies.POLICIES}[folder]
    return document([*filter(_names_something, statements_of(access)), log])


def _names_something(statement: Statement) -> bool:
    """IAM takes no empty list: without `restore_buckets` some rights are about nothing."""
    return bool(statement["Resource"])
