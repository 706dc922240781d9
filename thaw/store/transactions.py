"""One transaction: changed records, each unchanged since it was read, and the counter rows they touch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from thaw.core.history import History, merge, news_since
from thaw.core.records import ObjectRecord
from thaw.core.rollups import SEPARATOR, Counters, deltas
from thaw.store.items import REVISION, history_attributes, key_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

TRANSACTION_ITEMS = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

The 4 MB limit is never near: an item holds a key of 1 KB and an error message of 1 KB at most."""

CounterRow = tuple[str, str]
"""(job_id, metric without its slot)"""

CounterRows = defaultdict[CounterRow, dict[str, int]]


NO_EXTRAS: Mapping[str, str] = MappingProxyType({})


class Change(NamedTuple):
    """A record as read, what it becomes, and what that does to the counters; `extras` are further attributes
    that it gets, which are no part of its history."""

    record: ObjectRecord
    history: History
    counters: Counters
    extras: Mapping[str, str] = NO_EXTRAS

    @property
    def rows(self) -> frozenset[CounterRow]:
        return frozenset((key.job_id, key.metric) for key in self.counters)


def change_of(record: ObjectRecord, news: History, extras: Mapping[str, str] = NO_EXTRAS) -> Change | None:
    """What `news` changes in `record`; None when it says nothing new, then `extras` say nothing either."""
    history = merge(record.history, news_since(news, record.since))
    if history == record.history:
        return None
    return Change(record, history, deltas(record.entry, record.history, history), extras)


class _TouchesRows(Protocol):
    @property
    def rows(self) -> frozenset[tuple[str, ...]]: ...


G = TypeVar("G", bound=_TouchesRows)


def groups(changes: Iterable[G], limit: int = TRANSACTION_ITEMS) -> Iterator[list[G]]:
    """`changes` in groups that fit a transaction, those that touch the same counter rows together."""
    group: list[G] = []
    rows: frozenset[tuple[str, ...]] = frozenset()
    for change in sorted(changes, key=lambda change: sorted(change.rows)):
        if group and len(group) + 1 + len(rows | change.rows) > limit:
            yield group
            group, rows = [], frozenset()
        group.append(change)
        rows |= change.rows
    if group:
        yield group


def counter_rows(group: Iterable[Change]) -> CounterRows:
    """What `group` adds to each counter row, by attribute; no zeros, no empty rows."""
    rows: CounterRows = defaultdict(dict)
    for (job_id, metric, attribute), amount in _sum(change.counters for change in group).items():
        if amount:
            rows[job_id, metric][attribute] = amount
    return rows


def transaction(
    group: Sequence[Change], rows: CounterRows, objects_table: str, rollups_table: str, slot: int
) -> "list[TransactWriteItemTypeDef]":
    """The items of the transaction that writes `group`: the records in order, then its counter `rows`."""
    return [
        *(_update_record(change, objects_table) for change in group),
        *(_add_to_row(row, amounts, rollups_table, slot) for row, amounts in rows.items()),
    ]


def _sum(parts: Iterable[Counters]) -> Counters:
    total: Counters = Counter()
    for part in parts:
        total.update(part)
    return total


def _update_record(change: Change, table: str) -> "TransactWriteItemTypeDef":
    before = history_attributes(change.record.history)
    after = history_attributes(change.history)
    revision = change.record.revision
    values: dict[str, AttributeValueTypeDef] = {
        **{name: value for name, value in after.items() if before.get(name) != value},
        **{name: {"S": text} for name, text in change.extras.items()},
        REVISION: {"N": str(revision + 1)},
    }
    gone = [name for name in before if name not in after]
    names = {f"#{number}": name for number, name in enumerate((*values, *gone))}
    expression_values = {f":{number}": value for number, value in enumerate(values.values())}
    condition = "attribute_exists(object_path) AND attribute_not_exists(revision)"
    if revision:
        condition = "revision = :read"
        expression_values[":read"] = {"N": str(revision)}
    return {
        "Update": {
            "TableName": table,
            "Key": key_of(change.record.id),
            "UpdateExpression": _update_expression(len(values), len(gone)),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": expression_values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _update_expression(sets: int, removes: int) -> str:
    """Sets the attributes #0, #1, ... to the values :0, :1, ..., and removes those after them."""
    expression = "SET " + ", ".join(f"#{number} = :{number}" for number in range(sets))
    if removes:
        expression += " REMOVE " + ", ".join(f"#{number}" for number in range(sets, sets + removes))
    return expression


def _add_to_row(
    row: CounterRow, amounts: Mapping[str, int], table: str, slot: int
) -> "TransactWriteItemTypeDef":
    job_id, metric = row
    name = f"{metric}{SEPARATOR}{slot}"
    return add_to_item(table, {"job_id": {"S": job_id}, "metric": {"S": name}}, amounts)


def add_to_item(
    table: str, key: "Mapping[str, AttributeValueTypeDef]", amounts: Mapping[str, int]
) -> "TransactWriteItemTypeDef":
    """Adds `amounts` to the numbers of an item, which comes into being where it is missing."""
    numbers = list(enumerate(amounts.items()))
    return {
        "Update": {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "ADD " + ", ".join(f"#{number} :{number}" for number, _ in numbers),
            "ExpressionAttributeNames": {f"#{number}": name for number, (name, _) in numbers},
            "ExpressionAttributeValues": {
                f":{number}": {"N": str(amount)} for number, (_, amount) in numbers
            },
        }
    }
