"""The one step by which every writer changes records: read, merge, write records and counters together.

A record and its counters change in one transaction, guarded by the record's revision; so counters are
exact at every moment, a repeated event changes nothing, and a worker may die between any two calls.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from thaw.core.history import History, merge
from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.error_codes import error_code
from thaw.store.errors import ContentionError, WriteRefusedError
from thaw.store.items import record_or_error
from thaw.store.reader import SERVICE_ERRORS, RecordReader
from thaw.store.refusals import CHANGED, refusal
from thaw.store.transactions import (
    NO_EXTRAS,
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

_ANY_JOB: Mapping[ObjectId, str] = MappingProxyType({})

Extras = Mapping[ObjectId, Mapping[str, str]]
"""Further attributes of records, such as where a copy is; none of those that a record has of itself."""

_NONE: Extras = MappingProxyType({})

_REFUSED_FOR_ONE = frozenset({"ValidationException", "SerializationException"})
"""Errors of a whole request that may be due to one of its items."""


class Outcome(Enum):
    """What became of the news of a target."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    """The record knew already."""
    UNTRACKED = "untracked"
    """No record, or none of the job that the news are for: nobody asked for the object."""


Result = Outcome | Exception
"""What became of the news of a target, or the error for which it was not applied."""


class Applied(NamedTuple):
    """What became of each target; and the record, as it was before the news, of each that has one."""

    results: dict[Target, Result]
    records: dict[Target, ObjectRecord]


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

    def apply(
        self,
        news: Mapping[Target, History],
        jobs: Mapping[ObjectId, str] = _ANY_JOB,
        extras: Extras = _NONE,
    ) -> dict[Target, Result]:
        """Merges `news` into the records; every target gets its result.

        News of what was done for a job are for its records alone: `jobs` names the job of a record, which
        stays as it is, UNTRACKED, when it has moved on to another one. `extras` are written with the news of
        their record, in the same transaction; with news that it knew already they are not.

        An error concerns only its own targets: the rest is applied. Applying the same news again is
        always safe.
        """
        return self.apply_telling(news, jobs, extras).results

    def apply_telling(
        self,
        news: Mapping[Target, History],
        jobs: Mapping[ObjectId, str] = _ANY_JOB,
        extras: Extras = _NONE,
    ) -> Applied:
        """As `apply`, and tells which record each target led to."""
        results: dict[Target, Result] = {}
        records: dict[ObjectId, ObjectRecord] = {}
        targets: defaultdict[ObjectId, list[Target]] = defaultdict(list)
        for target, found in self._reader.find(news).items():
            if isinstance(found, ObjectRecord) and _is_meant(found, jobs):
                records[found.id] = found
                targets[found.id].append(target)
            else:
                results[target] = found if isinstance(found, Exception) else Outcome.UNTRACKED
        for object_id, result in self._write(records, _merged(news, targets), jobs, extras).items():
            results.update(dict.fromkeys(targets[object_id], result))
        return Applied(results, {each: records[id_] for id_, those in targets.items() for each in those})

    def _write(
        self,
        records: dict[ObjectId, ObjectRecord],
        news: Mapping[ObjectId, History],
        jobs: Mapping[ObjectId, str],
        extras: Extras,
    ) -> dict[ObjectId, Result]:
        """Leaves in `records` what each was when its change was written."""
        results: dict[ObjectId, Result] = {}
        waiting = list(records.values())
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._pause(delay(attempt))
            results.update((record.id, Outcome.UNCHANGED) for record in waiting)
            changes = filter(
                None,
                (change_of(record, news[record.id], extras.get(record.id, NO_EXTRAS)) for record in waiting),
            )
            limit = TRANSACTION_ITEMS >> max(attempt - 1, 0)
            again = [record for group in groups(changes, limit) for record in self._try(group, results)]
            waiting = [record for record in again if _is_meant(record, jobs)]
            results.update((record.id, Outcome.UNTRACKED) for record in again if not _is_meant(record, jobs))
            if not waiting:
                return results
            records.update((record.id, record) for record in waiting)
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
            if len(group) > 1 and error_code(exc) in _REFUSED_FOR_ONE:
                return [change.record for change in group]
            result = exc
        results.update(dict.fromkeys((change.record.id for change in group), result))
        return []


def _is_meant(record: ObjectRecord, jobs: Mapping[ObjectId, str]) -> bool:
    return jobs.get(record.id, record.entry.job_id) == record.entry.job_id


def _refused(
    group: Sequence[Change],
    rows: Sequence[CounterRow],
    reasons: Sequence[Mapping[str, Any]],
    results: dict[ObjectId, Result],
) -> list[ObjectRecord]:
    """Sorts out a refused transaction: records to try again are returned, the others get their outcome."""
    again: list[ObjectRecord] = []
    broken = {
        row: error for row, error in zip(rows, map(refusal, reasons[len(group) :]), strict=True) if error
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
    if reason["Code"] == CHANGED:
        return record_or_error(reason["Item"]) if "Item" in reason else Outcome.UNTRACKED
    refusals = (refusal(reason), *map(broken.get, change.rows))
    return next(filter(None, refusals), change.record)


def _merged(
    news: Mapping[Target, History], targets: Mapping[ObjectId, Iterable[Target]]
) -> dict[ObjectId, History]:
    return {
        object_id: reduce(merge, (news[target] for target in those)) for object_id, those in targets.items()
    }
