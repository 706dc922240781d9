"""The tables, created and filled as a deployment does it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from thaw.store.reader import chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        KeySchemaElementTypeDef,
        WriteRequestTypeDef,
    )

OBJECTS = "objects"
ROLLUPS = "rollups"
JOBS = "jobs"
_KEYS = {OBJECTS: ("object_path", "version_id"), ROLLUPS: ("job_id", "metric")}

_BATCH_WRITE_ITEMS = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""


def create_tables(client: "DynamoDBClient") -> None:
    """All tables, empty."""
    for table, key in _KEYS.items():
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema(*key),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in key],
        )
    names = ("job_id", "item", "active", "created_at")
    client.create_table(
        TableName=JOBS,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("job_id", "item"),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {"IndexName": name, "KeySchema": _schema(*key), "Projection": {"ProjectionType": "ALL"}}
            for name, key in {"active": ("active", "job_id"), "states": ("item", "created_at")}.items()
        ],
    )


def _schema(hash_key: str, range_key: str) -> "list[KeySchemaElementTypeDef]":
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]


def fill(client: "DynamoDBClient", table: str, items: "Iterable[dict[str, AttributeValueTypeDef]]") -> None:
    """Puts `items` into `table`."""
    for chunk in chunks(items, _BATCH_WRITE_ITEMS):
        puts: Sequence[WriteRequestTypeDef] = [{"PutRequest": {"Item": item}} for item in chunk]
        answer = client.batch_write_item(RequestItems={table: puts})
        assert not answer["UnprocessedItems"], "the emulator does not throttle"
