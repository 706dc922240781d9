"""What all vault transfers of an account and Region together ask of Glacier: the bytes of each day, and who
requests; in a partition of the jobs table of its own."""

from typing import TYPE_CHECKING, Any

from thaw.core.times import to_millis
from thaw.store.vault_items import item_key, number_of, numbers, text_of
from thaw.store.vault_uploads import EXPIRES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITION = "vault-budget"
DAY = "day#"
REQUESTER = "requester"

_KEPT_SECONDS = 40 * 86_400
"""So long a day's figure is kept, for whoever asks what was retrieved last month."""


class VaultBudget:
    """The budget in one jobs table. Days are UTC, as text: 2026-11-21."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def reserve(self, day: str, size_bytes: int, limit_bytes: int) -> bool:
        """Takes `size_bytes` of what may be asked for on `day`; False, and nothing taken, if they are more
        than is left. 0 for `limit_bytes` is no limit. More than a whole day's limit is had by who comes
        first on a day: what is larger than the limit must not wait for ever.
        """
        try:
            self._add(day, size_bytes, max(limit_bytes - size_bytes, 0) if limit_bytes else None)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_back(self, day: str, size_bytes: int) -> None:
        """Gives back what was reserved and not asked for."""
        self._add(day, -size_bytes)

    def asked_bytes(self, day: str) -> int:
        """What was reserved on a day, strongly consistent."""
        answer = self._client.get_item(
            TableName=self._table, Key=item_key(PARTITION, DAY + day), ConsistentRead=True
        )
        return number_of(answer.get("Item", {}), "asked_bytes")

    def take_lease(self, holder: str, now: str, until: str) -> bool:
        """Whether `holder` is the one who requests from `now` to `until` (fixed-width ISO-8601): nobody else
        is, or their time is over. Who is it may take it for longer."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=item_key(PARTITION, REQUESTER),
                UpdateExpression="SET holder = :me, held_until = :until",
                ConditionExpression="attribute_not_exists(holder) OR holder = :me OR held_until <= :now",
                ExpressionAttributeValues={":me": {"S": holder}, ":until": {"S": until}, ":now": {"S": now}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_up_lease(self, holder: str) -> None:
        """Lets the next one request at once, if `holder` still is the one."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=item_key(PARTITION, REQUESTER),
                ConditionExpression="holder = :me",
                ExpressionAttributeValues={":me": {"S": holder}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def lease_holder(self) -> str:
        """Who requests, or did last and died; "" for nobody."""
        answer = self._client.get_item(
            TableName=self._table, Key=item_key(PARTITION, REQUESTER), ConsistentRead=True
        )
        return text_of(answer.get("Item", {}), "holder")

    def _add(self, day: str, size_bytes: int, most_before: int | None = None) -> None:
        """Adds to what was asked for on a day, if that is not more than `most_before` (None: whatever)."""
        expires = to_millis(f"{day}T00:00:00.000Z") // 1000 + _KEPT_SECONDS
        values = {":expires": expires, ":size": size_bytes}
        request: dict[str, Any] = {}
        if most_before is not None:
            values[":most"] = most_before
            request["ConditionExpression"] = "attribute_not_exists(asked_bytes) OR asked_bytes <= :most"
        self._client.update_item(
            TableName=self._table,
            Key=item_key(PARTITION, DAY + day),
            UpdateExpression=f"SET {EXPIRES} = :expires ADD asked_bytes :size",
            ExpressionAttributeValues=numbers(values),
            **request,
        )
