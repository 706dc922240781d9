"""A bucket that is not ours: what others notify of it survives up, update and destroy, byte for byte."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from local.deployer import Deployment, deploy
from local.deployer.program import PROGRAM
from local.emulator import Emulator
from local.errors import DeployError
from tests.deployed.stack import AT_ONCE

pytestmark = pytest.mark.emulator

OURS = "thaw-events-of-"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def their_queue(emulator: Emulator) -> str:
    """A queue of somebody else's, to which S3 may send; its ARN."""
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="theirs")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return arn


def make_bucket(
    emulator: Emulator, name: str, their_queue: str, prefix: str, *, eventbridge: bool = False
) -> None:
    """A bucket with a rule of theirs for restores under `prefix`."""
    rule: Any = {
        "Id": "their-rule",
        "QueueArn": their_queue,
        "Events": ["s3:ObjectRestore:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
    }
    configuration: Any = {"QueueConfigurations": [rule]}
    if eventbridge:
        configuration["EventBridgeConfiguration"] = {}
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)


def notifications(emulator: Emulator, bucket: str) -> str:
    """The bucket's configuration as S3 answers it."""
    url = f"{emulator.endpoint_url}/{bucket}?notification"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the emulator's address
        return answer.read().decode()


def config(bucket: str, **more: Any) -> dict[str, Any]:
    """A stack named after the bucket that it watches."""
    watched = {"name": bucket, **more}
    return {**AT_ONCE, "name_prefix": bucket, "protect_tables": False, "watched_buckets": [watched]}


@pytest.mark.parametrize("switched_on_by_them", [True, False])
def test_their_rule_stays_through_up_update_and_destroy_and_ours_goes(
    emulator: Emulator, their_queue: str, *, switched_on_by_them: bool
) -> None:
    name = f"shared-{switched_on_by_them}".lower()
    make_bucket(emulator, name, their_queue, "theirs/", eventbridge=switched_on_by_them)
    before = notifications(emulator, name)
    deployment = deploy(config(name, prefix="ours/"), emulator)
    first = notifications(emulator, name)
    assert "their-rule" in first
    assert OURS + name in first
    deployment.up(config(name, prefix="other/", watch=["restores", "copies"]))
    second = notifications(emulator, name)
    assert "their-rule" in second
    assert "other/" in second
    assert "ours/" not in second
    deployment.up(config(name, via="eventbridge"))
    third = notifications(emulator, name)
    assert OURS not in third
    assert "their-rule" in third
    assert "EventBridgeConfiguration" in third
    deployment.destroy()
    assert notifications(emulator, name) == before


def test_a_rule_that_they_add_later_stays_too(emulator: Emulator, their_queue: str) -> None:
    emulator.client("s3").create_bucket(Bucket="later")
    deployment = deploy(config("later", prefix="ours/"), emulator)
    s3 = emulator.client("s3")
    found: Any = s3.get_bucket_notification_configuration(Bucket="later")
    (ours,) = found["QueueConfigurations"]
    theirs: Any = {"Id": "late", "QueueArn": their_queue, "Events": ["s3:ObjectCreated:Put"]}
    s3.put_bucket_notification_configuration(
        Bucket="later", NotificationConfiguration={"QueueConfigurations": [theirs, ours]}
    )
    deployment.up(config("later", prefix="elsewhere/"))
    deployment.destroy()
    left: Any = s3.get_bucket_notification_configuration(Bucket="later")
    assert [rule["Id"] for rule in left["QueueConfigurations"]] == ["late"]


def test_an_overlap_is_refused_before_anything_is_made_and_names_their_rule(
    emulator: Emulator, their_queue: str
) -> None:
    make_bucket(emulator, "taken", their_queue, "")
    before = notifications(emulator, "taken")
    deployment = Deployment(emulator, PROGRAM)
    with pytest.raises(DeployError, match=r"notification rule 'their-rule' .* already sends"):
        deployment.up(config("taken", prefix="ours/"))
    assert deployment.resources == {}
    assert "taken-objects" not in emulator.client("dynamodb").list_tables()["TableNames"]
    assert notifications(emulator, "taken") == before
