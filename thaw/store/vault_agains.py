"""Archives to be asked of Glacier again, in the jobs table: found by whoever sees a retrieval end without its
archive, used up by whoever requests.

What is known of an archive stays as long as its run, in one item; that it is due is another one, which goes,
so that a look reads what is due alone.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.archives import Pointer
from thaw.store.vault_items import item_key, items_of, number_of, numbers, text_of, texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

AGAIN = "again#"
DUE = "due#"

MAX_ATTEMPTS = 3
"""After so many retrievals of an archive have failed it is FAILED."""

_THREADS = 16


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
            found = self.find(pointer)
            if found is None:
                return self.ask(pointer, cause, reason=reason, size_bytes=size_bytes, failed=failed)
            return self._made_due(found) if found.due else found
        return self._made_due(_again(answer.get("Attributes", {})))

    def find(self, pointer: Pointer) -> Again | None:
        """What is known of an archive, strongly consistent; None if it was never to be asked for again."""
        answer = self._client.get_item(TableName=self._table, Key=_key(pointer), ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _again(item)

    def due(self, job_id: str) -> Iterator[Again]:
        """What is to be asked for again now, in the order of the plan."""
        yield from map(_again, items_of(self._client, self._table, job_id, DUE))

    def done(self, again: Again) -> bool:
        """Takes off what was asked for, or given up; False if it is to be asked for yet again since."""
        version = {":version": {"N": str(again.version)}}
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=_key(again.pointer, DUE),
                ConditionExpression="attribute_not_exists(version) OR version = :version",
                ExpressionAttributeValues=version,
            )
            self._client.update_item(
                TableName=self._table,
                Key=_key(again.pointer),
                UpdateExpression="REMOVE due",
                ConditionExpression="version = :version",
                ExpressionAttributeValues=version,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def forget(self, job_id: str) -> None:
        """Removes all of a job: a next run counts attempts from the start, a new plan has other places."""

        def delete(item: "Item") -> None:
            self._client.delete_item(TableName=self._table, Key=item_key(job_id, text_of(item, "item")))

        with ThreadPoolExecutor(_THREADS) as pool:
            for prefix in (DUE, AGAIN):
                for _ in pool.map(delete, items_of(self._client, self._table, job_id, prefix)):
                    pass

    def _made_due(self, again: Again) -> Again:
        """Whoever dies before this is told the same again, and comes here again."""
        item: Item = {
            **_key(again.pointer, DUE),
            **texts({"due": "yes", "reason": again.reason}),
            **numbers({"attempts": again.attempts, "size_bytes": again.size_bytes, "version": again.version}),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(version) OR version <= :version",
                ExpressionAttributeValues={":version": {"N": str(again.version)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.find(again.pointer) or again
        return again


def _key(pointer: Pointer, prefix: str = AGAIN) -> "Item":
    return item_key(pointer.job_id, f"{prefix}{pointer.part:05}#{pointer.line:05}")


def _again(item: "Item") -> Again:
    _, part, line = text_of(item, "item").split("#")
    return Again(
        pointer=Pointer(text_of(item, "job_id"), int(part), int(line)),
        due=bool(text_of(item, "due")),
        reason=text_of(item, "reason"),
        attempts=number_of(item, "attempts"),
        size_bytes=number_of(item, "size_bytes"),
        version=number_of(item, "version"),
    )
