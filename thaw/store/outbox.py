"""Progress events in the jobs table: each is claimed, published, and confirmed, so that it is sent once.

Who claims an event first sends it. A claim that is not confirmed when its lease is over belongs to somebody
who died: the event is sent again, the same text under the same id, over the channels that did not confirm.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.progress_events import ProgressEvent
from thaw.core.times import from_millis, to_millis
from thaw.store.job_states import EVENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

LEASE_SECONDS = 360
"""Longer than any function that sends runs: whoever holds a claim of that age sends no more."""

_FREE = ""


class Channel(NamedTuple):
    """A way to the outside: a short name, and what publishes; it raises where it could not."""

    name: str
    publish: Callable[[ProgressEvent], None]


class Outbox:
    """The events of one jobs table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def send(self, event: ProgressEvent, channels: Sequence[Channel], now: str) -> bool:
        """Whether the event is out over all `channels`, now or before; False while somebody else sends it.

        What `publish` raises is raised, and the claim given back, so that the next try comes at once.
        """
        claimed = self._claim(event, now)
        if claimed is None:
            return self._is_sent(event, channels)
        done = _confirmed(claimed)
        body = claimed.get("body", {}).get("S", event.body)
        try:
            for channel in channels:
                if channel.name not in done:
                    channel.publish(event._replace(body=body))
                    self._confirm(event, channel)
        except BaseException:
            self._set(event, "claimed_at", _FREE)
            raise
        return True

    def _claim(self, event: ProgressEvent, now: str) -> "dict[str, AttributeValueTypeDef] | None":
        """The item, now ours; None while it is somebody else's, or when everything is sent."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(event),
                UpdateExpression="SET claimed_at = :now, body = if_not_exists(body, :body)",
                ConditionExpression="attribute_not_exists(claimed_at) OR claimed_at < :lapsed",
                ExpressionAttributeValues={
                    ":now": {"S": now},
                    ":body": {"S": event.body},
                    ":lapsed": {"S": from_millis(to_millis(now) - LEASE_SECONDS * 1000)},
                },
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return answer.get("Attributes", {})

    def _confirm(self, event: ProgressEvent, channel: Channel) -> None:
        self._set(event, f"sent_{channel.name}", "yes")

    def _set(self, event: ProgressEvent, name: str, value: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=_key(event),
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )

    def _is_sent(self, event: ProgressEvent, channels: Sequence[Channel]) -> bool:
        answer = self._client.get_item(TableName=self._table, Key=_key(event), ConsistentRead=True)
        return {channel.name for channel in channels} <= _confirmed(answer.get("Item", {}))


def _confirmed(item: "dict[str, AttributeValueTypeDef]") -> set[str]:
    return {name.removeprefix("sent_") for name in item if name.startswith("sent_")}


def _key(event: ProgressEvent) -> "dict[str, AttributeValueTypeDef]":
    return {"job_id": {"S": event.job_id}, "item": {"S": f"{EVENT}{event.event_id}"}}
