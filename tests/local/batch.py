"""What tests of S3 Batch Operations share: a role, a manifest, a job, and its report."""

import csv
import hashlib
import io
import json
from typing import Any, NamedTuple, TypedDict

from local.emulator import Emulator
from tests.waiting import eventually

SOURCE, JOBS = "archive", "job-files"
ENDED = {"Complete", "Cancelled", "Failed"}
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": Emulator.account}},
}


class Row(NamedTuple):
    """A row of a completion report."""

    bucket: str
    key: str
    version_id: str
    status: str
    http_status: str
    error_code: str
    message: str


class Submitted(TypedDict):
    """The parts of CreateJob that every test gives."""

    Manifest: Any
    Report: Any
    RoleArn: str


def make_role(emulator: Emulator, name: str, *statements: Any, trust: Any = TRUST) -> str:
    """A role that S3 Batch Operations may assume; its ARN."""
    iam = emulator.client("iam")
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
    return arn


def submitted(
    emulator: Emulator, role: str, manifest: str, *fields: str, scope: str = "AllTasks"
) -> Submitted:
    """A manifest, stored, and the arguments of CreateJob that name it."""
    key = f"waves/{hashlib.sha256(manifest.encode()).hexdigest()[:8]}.csv"
    answer = emulator.client("s3").put_object(Bucket=JOBS, Key=key, Body=manifest.encode())
    return {
        "Manifest": {
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": list(fields or ("Bucket", "Key"))},
            "Location": {"ObjectArn": f"arn:aws:s3:::{JOBS}/{key}", "ETag": answer["ETag"].strip('"')},
        },
        "Report": {
            "Enabled": True,
            "Bucket": f"arn:aws:s3:::{JOBS}",
            "Prefix": "reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": scope,
        },
        "RoleArn": role,
    }


def create(emulator: Emulator, given: Submitted, token: str, tier: Any = "BULK", **more: Any) -> str:
    """Creates a restore of seven days; the job's id."""
    operation = {"S3InitiateRestoreObject": {"ExpirationInDays": 7, "GlacierJobTier": tier}}
    return emulator.client("s3control").create_job(
        AccountId=emulator.account,
        ClientRequestToken=token,
        **{"Operation": operation, "Priority": 10, **given, **more},  # pyright: ignore[reportArgumentType]
    )["JobId"]


def describe(emulator: Emulator, job_id: str) -> Any:
    """The job as S3 tells it now."""
    return emulator.client("s3control").describe_job(AccountId=emulator.account, JobId=job_id)["Job"]  # pyright: ignore[reportTypedDictNotRequiredAccess]


def ended(emulator: Emulator, job_id: str) -> Any:
    """The job as S3 tells it once it has ended."""

    def look() -> Any:
        job = describe(emulator, job_id)
        return job if job["Status"] in ENDED else None

    return eventually(look)


def report_of(emulator: Emulator, job_id: str) -> list[Row]:
    """The rows of a job's completion report, whose checksums must hold."""
    s3 = emulator.client("s3")

    def read(key: str) -> bytes:
        return s3.get_object(Bucket=JOBS, Key=key)["Body"].read()

    body = read(f"reports/job-{job_id}/manifest.json")
    assert read(f"reports/job-{job_id}/manifest.json.md5").decode() == _md5(body)
    manifest = json.loads(body)
    assert manifest["Format"] == "Report_CSV_20180820"
    rows: list[Row] = []
    for part in manifest["Results"]:
        content = read(part["Key"])
        assert part["MD5Checksum"] == _md5(content)
        found = [Row(*row) for row in csv.reader(io.StringIO(content.decode()))]
        assert {row.status for row in found} == {part["TaskExecutionStatus"]}
        rows += found
    return rows


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
