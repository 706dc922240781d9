"""The states of vault transfers in the jobs table: the item `vault` of each job, guarded by its revision."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from thaw.core.vault_state_json import vault_state_from_json, vault_state_to_json
from thaw.core.vault_states import VaultState
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import ContentionError, JobNotFoundError
from thaw.store.vault_items import item_key, numbers, text_of, texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VAULT = "vault"
"""The sort key of the state of a vault transfer."""


class VaultStates:
    """The states in one jobs table. `pause(seconds)` waits between attempts."""

    def __init__(
        self, client: "DynamoDBClient", table: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def create(self, state: VaultState) -> VaultState:
        """Stores the state of a new transfer, and returns it as stored; one that is there stays, and is
        returned: who creates a job may die behind this and come again."""
        created = replace(state, revision=1)
        return created if self._put(created, "attribute_not_exists(job_id)", {}) else self.read(state.job_id)

    def find(self, job_id: str) -> VaultState | None:
        """The state as it is now; None for a job that transfers no vault."""
        answer = self._client.get_item(
            TableName=self._table, Key=item_key(job_id, VAULT), ConsistentRead=True
        )
        item = answer.get("Item")
        return None if item is None else vault_state_from_json(text_of(item, "document"))

    def read(self, job_id: str) -> VaultState:
        """The state as it is now, strongly consistent. Raises JobNotFoundError."""
        state = self.find(job_id)
        if state is None:
            raise JobNotFoundError(
                f"No vault transfer {job_id!r} is in {self._table}; list them with `thaw vault list`."
            )
        return state

    def update(self, job_id: str, change: Callable[[VaultState], VaultState]) -> VaultState:
        """Stores what `change` makes of the state, and returns it as stored.

        `change` is called again with the newer state whenever somebody else was faster; it may raise, and
        nothing changes. What returns the state as it was is not written. Raises JobNotFoundError, and
        ContentionError where others are always faster.
        """
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._pause(delay(attempt))
            state = self.read(job_id)
            changed = replace(change(state), revision=state.revision)
            if changed == state:
                return state
            changed = replace(changed, revision=state.revision + 1)
            if self._put(changed, "revision = :read", {":read": state.revision}):
                return changed
        raise ContentionError(
            f"The state of vault transfer {job_id} was changed by others in each of {MAX_ATTEMPTS} attempts;"
            " try again."
        )

    def delete(self, job_id: str) -> None:
        """Removes the state of a transfer, if there is one: of a first run that was refused."""
        self._client.delete_item(TableName=self._table, Key=item_key(job_id, VAULT))

    def _put(self, state: VaultState, condition: str, values: dict[str, int]) -> bool:
        """Whether the state was written: the condition held."""
        request: dict[str, Any] = {"ExpressionAttributeValues": numbers(values)} if values else {}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    **item_key(state.job_id, VAULT),
                    **texts({"document": vault_state_to_json(state)}),
                    **numbers({"revision": state.revision}),
                },
                ConditionExpression=condition,
                **request,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
