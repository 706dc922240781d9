"""A job is opened once its bucket's restore events reach our queue; what others have there stays."""

from dataclasses import replace
from typing import Any

import pytest

from tests.jobs.started import BUCKET, JOB, NOW, QUEUE, REQUEST, World
from thaw.core.errors import NotificationOverlapError
from thaw.core.job_requests import JobRequest, Selection
from thaw.core.job_states import JobStatus
from thaw.core.notifications import RESTORE_EVENTS, queue_entry
from thaw.jobs.errors import CancelledError, UnheardEventsError
from thaw.jobs.opening import open_job

THEIRS: dict[str, Any] = {
    "Id": "theirs",
    "TopicArn": "arn:aws:sns:eu-north-1:123456789012:theirs",
    "Events": ["s3:ObjectCreated:*"],
}
SELECTED = replace(REQUEST, manifest="", selection=Selection(prefix="2019/"))


def opened(world: World, request: JobRequest = REQUEST, **more: Any) -> JobStatus:
    world.begin(request, JobStatus.PREPARING, **more)
    return open_job(world.states, world.listener, JOB, world.rules).status


def test_where_our_rule_is_there_the_bucket_is_not_touched() -> None:
    world = World()
    assert opened(world) is JobStatus.LOADING
    assert world.s3.calls["PutBucketNotificationConfiguration"] == 0
    again = open_job(world.states, world.listener, JOB, world.rules)
    assert (again.status, again.revision) == (JobStatus.LOADING, 2), "opened again, nothing changes"


def test_where_it_is_missing_it_is_merged_in() -> None:
    world = World()
    world.s3.configurations[BUCKET] = {"TopicConfigurations": [THEIRS]}
    opened(world)
    assert world.s3.configurations[BUCKET] == {
        "TopicConfigurations": [THEIRS],
        "QueueConfigurations": [queue_entry("thaw-events-of-thaw", QUEUE, RESTORE_EVENTS, "")],
    }


def test_a_rule_of_somebody_else_for_the_same_events_is_not_overwritten() -> None:
    world = World()
    world.s3.configurations[BUCKET] = {"TopicConfigurations": [{**THEIRS, "Events": ["s3:ObjectRestore:*"]}]}
    before = str(world.s3.configurations)
    with pytest.raises(
        NotificationOverlapError, match=r"rule 'theirs' .* already sends s3:ObjectRestore:Post"
    ):
        opened(world)
    assert str(world.s3.configurations) == before


def test_our_rule_for_other_events_is_not_overwritten_either() -> None:
    world = World()
    entry = queue_entry("thaw-events-of-thaw", QUEUE, ["s3:ObjectCreated:Copy"], "")
    world.s3.configurations[BUCKET] = {"QueueConfigurations": [entry]}
    with pytest.raises(UnheardEventsError, match="rule 'thaw-events-of-thaw' sends no restore events"):
        opened(world)
    assert world.s3.calls["PutBucketNotificationConfiguration"] == 0


def test_a_bucket_heard_by_eventbridge_needs_the_switch_only() -> None:
    world = World()
    world.rules = replace(world.rules, eventbridge_buckets=(BUCKET,))
    world.s3.configurations[BUCKET] = {"TopicConfigurations": [THEIRS]}
    opened(world)
    assert world.s3.configurations[BUCKET] == {
        "TopicConfigurations": [THEIRS],
        "EventBridgeConfiguration": {},
    }
    open_job(world.states, world.listener, JOB, world.rules)
    assert world.s3.calls["PutBucketNotificationConfiguration"] == 1


def test_a_selection_beyond_the_prefix_that_is_heard_is_refused() -> None:
    world = World()
    entry = queue_entry("thaw-events-of-thaw", QUEUE, RESTORE_EVENTS, "2020/")
    world.s3.configurations[BUCKET] = {"QueueConfigurations": [entry]}
    with pytest.raises(UnheardEventsError) as caught:
        opened(world, SELECTED)
    assert str(caught.value) == (
        "Of bucket archive, restore events reach this stack's queue for keys under '2020/' only, and the job"
        " selects those under '2019/': choose a prefix below, or set none on this bucket, and deploy."
    )
    assert world.state.status is JobStatus.PREPARING


def test_a_selection_under_the_prefix_is_heard() -> None:
    world = World()
    entry = queue_entry("thaw-events-of-thaw", QUEUE, RESTORE_EVENTS, "20")
    world.s3.configurations[BUCKET] = {"QueueConfigurations": [entry]}
    assert opened(world, SELECTED) is JobStatus.LOADING


def test_somebody_who_overwrites_our_rule_at_once_is_told() -> None:
    world = World()
    world.s3.configurations[BUCKET] = {}

    def overwrite(operation: str, _: object) -> None:
        if operation == "PutBucketNotificationConfiguration":
            world.s3.configurations[BUCKET] = {}

    world.s3.after_call = overwrite
    with pytest.raises(
        UnheardEventsError, match="not what was written 10 s ago: somebody else changes it too"
    ):
        opened(world)
    assert world.pauses == [1.0] * 10


def test_a_cancelled_job_is_not_opened_and_its_bucket_is_not_touched() -> None:
    world = World()
    world.s3.configurations[BUCKET] = {}
    with pytest.raises(CancelledError):
        opened(world, cancel_requested_at=NOW)
    assert world.s3.configurations[BUCKET] == {}
