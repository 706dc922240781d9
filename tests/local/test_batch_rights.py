"""S3 Batch Operations under IAM enforcement: the caller's rights, and those of the job's role."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import Emulator
from tests.local.batch import JOBS, SOURCE, create, describe, ended, make_role, report_of, submitted
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator

RESTORE = {"Effect": "Allow", "Action": "s3:RestoreObject", "Resource": f"arn:aws:s3:::{SOURCE}/allowed/*"}
MANIFEST = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{JOBS}/waves/*"}
REPORT = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{JOBS}/reports/*"}
CALLER = """
import boto3, botocore
def handler(event, context):
    try:
        return boto3.client("s3control").create_job(**event)["JobId"]
    except botocore.exceptions.ClientError as exc:
        return str(exc)
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    settings: Any = {"restore_seconds": 600, "batch_status_seconds": 0.02, "batch_tasks_per_second": 50}
    with Emulator(auth=True, **settings) as running:
        for bucket in (SOURCE, JOBS):
            running.client("s3").create_bucket(Bucket=bucket)
        for key in ("allowed/1", "secret/1"):
            running.client("s3").put_object(Bucket=SOURCE, Key=key, Body=b"x", StorageClass="GLACIER")
        yield running


def test_a_job_can_do_what_its_role_may(emulator: Emulator) -> None:
    role = make_role(emulator, "careful", RESTORE, MANIFEST, REPORT)
    manifest = f"{SOURCE},allowed/1\n{SOURCE},secret/1\n{SOURCE},allowed/none\n"
    job_id = create(emulator, submitted(emulator, role, manifest), "careful")
    assert ended(emulator, job_id)["Status"] == "Complete"
    rows = report_of(emulator, job_id)
    assert [(row.key, row.http_status, row.error_code) for row in rows] == [
        ("allowed/1", "200", ""),
        ("secret/1", "403", "AccessDenied"),
        ("allowed/none", "403", "AccessDenied"),
    ]
    assert "is not authorized to perform: s3:RestoreObject" in rows[1].message
    assert "is not authorized to perform: s3:ListBucket" in rows[2].message, "as S3 hides what is not there"


@pytest.mark.parametrize(
    ("name", "statements", "action"),
    [("blind", (RESTORE, REPORT), "s3:GetObject"), ("mute", (RESTORE, MANIFEST), "s3:PutObject")],
)
def test_a_job_whose_role_cannot_read_the_manifest_or_report_fails(
    emulator: Emulator, name: str, statements: Any, action: str
) -> None:
    role = make_role(emulator, name, *statements)
    job_id = create(emulator, submitted(emulator, role, f"{SOURCE},allowed/1\n"), name)
    job = ended(emulator, job_id)
    (reason,) = job["FailureReasons"]
    assert (job["Status"], reason["FailureCode"]) == ("Failed", "AccessDenied")
    assert action in reason["FailureReason"]


@pytest.mark.parametrize(
    ("name", "allowed", "missing"),
    [
        ("creator", ["s3:CreateJob", "iam:PassRole"], ""),
        ("passer", ["iam:PassRole"], "s3:CreateJob"),
        ("nonpasser", ["s3:CreateJob"], "iam:PassRole"),
    ],
)
def test_a_caller_may_create_jobs_and_pass_their_role_or_is_denied(
    emulator: Emulator, name: str, allowed: list[str], missing: str
) -> None:
    role = make_role(emulator, f"role-of-{name}", RESTORE, MANIFEST, REPORT)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    right = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    make_function(emulator, name, CALLER, make_role(emulator, name, right, trust=trust))
    event = {
        "AccountId": emulator.account,
        "ClientRequestToken": name,
        "Operation": {"S3InitiateRestoreObject": {"ExpirationInDays": 7}},
        "Priority": 1,
        **submitted(emulator, role, f"{SOURCE},allowed/1\n"),
    }
    answer = emulator.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    text = json.loads(answer["Payload"].read())
    if missing:
        assert "AccessDenied" in text
        assert missing in text
    else:
        assert ended(emulator, text)["Status"] == "Complete"


def test_a_job_that_is_cancelled_stops_and_reports_what_it_did(emulator: Emulator) -> None:
    role = make_role(emulator, "long", RESTORE, MANIFEST, REPORT)
    manifest = "".join(f"{SOURCE},allowed/{number}\n" for number in range(1000))
    job_id = create(emulator, submitted(emulator, role, manifest), "long")
    while not describe(emulator, job_id)["ProgressSummary"]["NumberOfTasksFailed"]:
        time.sleep(0.02)
    s3control = emulator.client("s3control")
    answer = s3control.update_job_status(
        AccountId=emulator.account, JobId=job_id, RequestedJobStatus="Cancelled"
    )
    assert answer.get("Status") == "Cancelling"
    job = ended(emulator, job_id)
    assert job["Status"] == "Cancelled"
    done = job["ProgressSummary"]["NumberOfTasksSucceeded"] + job["ProgressSummary"]["NumberOfTasksFailed"]
    assert len(report_of(emulator, job_id)) == done < 1000
    with pytest.raises(ClientError, match="JobStatusException"):
        s3control.update_job_status(AccountId=emulator.account, JobId=job_id, RequestedJobStatus="Cancelled")
