"""Archives to be asked of Glacier again, in the jobs table: found by whoever sees a retrieval end without its
archive, used up by whoever requests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.archives import Pointer
from thaw.store.vault_items import item_key, items_of, number_of, text_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

AGAIN = "again#"

MAX_ATTEMPTS = 3
"""After so many retrievals of an archive have failed it is FAILED."""


class Again(NamedTuple):
    """An archive that is to be asked for again (`due`), or was: its place in the plan, why, how many of its
    retrievals have failed; `version` grows with each time that it is to be asked for."""

    pointer: Pointer
    due: bool
    reason: str
    attempts: int
    size_bytes: int
    version: int


class VaultAgains:
    """The archives to be asked for again, of the jobs in one jobs table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def ask(self, pointer: Pointer, cause: str, *, reason: str, size_bytes: int, failed: bool) -> Again:
        """Has an archive asked for again, once for each `cause`: the id of the retrieval job that ended
        without it, or another name of what happened. Told twice or late, a cause changes nothing.

        `failed`: Glacier is at fault, it counts as an attempt; otherwise its window is over, or it got lost.
        """
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(pointer),
                UpdateExpression="SET due = :yes, reason = :reason, size_bytes = :size"
                " ADD attempts :failed, version :one, causes :causes",
                ConditionExpression="NOT contains(causes, :cause)",
                ExpressionAttributeValues={
                    ":yes": {"S": "yes"},
                    ":reason": {"S": reason},
                    ":size": {"N": str(size_bytes)},
                    ":failed": {"N": str(int(failed))},
                    ":one": {"N": "1"},
                    ":causes": {"SS": [cause]},
                    ":cause": {"S": cause},
                },
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.find(pointer) or self.ask(
                pointer, cause, reason=reason, size_bytes=size_bytes, failed=failed
            )
        return _again(answer.get("Attributes", {}))

    def find(self, pointer: Pointer) -> Again | None:
        """What is known of an archive, strongly consistent; None if it was never to be asked for again."""
        answer = self._client.get_item(TableName=self._table, Key=_key(pointer), ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _again(item)

    def due(self, job_id: str) -> Iterator[Again]:
        """What is to be asked for again now, in the order of the plan."""
        items = items_of(
            self._client,
            self._table,
            job_id,
            AGAIN,
            FilterExpression="due = :yes",
            ExpressionAttributeValues={":yes": {"S": "yes"}},
        )
        yield from map(_again, items)

    def done(self, again: Again) -> bool:
        """Takes off what was asked for, or given up; False if it is to be asked for yet again since."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(again.pointer),
                UpdateExpression="REMOVE due",
                ConditionExpression="version = :version",
                ExpressionAttributeValues={":version": {"N": str(again.version)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def forget(self, job_id: str) -> None:
        """Removes all of a job: a next run counts attempts from the start, a new plan has other places."""
        for item in items_of(self._client, self._table, job_id, AGAIN):
            self._client.delete_item(TableName=self._table, Key=item_key(job_id, text_of(item, "item")))


def _key(pointer: Pointer) -> "Item":
    return item_key(pointer.job_id, f"{AGAIN}{pointer.part:05}#{pointer.line:05}")


def _again(item: "Item") -> Again:
    part, line = text_of(item, "item").removeprefix(AGAIN).split("#")
    return Again(
        pointer=Pointer(text_of(item, "job_id"), int(part), int(line)),
        due=bool(text_of(item, "due")),
        reason=text_of(item, "reason"),
        attempts=number_of(item, "attempts"),
        size_bytes=number_of(item, "size_bytes"),
        version=number_of(item, "version"),
    )
