"""The states of jobs in the jobs table: one item a job, every change guarded by its revision.

The key of the table is (`job_id`, `item`); the state of a job is its item `state`. The index `active` has the
states of jobs that have not ended, the index `states` all of them by their time of creation.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from thaw.core.job_state_json import state_from_json, state_to_json
from thaw.core.job_states import JobState
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import ContentionError, JobExistsError, JobNotFoundError, PageError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

STATE = "state"
"""The sort key of a job's state."""

EVENT = "event#"
"""The sort keys of a job's progress events begin so."""

ACTIVE_INDEX = "active"
STATES_INDEX = "states"

_TIME_WIDTH = len("2026-11-21T03:04:05.678Z")


class StatePage(NamedTuple):
    """Some states, newest first; `next` is what `JobStates.list` takes as `start` for more, "" at the end."""

    states: list[JobState]
    next: str


class JobStates:
    """The states in one jobs table. `pause(seconds)` waits between attempts."""

    def __init__(
        self, client: "DynamoDBClient", table: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def create(self, state: JobState) -> JobState:
        """Stores the state of a new job, and returns it as stored. Raises JobExistsError."""
        created = replace(state, revision=1)
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_key(state.job_id, STATE) | {"created_at": {"S": state.created_at}} | _changing(created),
                ConditionExpression="attribute_not_exists(job_id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as exc:
            raise JobExistsError(
                f"Job {state.job_id} exists already in {self._table}; choose another job id."
            ) from exc
        return created

    def read(self, job_id: str) -> JobState:
        """The state as it is now, strongly consistent. Raises JobNotFoundError."""
        state = self.find(job_id)
        if state is None:
            raise JobNotFoundError(f"No job {job_id!r} is in {self._table}; list the jobs with GET /jobs.")
        return state

    def find(self, job_id: str) -> JobState | None:
        """The state as it is now; None for a job that was never asked of this stack (imported, perhaps)."""
        answer = self._client.get_item(TableName=self._table, Key=_key(job_id, STATE), ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _state(item)

    def update(self, job_id: str, change: Callable[[JobState], JobState]) -> JobState:
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
            try:
                self._replace(changed, state.revision)
            except self._client.exceptions.ConditionalCheckFailedException:
                continue
            return changed
        raise ContentionError(
            f"The state of job {job_id} was changed by others in each of {MAX_ATTEMPTS} attempts; try again."
        )

    def list(self, limit: int, start: str = "") -> StatePage:
        """At most `limit` states, the newest job first, from where a page ended. Raises PageError.

        Read from an index: what was written a moment ago may be missing.
        """
        request: dict[str, Any] = {"ExclusiveStartKey": _start_key(start)} if start else {}
        answer = self._client.query(
            TableName=self._table,
            IndexName=STATES_INDEX,
            KeyConditionExpression="#item = :state",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":state": {"S": STATE}},
            ScanIndexForward=False,
            Limit=limit,
            **request,
        )
        return StatePage(list(map(_state, answer["Items"])), _token(answer.get("LastEvaluatedKey")))

    def active(self) -> Iterator[JobState]:
        """The states of all jobs that have not ended, read from an index: a moment old."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=ACTIVE_INDEX,
            KeyConditionExpression="active = :yes",
            ExpressionAttributeValues={":yes": {"S": "yes"}},
        )
        yield from (_state(item) for page in pages for item in page["Items"])

    def delete(self, job_id: str) -> None:
        """Removes the state and the progress events of a job, if it has any.

        What it loaded stays counted, as long as the records are there.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="job_id = :job AND begins_with(#item, :event)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":job": {"S": job_id}, ":event": {"S": EVENT}},
            ConsistentRead=True,
        )
        events = [item["item"].get("S", "") for page in pages for item in page["Items"]]
        for name in (*events, STATE):
            self._client.delete_item(TableName=self._table, Key=_key(job_id, name))

    def _replace(self, state: JobState, revision: int) -> None:
        """Writes `state`, if the one that is there has still this revision."""
        values = _changing(state)
        numbered = list(enumerate(values.items()))
        update = "SET " + ", ".join(f"#{number} = :{number}" for number, _ in numbered)
        self._client.update_item(
            TableName=self._table,
            Key=_key(state.job_id, STATE),
            UpdateExpression=f"{update} REMOVE active" if state.ended else update,
            ConditionExpression="revision = :read",
            ExpressionAttributeNames={f"#{number}": name for number, (name, _) in numbered},
            ExpressionAttributeValues={
                ":read": {"N": str(revision)},
                **{f":{number}": value for number, (_, value) in numbered},
            },
        )


def _changing(state: JobState) -> "dict[str, AttributeValueTypeDef]":
    """All attributes of a state but its key and its time of creation."""
    return {
        "document": {"S": state_to_json(state)},
        "status": {"S": state.status},
        "revision": {"N": str(state.revision)},
        **({} if state.ended else {"active": {"S": "yes"}}),
    }


def _state(item: "Mapping[str, AttributeValueTypeDef]") -> JobState:
    return state_from_json(item.get("document", {}).get("S", ""))


def _key(job_id: str, item: str) -> "dict[str, AttributeValueTypeDef]":
    return {"job_id": {"S": job_id}, "item": {"S": item}}


def _token(key: "Mapping[str, AttributeValueTypeDef] | None") -> str:
    """Where a page ended: the time of creation, and the job's id right behind it."""
    return "".join(key[name].get("S", "") for name in ("created_at", "job_id")) if key else ""


def _start_key(token: str) -> "dict[str, AttributeValueTypeDef]":
    created_at, job_id = token[:_TIME_WIDTH], token[_TIME_WIDTH:]
    if not job_id:
        raise PageError(f"{token!r} is no place in the list of jobs; give the one that a page ended with.")
    return {**_key(job_id, STATE), "created_at": {"S": created_at}}
