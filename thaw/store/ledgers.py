"""What the jobs table counts of records: those loaded into a job, and those that have left it.

A job's `loaded#` rows count every record that loading ever created for it or took over, by storage class. Its
`left#` rows hold what records that moved on to another job had contributed to its counters, which stay.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.jobs import Totals
from thaw.core.records import UNKNOWN, ObjectRecord
from thaw.core.rollups import SEPARATOR, contributions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

LOADED = "loaded"
LEFT = "left"
LEFT_TOTALS = SEPARATOR.join((LEFT, "totals"))
IMPORTED = SEPARATOR.join((LOADED, "imported"))
"""The `loaded#` row with what a job had before anything was loaded: the records of a table import."""

_OBJECTS, _BYTES = "_objects", "_bytes"


class Tables(NamedTuple):
    """The names of the three tables."""

    objects: str
    rollups: str
    jobs: str


class Row(NamedTuple):
    """A row of counters, spread over slots: of `table`, in the partition of `job_id`."""

    table: str
    job_id: str
    name: str


class Amount(NamedTuple):
    """One number of a row."""

    row: Row
    attribute: str


Amounts = Counter[Amount]


def counted(tables: Tables, record: ObjectRecord) -> Amounts:
    """What `record` adds to its job's counters."""
    return Counter(
        {
            Amount(Row(tables.rollups, job_id, metric), attribute): amount
            for (job_id, metric, attribute), amount in contributions(record).items()
        }
    )


def loaded(tables: Tables, record: ObjectRecord) -> Amounts:
    """What `record` adds to the totals of its job."""
    return _totals(Row(tables.jobs, record.entry.job_id, LOADED), record)


def left(tables: Tables, record: ObjectRecord) -> Amounts:
    """What its job keeps of `record` when that moves on."""
    amounts: Amounts = Counter(
        {
            Amount(Row(tables.jobs, job_id, f"{LEFT}{SEPARATOR}{metric}"), attribute): amount
            for (job_id, metric, attribute), amount in contributions(record).items()
        }
    )
    return amounts + _totals(Row(tables.jobs, record.entry.job_id, LEFT_TOTALS), record)


def _totals(row: Row, record: ObjectRecord) -> Amounts:
    storage_class = record.entry.storage_class or UNKNOWN
    size_bytes = record.entry.size_bytes or 0
    return Counter(
        {Amount(row, storage_class + _OBJECTS): 1, Amount(row, storage_class + _BYTES): size_bytes}
    )


class Left(NamedTuple):
    """Of the records that left a job: its counters, by (metric, attribute), and its totals by class."""

    counters: Counter[tuple[str, str]]
    totals: dict[str, Totals]


def read_left(client: "DynamoDBClient", jobs_table: str, job_id: str) -> Left:
    """All that records had contributed to a job before they left it."""
    counters: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    for name, amounts in _rows(client, jobs_table, job_id, LEFT + SEPARATOR):
        row, _, _slot = name.rpartition(SEPARATOR)
        if row == LEFT_TOTALS:
            totals.update(amounts)
        else:
            metric = row.removeprefix(LEFT + SEPARATOR)
            counters.update({(metric, attribute): amount for attribute, amount in amounts.items()})
    return Left(counters, _by_class(totals))


def read_loaded(client: "DynamoDBClient", jobs_table: str, job_id: str) -> dict[str, Totals]:
    """The objects and bytes ever loaded into a job, by storage class, with those it was imported with."""
    totals: Counter[str] = Counter()
    for _name, amounts in _rows(client, jobs_table, job_id, LOADED + SEPARATOR):
        totals.update(amounts)
    return _by_class(totals)


def add_up(by_class: Mapping[str, Totals]) -> Totals:
    """The totals of all storage classes together."""
    parts = by_class.values()
    return Totals(sum(part.objects for part in parts), sum(part.size_bytes for part in parts))


def class_attributes(by_class: Mapping[str, Totals]) -> "dict[str, AttributeValueTypeDef]":
    """Totals as the attributes of a row."""
    objects = {f"{name}{_OBJECTS}": part.objects for name, part in by_class.items()}
    sizes = {f"{name}{_BYTES}": part.size_bytes for name, part in by_class.items()}
    return {name: {"N": str(amount)} for name, amount in {**objects, **sizes}.items()}


def _by_class(amounts: Mapping[str, int]) -> dict[str, Totals]:
    names = sorted({name.removesuffix(_OBJECTS) for name in amounts if name.endswith(_OBJECTS)})
    totals = {name: Totals(amounts[name + _OBJECTS], amounts[name + _BYTES]) for name in names}
    return {name: part for name, part in totals.items() if any(part)}


def _rows(
    client: "DynamoDBClient", table: str, job_id: str, prefix: str
) -> Iterator[tuple[str, dict[str, int]]]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="job_id = :job AND begins_with(#item, :prefix)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":job": {"S": job_id}, ":prefix": {"S": prefix}},
        ConsistentRead=True,
    )
    for item in (item for page in pages for item in page["Items"]):
        numbers = {name: value["N"] for name, value in item.items() if "N" in value}
        yield item["item"].get("S", ""), {name: int(number) for name, number in numbers.items()}
