"""The dynamic resource on a bucket that is not ours: foreign rules survive up, update and destroy."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.errors import NotificationLostError
from infra.providers.bucket_notifications import (
    POLICY_ATTEMPTS,
    SETTLE_ATTEMPTS,
    BucketNotificationsProvider,
)
from tests.infra.fakes import FakeS3, connect_to
from thaw.core.errors import NotificationOverlapError

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:thaw-events"
FOREIGN: dict[str, Any] = {
    "TopicConfigurations": [
        {"Id": "their-topic", "TopicArn": "arn:aws:sns:t", "Events": ["s3:ObjectRemoved:*"]}
    ],
    "QueueConfigurations": [
        {
            "Id": "their-queue",
            "QueueArn": "arn:aws:sqs:q",
            "Events": ["s3:ObjectCreated:Put", "s3:ObjectRestore:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "theirs/"}]}},
        }
    ],
}


def props(**changes: Any) -> dict[str, Any]:
    return {
        "bucket": "archive",
        "entry_id": "thaw-events-of-thaw",
        "queue_arn": QUEUE,
        "events": ["s3:ObjectRestore:Post", "s3:ObjectRestore:Completed"],
        "prefix": "ours/",
        "eventbridge": False,
        "region": "eu-central-1",
        "profile": "",
    } | changes


def provider(s3: FakeS3) -> BucketNotificationsProvider:
    return BucketNotificationsProvider(connect_to(s3=s3), pause=lambda _: None)


def outs(result: Any) -> dict[str, Any]:
    return result.outs


@pytest.mark.parametrize("foreign", [FOREIGN, {}, {**FOREIGN, "EventBridgeConfiguration": {}}])
@pytest.mark.parametrize("eventbridge", [False, True])
def test_a_foreign_rule_survives_up_update_and_destroy(foreign: dict[str, Any], eventbridge: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    s3 = FakeS3(archive=foreign)
    ours = provider(s3)
    created = outs(
        ours.create(props(eventbridge=eventbridge, events=[] if eventbridge else ["s3:ObjectRestore:Post"]))
    )
    updated = outs(ours.update("id", created, props(prefix="ours/2/")))
    for name, entries in foreign.items():
        assert all(entry in s3.configurations["archive"][name] for entry in entries)
    ours.delete("id", updated)
    assert json.dumps(s3.configurations["archive"]) == json.dumps(foreign)


@pytest.mark.parametrize(("refusals", "succeeds"), [(POLICY_ATTEMPTS - 1, True), (POLICY_ATTEMPTS, False)])
def test_a_queue_policy_that_is_not_in_force_yet_is_waited_for(refusals: int, succeeds: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    s3 = FakeS3(archive=FOREIGN)
    s3.dead_destinations.add(QUEUE)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == refusals:
            s3.dead_destinations.clear()

    ours = BucketNotificationsProvider(connect_to(s3=s3), pause=pause)
    if succeeds:
        ours.create(props())
        assert sum(pauses) >= 60, "as long as AWS says a policy takes"
    else:
        with pytest.raises(ClientError, match="Unable to validate"):
            ours.create(props())


def test_eventbridge_stays_on_where_somebody_else_had_it_on() -> None:
    s3 = FakeS3(archive={"EventBridgeConfiguration": {}})
    ours = provider(s3)
    created = outs(ours.create(props(eventbridge=True, events=[])))
    ours.delete("id", created)
    assert s3.configurations["archive"] == {"EventBridgeConfiguration": {}}
    assert s3.writes == 0, "nothing was changed, so nothing was written"


def test_eventbridge_switched_on_by_us_stays_ours_through_an_update() -> None:
    s3 = FakeS3(archive={})
    ours = provider(s3)
    created = outs(ours.create(props(eventbridge=True, events=[])))
    updated = outs(ours.update("id", created, props(eventbridge=True, events=[], prefix="x/")))
    assert s3.configurations["archive"] == {"EventBridgeConfiguration": {}}
    ours.delete("id", updated)
    assert s3.configurations["archive"] == {}


def test_from_notifications_to_eventbridge_and_back() -> None:
    s3 = FakeS3(archive={})
    ours = provider(s3)
    created = outs(ours.create(props()))
    there = outs(ours.update("id", created, props(eventbridge=True, events=[])))
    assert s3.configurations["archive"] == {"EventBridgeConfiguration": {}}
    back = outs(ours.update("id", there, props()))
    assert [e["Id"] for e in s3.configurations["archive"]["QueueConfigurations"]] == ["thaw-events-of-thaw"]
    assert "EventBridgeConfiguration" not in s3.configurations["archive"]
    ours.delete("id", back)
    assert s3.configurations["archive"] == {}


@pytest.mark.parametrize("eventbridge", [False, True])
def test_a_rule_deleted_by_hand_is_seen_by_a_refresh_and_put_back_by_the_next_up(eventbridge: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    s3 = FakeS3(archive={})
    ours, wanted = provider(s3), props(eventbridge=eventbridge, **({"events": []} if eventbridge else {}))
    created = outs(ours.create(wanted))
    there = ours.read("id", created)
    assert (there.id, there.outs) == ("id", created)
    with_ours, s3.configurations["archive"] = s3.configurations["archive"], dict[str, Any]()
    assert ours.read("id", created).id == "", "the engine takes it for gone"
    ours.create(wanted)
    assert s3.configurations["archive"] == with_ours


def test_a_rule_changed_by_hand_is_seen_by_a_refresh_and_changed_back() -> None:
    s3 = FakeS3(archive={})
    ours = provider(s3)
    created = outs(ours.create(props()))
    s3.configurations["archive"]["QueueConfigurations"][0]["Events"] = ["s3:ObjectRestore:Post"]
    seen = ours.read("id", created)
    assert seen.id == "id"
    assert ours.diff("id", seen.outs or {}, props()).changes
    ours.update("id", seen.outs or {}, props())
    assert s3.configurations["archive"]["QueueConfigurations"][0]["Events"] == props()["events"]


def test_a_refresh_finds_a_bucket_that_is_gone() -> None:
    assert provider(FakeS3()).read("id", props()).id == ""


def test_creating_what_a_broken_up_left_behind_changes_nothing() -> None:
    s3 = FakeS3(archive={})
    provider(s3).create(props())
    once = s3.configurations["archive"]
    provider(s3).create(props())
    assert s3.configurations["archive"] == once
    assert s3.writes == 1


def test_an_overlap_is_refused_while_the_engine_plans_and_again_when_it_acts() -> None:
    s3 = FakeS3(archive=FOREIGN)
    ours = provider(s3)
    failures = ours.check({}, props(prefix="theirs/sub/")).failures
    assert [failure.property for failure in failures] == ["bucket"]
    assert "rule 'their-queue' (prefix 'theirs/', suffix '')" in failures[0].reason
    with pytest.raises(NotificationOverlapError, match="their-queue"):
        ours.create(props(prefix="theirs/sub/"))
    assert s3.writes == 0


def test_a_bucket_that_is_not_there_is_refused_while_the_engine_plans() -> None:
    (failure,) = provider(FakeS3()).check({}, props()).failures
    assert failure.reason.startswith("thaw:watched_buckets has the bucket archive, whose notification")


def test_a_plan_without_change_asks_nothing_of_s3() -> None:
    ours = provider(FakeS3())
    assert ours.check(props(), props()).failures == []
    assert ours.diff("id", props(), props()).changes is False


def test_another_bucket_is_another_resource_and_another_prefix_is_not() -> None:
    ours = provider(FakeS3())
    assert ours.diff("id", props(), props(bucket="other")).replaces == ["bucket"]
    changed = ours.diff("id", props(), props(prefix="x/"))
    assert (changed.changes, changed.replaces) == (True, [])


def test_a_write_is_waited_for_until_it_can_be_read() -> None:
    s3 = FakeS3(archive=FOREIGN)
    s3.stale_reads = SETTLE_ATTEMPTS - 1
    provider(s3).create(props())
    assert s3.stale_reads == 0


def test_a_write_that_somebody_else_overwrote_is_told() -> None:
    s3 = FakeS3(archive=FOREIGN)
    s3.interfere = lambda: s3.configurations.update(archive={})
    with pytest.raises(NotificationLostError, match="bucket archive is not what was written 10 s ago"):
        provider(s3).create(props())


def test_a_dead_foreign_destination_does_not_keep_our_entry_in() -> None:
    s3 = FakeS3(archive=FOREIGN)
    created = outs(provider(s3).create(props()))
    s3.dead_destinations.add("arn:aws:sns:t")
    provider(s3).delete("id", created)
    assert s3.configurations["archive"] == FOREIGN


def test_a_bucket_that_is_gone_has_nothing_to_take_out() -> None:
    provider(FakeS3()).delete("id", props(switched_eventbridge=False))


def test_the_same_holds_for_the_shapes_of_boto3() -> None:
    with mock_aws():
        region = "eu-central-1"
        s3 = boto3.client("s3", region)
        s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": region})
        foreign_queue = boto3.client("sqs", region).create_queue(QueueName="theirs")["QueueUrl"]
        boto3.client("sqs", region).create_queue(QueueName="thaw-events")
        assert foreign_queue
        foreign: Any = {
            "QueueConfigurations": [
                {
                    "Id": "their-queue",
                    "QueueArn": "arn:aws:sqs:eu-central-1:123456789012:theirs",
                    "Events": ["s3:ObjectRestore:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "theirs/"}]}},
                }
            ]
        }
        s3.put_bucket_notification_configuration(Bucket="archive", NotificationConfiguration=foreign)

        def configuration() -> Any:
            answer: Any = s3.get_bucket_notification_configuration(Bucket="archive")
            return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

        before = configuration()
        ours = BucketNotificationsProvider()
        created = outs(ours.create(props()))
        assert len(configuration()["QueueConfigurations"]) == 2
        updated = outs(ours.update("id", created, props(prefix="ours/2/")))
        ours.delete("id", updated)
        assert configuration() == before
