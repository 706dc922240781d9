"""The two tables, created and filled as a deployment does it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from thaw.store.reader import chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, WriteRequestTypeDef

OBJECTS = "objects"
ROLLUPS = "rollups"
_KEYS = {OBJECTS: ("object_path", "version_id"), ROLLUPS: ("job_id", "metric")}

_BATCH_WRITE_ITEMS = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""


def create_tables(client: "DynamoDBClient") -> None:
    """Both tables, empty."""
    for table, (hash_key, range_key) in _KEYS.items():
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": hash_key, "KeyType": "HASH"},
                {"AttributeName": range_key, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": hash_key, "AttributeType": "S"},
                {"AttributeName": range_key, "AttributeType": "S"},
            ],
        )


def fill(client: "DynamoDBClient", table: str, items: "Iterable[dict[str, AttributeValueTypeDef]]") -> None:
    """Puts `items` into `table`."""
    for chunk in chunks(items, _BATCH_WRITE_ITEMS):
        puts: Sequence[WriteRequestTypeDef] = [{"PutRequest": {"Item": item}} for item in chunk]
        answer = client.batch_write_item(RequestItems={table: puts})
        assert not answer["UnprocessedItems"], "the emulator does not throttle"
