"""Removes what a job without objects leaves behind: its registration, and counters that add up to nothing."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from thaw.core.rollups import SEPARATOR
from thaw.store.jobs import JOB, REGISTER
from thaw.store.ledgers import LOADED
from thaw.store.reader import chunks
from thaw.store.transactions import TRANSACTION_ITEMS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

    Item = dict[str, AttributeValueTypeDef]


def forget_job(client: "DynamoDBClient", rollups_table: str, job_id: str) -> None:
    """Takes a job's totals and its name out of the rollups table, if they are there."""
    keys = ({"job_id": job_id, "metric": JOB}, {"job_id": REGISTER, "metric": job_id})
    _delete(client, rollups_table, [{name: {"S": text} for name, text in key.items()} for key in keys])


def forget_counters(client: "DynamoDBClient", rollups_table: str, jobs_table: str, job_id: str) -> None:
    """Removes the counters of a job that has no records: those that are zero over all their slots.

    The slots of a counter go together, so that a death on the way leaves no sum wrong.
    """
    _forget(client, rollups_table, "metric", job_id, "")
    _forget(client, jobs_table, "item", job_id, LOADED + SEPARATOR)


def _forget(client: "DynamoDBClient", table: str, sort_key: str, job_id: str, prefix: str) -> None:
    slots: defaultdict[str, list[Item]] = defaultdict(list)
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="job_id = :job",
        ExpressionAttributeValues={":job": {"S": job_id}},
        ConsistentRead=True,
    )
    for item in (item for page in pages for item in page["Items"]):
        row = item[sort_key].get("S", "")
        name = row.rpartition(SEPARATOR)[0]
        if name and row.startswith(prefix):
            slots[name].append({"job_id": item["job_id"], sort_key: item[sort_key]})
            sums[name].update({each: int(value["N"]) for each, value in item.items() if "N" in value})
    for name, keys in slots.items():
        if not any(sums[name].values()):
            _delete(client, table, keys)


def _delete(client: "DynamoDBClient", table: str, keys: "list[Item]") -> None:
    for chunk in chunks(keys, TRANSACTION_ITEMS):
        deletes: list[TransactWriteItemTypeDef] = [
            {"Delete": {"TableName": table, "Key": key}} for key in chunk
        ]
        client.transact_write_items(TransactItems=deletes)
