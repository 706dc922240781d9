"""Tells the world of a job's progress: an SNS topic, and EventBridge for others to build on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.progress_events import DETAIL_TYPE, END, SOURCE, ProgressEvent, progress_event
from thaw.jobs.errors import AnnouncementError
from thaw.store.outbox import Channel, Outbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

MAX_SUBJECT = 100
"""Characters of ASCII. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_ATTRIBUTES = ("JobId", "Status", "Phase")


@dataclass(frozen=True)
class Announcer:
    """Sends each event once over each of its channels."""

    outbox: Outbox
    channels: Sequence[Channel]

    def send(self, event: ProgressEvent, now: str) -> bool:
        """Whether the event is out; False while somebody else sends it. Raises what a channel raises."""
        return self.outbox.send(event, self.channels, now)

    def ended(self, state: JobState, progress: Progress | None, now: str) -> bool:
        """Tells the end of a job, whose `state` has the status and reason it ends with.

        Before that state is written, so that a failure in between is made good by the next try.
        """
        return self.send(progress_event(state, progress, END, (), now), now)


def announcer(
    dynamodb: "DynamoDBClient", jobs_table: str, sns: "SNSClient", topic_arn: str, events: "EventBridgeClient"
) -> Announcer:
    """The announcer of a stack."""
    channels = (
        Channel("sns", partial(_to_sns, sns, topic_arn)),
        Channel("eventbridge", partial(_to_eventbridge, events)),
    )
    return Announcer(Outbox(dynamodb, jobs_table), channels)


def _to_sns(sns: "SNSClient", topic_arn: str, event: ProgressEvent) -> None:
    """Its attributes let a subscription filter without reading the message."""
    fields = event.fields
    subject = f"Thaw: {fields['JobId']} {fields['Status']} {fields['ProgressPercent']} %"
    sns.publish(
        TopicArn=topic_arn,
        Subject=subject.encode("ascii", "replace").decode()[:MAX_SUBJECT],
        Message=event.body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": str(fields[name])} for name in _ATTRIBUTES
        },
    )


def _to_eventbridge(events: "EventBridgeClient", event: ProgressEvent) -> None:
    """PutEvents answers 200 for events that it did not take.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
    """
    entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": event.body}
    answer = events.put_events(Entries=[entry])  # pyright: ignore[reportArgumentType]
    if answer["FailedEntryCount"]:
        (result,) = answer["Entries"]
        raise AnnouncementError(
            f"EventBridge did not take the event {event.event_id}: {result.get('ErrorCode')}"
            f" {result.get('ErrorMessage')}; it is sent again at the next look."
        )
