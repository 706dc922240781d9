"""S3 Batch Operations in the emulator: real restores, AWS's statuses, refusals and reports."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import Emulator
from tests.local.batch import JOBS, SOURCE, create, describe, ended, make_role, report_of, submitted
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(restore_seconds=600, batch_status_seconds=0.02) as running:
        for bucket in (SOURCE, JOBS):
            running.client("s3").create_bucket(Bucket=bucket)
        yield running


@pytest.fixture(scope="module")
def role(emulator: Emulator) -> str:
    return make_role(emulator, "batch")


def archive(emulator: Emulator, *keys: str, storage_class: Any = "GLACIER") -> None:
    for key in keys:
        emulator.client("s3").put_object(Bucket=SOURCE, Key=key, Body=b"x", StorageClass=storage_class)


def refusal(emulator: Emulator, *args: Any, **more: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        create(emulator, *args, **more)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def failure(emulator: Emulator, job_id: str) -> tuple[str, str]:
    """The reason of a job that failed before it tried anything."""
    job = ended(emulator, job_id)
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == ("Failed", 0)
    (reason,) = job["FailureReasons"]
    listing = emulator.client("s3").list_objects_v2(Bucket=JOBS, Prefix=f"reports/job-{job_id}/")
    assert listing["KeyCount"] == 0, "nothing tried, nothing reported"
    return reason["FailureCode"], reason["FailureReason"]


def test_a_job_restores_what_its_manifest_names_and_reports_what_s3_said(
    emulator: Emulator, role: str
) -> None:
    archive(emulator, "a ü+,1", "twice")
    archive(emulator, "warm", storage_class="STANDARD")
    manifest = "".join(
        f"{SOURCE},{key}\r\n" for key in ("a%20%C3%BC%2B%2C1", "twice", "twice", "warm", "none")
    )
    job_id = create(emulator, submitted(emulator, role, manifest), "report", Description="five rows")
    job = ended(emulator, job_id)
    summary = job["ProgressSummary"]
    assert (job["Status"], summary["TotalNumberOfTasks"]) == ("Complete", 5)
    assert (summary["NumberOfTasksSucceeded"], summary["NumberOfTasksFailed"]) == (2, 3)
    assert (job["Description"], job["Priority"], job["RoleArn"]) == ("five rows", 10, role)
    assert job["Operation"]["S3InitiateRestoreObject"] == {"ExpirationInDays": 7, "GlacierJobTier": "BULK"}
    rows = report_of(emulator, job_id)
    assert rows[0] == (SOURCE, "a%20%C3%BC%2B%2C1", "", "succeeded", "200", "", "Successful")
    assert [(row.key, row.http_status, row.error_code) for row in rows if row.status == "failed"] == [
        ("twice", "409", "RestoreAlreadyInProgress"),
        ("warm", "403", "ObjectAlreadyInActiveTierError"),
        ("none", "404", "NoSuchKey"),
    ]
    assert "(Service: Amazon S3; Status Code: 409; Error Code: RestoreAlreadyInProgress;" in rows[2].message
    restore = emulator.client("s3").head_object(Bucket=SOURCE, Key="a ü+,1")["Restore"]
    assert restore == 'ongoing-request="true"'


def test_a_version_is_restored_where_the_manifest_names_one(emulator: Emulator, role: str) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    stored = [s3.put_object(Bucket="versioned", Key="k", Body=b"x", StorageClass="GLACIER") for _ in range(2)]
    old, current = (answer["VersionId"] for answer in stored)
    given = submitted(emulator, role, f"versioned,k,{old}\n", "Bucket", "Key", "VersionId")
    job_id = create(emulator, given, "versions")
    assert ended(emulator, job_id)["Status"] == "Complete"
    assert [row.version_id for row in report_of(emulator, job_id)] == [old]
    assert "Restore" in s3.head_object(Bucket="versioned", Key="k", VersionId=old)
    assert "Restore" not in s3.head_object(Bucket="versioned", Key="k", VersionId=current)


def test_a_report_of_failures_alone_leaves_success_out(emulator: Emulator, role: str) -> None:
    archive(emulator, "fine")
    given = submitted(emulator, role, f"{SOURCE},fine\n{SOURCE},none\n", scope="FailedTasksOnly")
    job_id = create(emulator, given, "failures")
    ended(emulator, job_id)
    assert [row.key for row in report_of(emulator, job_id)] == ["none"]


def test_a_token_makes_one_job_and_no_other(emulator: Emulator, role: str) -> None:
    archive(emulator, "once")
    given = submitted(emulator, role, f"{SOURCE},once\n")
    first = create(emulator, given, "once")
    assert create(emulator, given, "once") == first
    assert refusal(emulator, given, "once", tier="STANDARD") == ("IdempotencyException", 400)
    listed = emulator.client("s3control").list_jobs(AccountId=emulator.account, JobStatuses=["Failed"])
    assert first not in [job.get("JobId") for job in listed.get("Jobs", [])]
    page = emulator.client("s3control").list_jobs(AccountId=emulator.account, MaxResults=1)
    assert len(page.get("Jobs", [])) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tier": "EXPEDITED"}, "MalformedXML"),
        ({"Operation": {"S3InitiateRestoreObject": {"ExpirationInDays": 0}}}, "InvalidRequest"),
        ({"Operation": {"S3DeleteObjectTagging": {}}}, "NotImplemented"),
        ({"Report": {"Enabled": True, "Bucket": f"arn:aws:s3:::{JOBS}"}}, "InvalidRequest"),
        ({"RoleArn": "batch"}, "MalformedXML"),
    ],
)
def test_what_the_service_does_not_take_is_refused(
    emulator: Emulator, role: str, change: Any, code: str
) -> None:
    given = submitted(emulator, role, f"{SOURCE},any\n")
    assert refusal(emulator, given, "refused", **change)[0] == code


def test_fields_that_are_missing_or_unknown_are_refused(emulator: Emulator, role: str) -> None:
    keys_only = submitted(emulator, role, "any\n", "Key")
    assert refusal(emulator, keys_only, "fields")[0] == "InvalidRequest"
    given = submitted(emulator, role, f"{SOURCE},any\n")

    def rename(params: Any, **_more: Any) -> None:
        params["body"] = params["body"].replace(b"ExpirationInDays", b"Days")

    events = emulator.client("s3control").meta.events
    events.register("before-call.s3-control.CreateJob", rename)
    try:
        assert refusal(emulator, given, "unknown") == ("MalformedXML", 400)
    finally:
        events.unregister("before-call.s3-control.CreateJob", rename)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("", "Manifest is empty"),
        (f"{SOURCE}\n", "Manifest file is not properly formatted"),
        (f"{SOURCE},a\nother,b\n", "Cannot have more than 1 bucket per Job."),
        (f"{SOURCE},%FF\n", "Invalid object key format"),
    ],
)
def test_a_manifest_that_cannot_be_used_fails_the_job(
    emulator: Emulator, role: str, manifest: str, reason: str
) -> None:
    job_id = create(emulator, submitted(emulator, role, manifest), f"manifest {reason}")
    code, words = failure(emulator, job_id)
    assert code == "InvalidManifestContent"
    assert words.startswith(reason)


def test_a_manifest_that_is_missing_or_was_changed_fails_the_job(emulator: Emulator, role: str) -> None:
    given = submitted(emulator, role, f"{SOURCE},changed\n")
    given["Manifest"]["Location"]["ETag"] = "0" * 32
    job_id = create(emulator, given, "changed")
    assert failure(emulator, job_id) == ("ManifestNotFound", "Etag mismatch reading manifest")
    given["Manifest"]["Location"]["ObjectArn"] = f"arn:aws:s3:::{JOBS}/none.csv"
    job_id = create(emulator, given, "missing")
    assert failure(emulator, job_id) == ("ManifestNotFound", "Manifest object was not found")


def test_a_role_that_is_missing_or_trusts_somebody_else_fails_the_job(emulator: Emulator) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    stranger = make_role(emulator, "stranger", trust=trust)
    for role in (stranger, stranger.replace("stranger", "nobody")):
        job_id = create(emulator, submitted(emulator, role, f"{SOURCE},any\n"), role)
        code, words = failure(emulator, job_id)
        assert code == "AccessDenied"
        assert f"Could not assume the IAM role: {role}" in words


def test_a_restore_without_days_fails_for_archived_objects(emulator: Emulator, role: str) -> None:
    archive(emulator, "no days")
    given = submitted(emulator, role, f"{SOURCE},no%20days\n")
    job_id = create(emulator, given, "days", Operation={"S3InitiateRestoreObject": {}})
    ended(emulator, job_id)
    assert [(row.http_status, row.error_code) for row in report_of(emulator, job_id)] == [
        ("400", "MalformedXML")
    ]


def test_a_job_whose_tasks_mostly_fail_is_failed_and_reports_what_it_tried(
    emulator: Emulator, role: str
) -> None:
    manifest = "".join(f"{SOURCE},gone/{number}\n" for number in range(1200))
    job_id = create(emulator, submitted(emulator, role, manifest), "threshold")
    job = ended(emulator, job_id)
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == ("Failed", 1000)
    assert len(report_of(emulator, job_id)) == 1000, "200 objects of the manifest are in no report"


def test_a_job_that_waits_for_confirmation_is_confirmed_or_cancelled(emulator: Emulator, role: str) -> None:
    archive(emulator, "confirmed", "never")
    s3control = emulator.client("s3control")
    asked = [
        create(emulator, submitted(emulator, role, f"{SOURCE},{key}\n"), key, ConfirmationRequired=True)
        for key in ("confirmed", "never")
    ]
    while {describe(emulator, job_id)["Status"] for job_id in asked} != {"Suspended"}:
        pass
    wanted: Any
    for job_id, wanted in zip(asked, ("Ready", "Cancelled"), strict=True):
        s3control.update_job_status(
            AccountId=emulator.account, JobId=job_id, RequestedJobStatus=wanted, StatusUpdateReason="asked"
        )
    states = [ended(emulator, job_id) for job_id in asked]
    assert [job["Status"] for job in states] == ["Complete", "Cancelled"]
    assert states[1]["StatusUpdateReason"] == "asked"
    with pytest.raises(ClientError, match="JobStatusException"):
        s3control.update_job_status(
            AccountId=emulator.account, JobId=asked[0], RequestedJobStatus="Cancelled"
        )


def test_a_job_of_nobody_is_not_found(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="NoSuchJob"):
        describe(emulator, "00000000-0000-0000-0000-000000000000")
    with pytest.raises(ClientError, match="AccessDenied"):
        emulator.client("s3control").list_jobs(AccountId="123456789012")


def test_functions_reach_the_service_with_an_unchanged_client(emulator: Emulator) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('s3control').list_jobs(AccountId=event['account'])['Jobs'][0]['JobId']\n"
    )
    make_function(emulator, "lister", source)
    answer = emulator.client("lambda").invoke(
        FunctionName="lister", Payload=json.dumps({"account": emulator.account}).encode()
    )
    newest = (
        emulator.client("s3control").list_jobs(AccountId=emulator.account).get("Jobs", [])[0].get("JobId")
    )
    assert json.loads(answer["Payload"].read()) == newest
