"""How events leave: an SNS message that can be filtered, and an EventBridge event that is really taken."""

import json
from typing import Any

import pytest
from moto import mock_aws

from tests.core.watched import START, job, progress
from tests.jobs.watched import JOBS, jobs_table
from thaw.core.job_states import JobStatus
from thaw.jobs.announcing import Announcer, announcer
from thaw.jobs.errors import AnnouncementError

TOPIC = "arn:aws:sns:eu-north-1:123456789012:thaw-progress"


class Wire:
    """SNS and EventBridge: keeps what it is given; EventBridge takes nothing while `refusing`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.entries: list[dict[str, str]] = []
        self.refusing = False

    def publish(self, **message: Any) -> None:
        self.messages.append(message)

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 AWS's name
        if self.refusing:
            refusal = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
            return {"FailedEntryCount": 1, "Entries": [refusal]}
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


@pytest.fixture
def wire() -> Wire:
    return Wire()


def made(wire: Any) -> Announcer:
    return announcer(jobs_table(), JOBS, wire, TOPIC, wire)


@mock_aws()
def test_an_end_goes_to_the_topic_and_to_eventbridge_once(wire: Wire) -> None:
    state = job(status=JobStatus.FAILED, reason="no such manifest")
    tell = made(wire)
    assert all(tell.ended(state, progress(10, restored=4), START) for _ in range(2))
    (message,), (entry,) = wire.messages, wire.entries
    assert message["TopicArn"] == TOPIC
    assert message["Subject"] == "Thaw: job-1 Failed 40 %"
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "JobId": "job-1",
        "Status": "Failed",
        "Phase": "Ended",
    }
    assert (entry["Source"], entry["DetailType"]) == ("thaw", "Job Progress")
    assert message["Message"] == entry["Detail"]
    assert json.loads(message["Message"])["Reason"] == "no such manifest"


@mock_aws()
def test_a_job_that_was_never_registered_has_an_end_too(wire: Wire) -> None:
    assert made(wire).ended(job(status=JobStatus.FAILED, started_at=""), None, START)
    fields = json.loads(wire.entries[0]["Detail"])
    assert (fields["ProgressPercent"], fields["TotalObjects"], fields["ObjectsByStatus"]) == ("0", 0, {})


@mock_aws()
def test_an_event_that_eventbridge_did_not_take_is_sent_there_again_and_not_to_the_topic(wire: Wire) -> None:
    tell, state = made(wire), job(status=JobStatus.FAILED)
    wire.refusing = True
    with pytest.raises(AnnouncementError, match="did not take the event job-1-1-end: ThrottlingException"):
        tell.ended(state, None, START)
    wire.refusing = False
    assert tell.ended(state, None, START)
    assert (len(wire.messages), len(wire.entries)) == (1, 1)


@mock_aws()
def test_a_subject_is_short_and_ascii(wire: Wire) -> None:
    made(wire).ended(job(status=JobStatus.FAILED, job_id="é" * 200), None, START)
    subject = wire.messages[0]["Subject"]
    assert len(subject) == 100
    assert subject.isascii()
