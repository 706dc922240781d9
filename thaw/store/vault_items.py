"""What the rows of vault transfers in the jobs table have in common: their keys, texts and numbers."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]


def item_key(job_id: str, item: str) -> "dict[str, AttributeValueTypeDef]":
    """The primary key of the item `item` of a job."""
    return {"job_id": {"S": job_id}, "item": {"S": item}}


def texts(values: Mapping[str, str]) -> "dict[str, AttributeValueTypeDef]":
    """Texts as attributes."""
    return {name: {"S": text} for name, text in values.items()}


def numbers(values: Mapping[str, int]) -> "dict[str, AttributeValueTypeDef]":
    """Whole numbers as attributes."""
    return {name: {"N": str(number)} for name, number in values.items()}


def text_of(item: "Item", name: str) -> str:
    """A text of an item, "" where it has none."""
    return item.get(name, {}).get("S", "")


def number_of(item: "Item", name: str) -> int:
    """A number of an item, 0 where it has none."""
    return int(item.get(name, {}).get("N", "0"))


def items_of(
    client: "DynamoDBClient", table: str, job_id: str, prefix: str, **more: Any
) -> "Iterator[dict[str, AttributeValueTypeDef]]":
    """The items of a job whose sort keys begin with `prefix`, in their order, every page strongly
    consistent. `more` goes into the query."""
    names = {"#item": "item", **more.pop("ExpressionAttributeNames", {})}
    values = {":job": {"S": job_id}, ":prefix": {"S": prefix}, **more.pop("ExpressionAttributeValues", {})}
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="job_id = :job AND begins_with(#item, :prefix)",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
        ConsistentRead=True,
        **more,
    )
    yield from (item for page in pages for item in page["Items"])
