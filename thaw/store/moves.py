"""Moves of records: into a job, from one job to another, and away; each with all counters it concerns.

A record moves in one transaction with the counters of both jobs, guarded by its revision; so no moment and no
death of a worker leaves a record in one job and its numbers in another.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zlib import crc32

from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.rollups import SEPARATOR
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import ContentionError
from thaw.store.items import REVISION, id_of, key_of, to_record
from thaw.store.ledgers import Amounts, Row, Tables
from thaw.store.reader import read_items
from thaw.store.refusals import CHANGED, refusal
from thaw.store.transactions import TRANSACTION_ITEMS, add_to_item, groups

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

    Item = Mapping[str, AttributeValueTypeDef]


class Stored(NamedTuple):
    """A record, and the item that holds it."""

    record: ObjectRecord
    item: "Item"


class Move(NamedTuple):
    """What becomes of one record: `item` as it is to be (None: it goes), provided that it still is `read`
    (None: that there is none); and what that adds to counters."""

    id: ObjectId
    read: Stored | None
    item: "Item | None"
    amounts: Amounts

    @property
    def rows(self) -> frozenset[Row]:
        return frozenset(amount.row for amount in self.amounts)


LEDGER_SLOTS = 64
"""Slots of the rows in the jobs table: so many fit one transaction, in which they may go."""

Decide = Callable[[ObjectId, Stored | None], Move | None]
"""What is to become of a record as it is now; None: it stays. Asked again whenever the record has changed."""


class RecordMover:
    """Moves records of the three tables. `slot()` names the slot of a transaction in the rollups table,
    `pause(seconds)` waits between attempts."""

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Tables,
        *,
        slot: Callable[[], int],
        pause: Callable[[float], None],
    ) -> None:
        self.tables = tables
        self._client = client
        self._slot = slot
        self._pause = pause

    def move(self, ids: Sequence[ObjectId], decide: Decide) -> None:
        """Reads at most a hundred records and does what `decide` says of each.

        Raises ContentionError, WriteRefusedError, MalformedItemError, and what the client raises; whatever
        was done then is whole, and doing it all again is safe.
        """
        items = read_items(self._client, self.tables.objects, ids, self._pause)
        found = {id_of(item): Stored(to_record(item), item) for item in items}
        waiting = [(object_id, found.get(object_id)) for object_id in ids]
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._pause(delay(attempt))
            moves = list(filter(None, (decide(*each) for each in waiting)))
            limit = TRANSACTION_ITEMS >> max(attempt - 1, 0)
            waiting = [again for group in groups(moves, limit) for again in self._try(group)]
            if not waiting:
                return
        raise ContentionError(
            f"A move was refused {MAX_ATTEMPTS} times because others were changing the same items; try again."
        )

    def _try(self, group: Sequence[Move]) -> list[tuple[ObjectId, Stored | None]]:
        """Writes one transaction; returns what is to be decided again, as it is now."""
        try:
            self._client.transact_write_items(TransactItems=self._transaction(group))
        except self._client.exceptions.TransactionCanceledException as exc:
            reasons = cast("dict[str, Any]", exc.response)["CancellationReasons"]
            for error in filter(None, map(refusal, reasons)):
                raise error from exc
            return [(move.id, _now(move, reason)) for move, reason in zip(group, reasons, strict=False)]
        return []

    def _transaction(self, group: Sequence[Move]) -> "list[TransactWriteItemTypeDef]":
        slots = {self.tables.rollups: self._slot(), self.tables.jobs: _ledger_slot(group[0].id)}
        sort_keys = {self.tables.rollups: "metric", self.tables.jobs: "item"}
        writes = [_write(move, self.tables.objects) for move in group]
        for (table, job_id, name), amounts in _rows(move.amounts for move in group).items():
            row = f"{name}{SEPARATOR}{slots[table]}"
            writes.append(
                add_to_item(table, {"job_id": {"S": job_id}, sort_keys[table]: {"S": row}}, amounts)
            )
        return writes


def _ledger_slot(first: ObjectId) -> int:
    """Loads of many parts at once would run into each other in the few slots of the counters; the first
    object of a transaction spreads them over more."""
    return crc32(first.object_path.encode()) % LEDGER_SLOTS


def _rows(parts: Iterable[Amounts]) -> Mapping[Row, dict[str, int]]:
    """What is added to each row, by attribute; no zeros, no empty rows."""
    total: Amounts = Counter()
    for part in parts:
        total.update(part)
    rows: defaultdict[Row, dict[str, int]] = defaultdict(dict)
    for (row, attribute), amount in total.items():
        if amount:
            rows[row][attribute] = amount
    return rows


def _write(move: Move, table: str) -> "TransactWriteItemTypeDef":
    condition: dict[str, Any] = {
        "TableName": table,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **_condition(move.read),
    }
    written: dict[str, Any] = (
        {"Delete": {**condition, "Key": key_of(move.id)}}
        if move.item is None
        else {"Put": {**condition, "Item": move.item}}
    )
    return cast("TransactWriteItemTypeDef", written)


def _condition(read: Stored | None) -> dict[str, Any]:
    """That the record is as it was read."""
    if read is None:
        return {"ConditionExpression": "attribute_not_exists(object_path)"}
    if not read.record.revision:
        return {"ConditionExpression": "attribute_exists(object_path) AND attribute_not_exists(revision)"}
    return {
        "ConditionExpression": f"{REVISION} = :read",
        "ExpressionAttributeValues": {":read": {"N": str(read.record.revision)}},
    }


def _now(move: Move, reason: Mapping[str, Any]) -> Stored | None:
    if reason["Code"] != CHANGED:
        return move.read
    item = reason.get("Item")
    return Stored(to_record(item), item) if item else None
