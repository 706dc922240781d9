"""The one step by which every writer changes records: read, merge, write records and counters together.

A record and its counters change in one transaction, guarded by the record's revision; so counters are
exact at every moment, a repeated event changes nothing, and a worker may die between any two calls.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.core.history import History, merge
from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import ContentionError, WriteRefusedError
from thaw.store.items import record_or_error
from thaw.store.reader import SERVICE_ERRORS, RecordReader
from thaw.store.transactions import (
    TRANSACTION_ITEMS,
    Change,
    CounterRow,
    change_of,
    counter_rows,
    groups,
    transaction,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CHANGED = "ConditionalCheckFailed"

_RETRIED = frozenset(
    {"None", _CHANGED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
"""Reasons for which an item was not written that another try may mend.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


_REFUSED_FOR_ONE = frozenset({"ValidationException", "SerializationException"})
"""Errors of a whole request that may be due to one of its items."""


class Outcome(Enum):
    """What became of the news of a target."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    """The record knew already."""
    UNTRACKED = "untracked"
    """No record: nobody asked for the object."""


Result = Outcome | Exception
"""What became of the news of a target, or the error for which it was not applied."""


class RecordWriter:
    """Applies news to the records of one objects table and the counters of one rollups table.

    `slot()` names the counter slot of a transaction, so that concurrent writers use different rows;
    `pause(seconds)` waits between attempts. Both are arguments for the sake of tests.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        objects_table: str,
        rollups_table: str,
        *,
        slot: Callable[[], int],
        pause: Callable[[float], None],
    ) -> None:
        self._client = client
        self._objects_table = objects_table
        self._rollups_table = rollups_table
        self._slot = slot
        self._pause = pause
        self._reader = RecordReader(client, objects_table, pause)

    def apply(self, news: Mapping[Target, History]) -> dict[Target, Result]:
        """Merges `news` into the records; every target gets its result.

        An error concerns only its own targets: the rest is applied. Applying the same news again is
        always safe.
        """
        results: dict[Target, Result] = {}
        records: dict[ObjectId, ObjectRecord] = {}
        targets: defaultdict[ObjectId, list[Target]] = defaultdict(list)
        for target, found in self._reader.find(news).items():
            if isinstance(found, ObjectRecord):
                records[found.id] = found
                targets[found.id].append(target)
            else:
                results[target] = found or Outcome.UNTRACKED
        for object_id, result in self._write(records, _merged(news, targets)).items():
            results.update(dict.fromkeys(targets[object_id], result))
        return results

    def _write(
        self, records: Mapping[ObjectId, ObjectRecord], news: Mapping[ObjectId, History]
    ) -> dict[ObjectId, Result]:
        results: dict[ObjectId, Result] = {}
        waiting = list(records.values())
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._pause(delay(attempt))
            results.update((record.id, Outcome.UNCHANGED) for record in waiting)
            changes = filter(None, (change_of(record, news[record.id]) for record in waiting))
            limit = TRANSACTION_ITEMS >> max(attempt - 1, 0)
            waiting = [again for group in groups(changes, limit) for again in self._try(group, results)]
            if not waiting:
                return results
        error = ContentionError(
            f"A change was refused {MAX_ATTEMPTS} times because others were changing the same items."
        )
        return results | dict.fromkeys((record.id for record in waiting), error)

    def _try(self, group: Sequence[Change], results: dict[ObjectId, Result]) -> list[ObjectRecord]:
        """Writes one transaction; returns the records to merge and write again, as they are now."""
        rows = counter_rows(group)
        items = transaction(group, rows, self._objects_table, self._rollups_table, self._slot())
        result: Result = Outcome.APPLIED
        try:
            self._client.transact_write_items(TransactItems=items)
        except self._client.exceptions.TransactionCanceledException as exc:
            reasons = cast("dict[str, Any]", exc.response)["CancellationReasons"]
            return _refused(group, list(rows), reasons, results)
        except SERVICE_ERRORS as exc:
            if len(group) > 1 and _error_code(exc) in _REFUSED_FOR_ONE:
                return [change.record for change in group]
            result = exc
        results.update(dict.fromkeys((change.record.id for change in group), result))
        return []


def _error_code(error: Exception) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def _refused(
    group: Sequence[Change],
    rows: Sequence[CounterRow],
    reasons: Sequence[Mapping[str, Any]],
    results: dict[ObjectId, Result],
) -> list[ObjectRecord]:
    """Sorts out a refused transaction: records to try again are returned, the others get their outcome."""
    again: list[ObjectRecord] = []
    broken = {
        row: error for row, error in zip(rows, map(_refusal, reasons[len(group) :]), strict=True) if error
    }
    for change, reason in zip(group, reasons, strict=False):
        now = _now(change, reason, broken)
        if isinstance(now, ObjectRecord):
            again.append(now)
        else:
            results[change.record.id] = now
    return again


def _now(
    change: Change, reason: Mapping[str, Any], broken: Mapping[CounterRow, WriteRefusedError]
) -> ObjectRecord | Result:
    """The record to try again, as it is now; or the outcome of a change that will never be written."""
    if reason["Code"] == _CHANGED:
        return record_or_error(reason["Item"]) if "Item" in reason else Outcome.UNTRACKED
    refusals = (_refusal(reason), *map(broken.get, change.rows))
    return next(filter(None, refusals), change.record)


def _refusal(reason: Mapping[str, Any]) -> WriteRefusedError | None:
    """Why an item will never be written as it is; None if it may be, another time."""
    code = reason["Code"]
    if code in _RETRIED:
        return None
    return WriteRefusedError(f"DynamoDB refused a write with {code}: {reason.get('Message')}")


def _merged(
    news: Mapping[Target, History], targets: Mapping[ObjectId, Iterable[Target]]
) -> dict[ObjectId, History]:
    return {
        object_id: reduce(merge, (news[target] for target in those)) for object_id, those in targets.items()
    }
