"""Bad requests get a sentence and leave nothing behind; no role does more than its function needs."""

from typing import Any

import pytest

from local.emulator import Emulator
from tests.deployed.jobs import COLD, MANIFESTS, WARM, JobStack, job_stack, put_manifest
from tests.deployed.stack import archive

pytestmark = pytest.mark.emulator

MAX_OBJECTS = 20
LISTED = {"bucket": COLD, "prefix": "deep/", "tier": "BULK", "expiration_days": 3}
MANIFEST = {"bucket": MANIFESTS, "tier": "BULK", "expiration_days": 3}
TIERED = ["INTELLIGENT_TIERING"]

REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("no tier", {"bucket": COLD, "prefix": ""}, 400, "tier"),
    ("days that are text", {**LISTED, "expiration_days": "3"}, 400, "expiration_days"),
    ("a field that nobody knows", {**LISTED, "days": 3}, 400, "days"),
    ("manifest and prefix", {**LISTED, "key": "m.csv"}, 400, "prefix"),
    ("a bucket of others", {**LISTED, "bucket": "somebody-elses"}, 422, "somebody-elses"),
    ("Expedited by Batch Operations", {**LISTED, "tier": "EXPEDITED"}, 422, "EXPEDITED"),
    ("a copy to where none may go", {**LISTED, "copy": {"destination_bucket": MANIFESTS}}, 422, MANIFESTS),
    ("an expiry of tiered objects", {**LISTED, "storage_classes": TIERED}, 422, "expiration_days"),
    ("no such manifest", {**MANIFEST, "key": "nowhere.csv"}, 422, "nowhere.csv"),
    ("an empty manifest", {**MANIFEST, "key": "empty.csv"}, 422, "empty"),
    ("a manifest of another bucket", {**MANIFEST, "key": "other.csv"}, 422, "other-bucket"),
    ("two buckets in one manifest", {**MANIFEST, "key": "mixed.csv"}, 422, "other-bucket"),
    ("a manifest that is no CSV", {**MANIFEST, "key": "binary.csv"}, 422, "binary.csv"),
    ("objects that are not archived", {**MANIFEST, "key": "readable.csv"}, 422, "archive"),
    ("a folder without objects", {**LISTED, "prefix": "nothing/"}, 422, "nothing/"),
    ("too many objects", {**MANIFEST, "key": "many.csv"}, 413, str(MAX_OBJECTS)),
    (
        "Deep Archive with Expedited",
        {**LISTED, "tier": "EXPEDITED", "way": "requests", "storage_classes": ["DEEP_ARCHIVE"]},
        422,
        "DEEP_ARCHIVE",
    ),
]


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> JobStack:
    stack = job_stack(emulator, job_max_objects=MAX_OBJECTS)
    s3 = emulator.client("s3")
    many = [f"many/{number}" for number in range(MAX_OBJECTS + 1)]
    archive(emulator, COLD, many)
    s3.put_object(Bucket=COLD, Key="deep/1", Body=b"cold", StorageClass="DEEP_ARCHIVE")
    s3.put_object(Bucket=COLD, Key="readable/1", Body=b"warm")
    s3.put_object(Bucket=MANIFESTS, Key="empty.csv", Body=b"")
    s3.put_object(Bucket=MANIFESTS, Key="binary.csv", Body=bytes(range(128, 256)))
    put_manifest(emulator, "other.csv", [["other-bucket", "key"]])
    put_manifest(emulator, "mixed.csv", [[COLD, "deep/1"], ["other-bucket", "key"]])
    put_manifest(emulator, "readable.csv", [[COLD, "readable/1"]])
    put_manifest(emulator, "many.csv", [[COLD, key] for key in many])
    return stack


def left_behind(stack: JobStack) -> dict[str, Any]:
    """All that jobs make."""
    dynamodb, s3 = stack.emulator.client("dynamodb"), stack.emulator.client("s3")
    tables = ("thaw-jobs", "thaw-objects", "thaw-rollups")
    files = s3.list_objects_v2(Bucket=stack.outputs["jobs_bucket"], Prefix="jobs/").get("Contents", [])
    waves = stack.emulator.client("s3control").list_jobs(AccountId=Emulator.account).get("Jobs", [])
    return {
        **{table: dynamodb.scan(TableName=table)["Items"] for table in tables},
        "files": [item.get("Key", "") for item in files],
        "batch jobs": waves,
    }


@pytest.mark.parametrize(
    ("body", "status", "word"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_request_at_fault_gets_a_sentence_and_leaves_nothing_behind(
    stack: JobStack, body: dict[str, Any], status: int, word: str
) -> None:
    answer = stack.call("POST", "/create-job", body)
    assert answer.status == status, answer
    message = answer.body["error"]["message"]
    assert word in message
    assert message.endswith("."), "a sentence"
    assert "arn:" not in message
    assert not any(left_behind(stack).values()), left_behind(stack)


@pytest.mark.parametrize("body", [[], "text", None])
def test_what_is_no_object_is_refused_too(stack: JobStack, body: Any) -> None:
    assert stack.call("POST", "/create-job", body).status == 400


def test_a_job_that_is_not_there_is_not_found(stack: JobStack) -> None:
    for method in ("GET", "DELETE"):
        answer = stack.call(method, "/jobs/nobody")
        assert (answer.status, answer.body["error"]["code"]) == (404, "NotFound")


@pytest.mark.usefixtures("stack")
def test_no_role_may_touch_what_is_not_in_the_config(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    others = {
        "arn:aws:s3:::others/key": "s3:GetObject s3:PutObject s3:RestoreObject s3:DeleteObject",
        f"arn:aws:s3:::{COLD}/key": "s3:DeleteObject s3:DeleteObjectVersion",
        f"arn:aws:s3:::{WARM}/key": "s3:DeleteObject s3:DeleteObjectVersion",
        "arn:aws:s3:::others": "s3:ListBucket s3:PutBucketNotification s3:DeleteBucket",
        "arn:aws:dynamodb:us-east-1:000000000000:table/others": "dynamodb:GetItem dynamodb:UpdateItem",
        "arn:aws:lambda:us-east-1:000000000000:function:others": "lambda:InvokeFunction",
        "arn:aws:sqs:us-east-1:000000000000:others": "sqs:SendMessage sqs:ReceiveMessage",
        "arn:aws:states:us-east-1:000000000000:stateMachine:others": "states:StartExecution",
        "arn:aws:iam::000000000000:role/others": "iam:PassRole sts:AssumeRole",
    }
    roles = [role for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("thaw-")]
    assert len(roles) > 15, "those of the functions, machines, schedules and of Batch Operations"
    allowed = [
        (role["RoleName"], result["EvalActionName"], resource)
        for role in roles
        for resource, actions in others.items()
        for result in iam.simulate_principal_policy(
            PolicySourceArn=role["Arn"], ActionNames=actions.split(), ResourceArns=[resource]
        )["EvaluationResults"]
        if result["EvalDecision"] == "allowed"
    ]
    assert allowed == []
