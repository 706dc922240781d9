"""Events of the emulator's S3 as AWS sends them, and the refusal of rules that overlap."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local.emulator import Emulator
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

pytestmark = pytest.mark.emulator

DAY_SECONDS = 2.0


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(restore_seconds=0.2, day_seconds=DAY_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> "S3Client":
    return emulator.client("s3")


def queue(emulator: Emulator, name: str) -> tuple[str, str]:
    """The URL and ARN of a new queue that S3 and EventBridge may send to."""
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    principal = {"Service": ["s3.amazonaws.com", "events.amazonaws.com"]}
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def take(sqs: "SQSClient", url: str, taken: list[Any]) -> list[Any]:
    """All messages of the queue so far, as JSON, added to those `taken` before."""
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        taken.append(json.loads(message.get("Body", "")))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message.get("ReceiptHandle", ""))
    return taken


def records_of(bodies: list[Any]) -> list[Any]:
    """The records of S3 notifications."""
    return [record for body in bodies for record in body.get("Records", [])]


def restore(s3: "S3Client", bucket: str, version: str) -> None:
    s3.restore_object(
        Bucket=bucket,
        Key="a b",
        VersionId=version,
        RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}},
    )


def restore_of_two_versions(s3: "S3Client", bucket: str) -> str:
    """Restores the older of two versions for a day; its version."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="a b", Body=b"cold", StorageClass="DEEP_ARCHIVE")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a b", Body=b"other")
    restore(s3, bucket, old)
    return old


def test_restore_notifications_name_the_version(emulator: Emulator, s3: "S3Client") -> None:
    url, arn = queue(emulator, "notified")
    s3.create_bucket(Bucket="notified")
    rule: Any = {"QueueArn": arn, "Events": ["s3:ObjectRestore:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="notified", NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    old = restore_of_two_versions(s3, "notified")
    bodies: list[Any] = []

    def records() -> list[Any]:
        return records_of(take(emulator.client("sqs"), url, bodies))

    eventually(lambda: len(records()) == 3)
    assert {record["eventName"]: record["s3"]["object"]["versionId"] for record in records()} == {
        "ObjectRestore:Post": old,
        "ObjectRestore:Completed": old,
        "ObjectRestore:Delete": old,
    }


def test_the_lapse_of_a_version_is_told_once_however_often_it_is_looked_at(
    emulator: Emulator, s3: "S3Client"
) -> None:
    url, arn = queue(emulator, "lapsed")
    s3.create_bucket(Bucket="lapsed")
    rule: Any = {"QueueArn": arn, "Events": ["s3:ObjectRestore:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="lapsed", NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    s3.put_bucket_versioning(Bucket="lapsed", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="lapsed", Key="a b", Body=b"cold", StorageClass="GLACIER")["VersionId"]
    restore(s3, "lapsed", old)
    s3.put_object(Bucket="lapsed", Key="a b", Body=b"on top")
    bodies: list[Any] = []

    def names() -> list[str]:
        return [record["eventName"] for record in records_of(take(emulator.client("sqs"), url, bodies))]

    eventually(lambda: "ObjectRestore:Delete" in names())
    for _ in range(3):
        assert "Restore" not in s3.head_object(Bucket="lapsed", Key="a b", VersionId=old)
    restore(s3, "lapsed", old)
    eventually(lambda: names().count("ObjectRestore:Post") == 2)
    assert names().count("ObjectRestore:Delete") == 1


def test_eventbridge_events_have_version_class_and_expiry(emulator: Emulator, s3: "S3Client") -> None:
    url, arn = queue(emulator, "bridged")
    events = emulator.client("events")
    events.put_rule(Name="bridged", EventPattern=json.dumps({"source": ["aws.s3"]}))
    events.put_targets(Rule="bridged", Targets=[{"Id": "queue", "Arn": arn}])
    s3.create_bucket(Bucket="bridged")
    s3.put_bucket_notification_configuration(
        Bucket="bridged", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    old = restore_of_two_versions(s3, "bridged")
    bodies: list[Any] = []

    def restores() -> dict[str, Any]:
        taken = take(emulator.client("sqs"), url, bodies)
        return {body["detail-type"]: body["detail"] for body in taken if "Restore" in body["detail-type"]}

    eventually(lambda: len(restores()) == 3)
    initiated, completed, expired = (
        restores()[f"Object Restore {kind}"] for kind in ("Initiated", "Completed", "Expired")
    )
    for detail in (initiated, completed, expired):
        assert detail["object"]["version-id"] == old
        assert detail["object"]["key"] == "a b", "raw, not encoded"
        assert "sequencer" not in detail["object"]
    assert initiated["source-storage-class"] == completed["source-storage-class"] == "DEEP_ARCHIVE"
    assert completed["restore-expiry-time"].endswith("Z")
    assert "restore-expiry-time" not in initiated
    assert completed["requester"] == expired["requester"] == "s3.amazonaws.com"


@pytest.mark.parametrize(
    ("events", "prefix", "refused"),
    [
        ("s3:ObjectRestore:Post", "a/b/", True),
        ("s3:ObjectRestore:*", "", True),
        ("s3:ObjectRestore:Post", "b/", False),
        ("s3:ObjectCreated:*", "a/", False),
    ],
)
def test_rules_that_could_both_match_an_event_are_refused(
    emulator: Emulator, s3: "S3Client", events: Any, prefix: str, *, refused: bool
) -> None:
    _, arn = queue(emulator, "overlap")
    s3.create_bucket(Bucket="overlap")

    def rule(name: str, event: Any, prefix: str) -> Any:
        rules = [{"Name": "prefix", "Value": prefix}]
        return {"Id": name, "QueueArn": arn, "Events": [event], "Filter": {"Key": {"FilterRules": rules}}}

    both: Any = {
        "QueueConfigurations": [rule("one", "s3:ObjectRestore:Post", "a/"), rule("other", events, prefix)]
    }
    if not refused:
        s3.put_bucket_notification_configuration(Bucket="overlap", NotificationConfiguration=both)
        return
    with pytest.raises(s3.exceptions.ClientError, match="overlapping"):
        s3.put_bucket_notification_configuration(Bucket="overlap", NotificationConfiguration=both)
