"""The fake answers as another implementation of DynamoDB does: the same calls, the same answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from benchmarks.tables import create_tables
from local.emulator import Emulator
from tests.fakes.dynamodb import JOBS, KEYS, OBJECTS, ROLLUPS, FakeDynamoDB

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Ask = Callable[["DynamoDBClient"], Any]


def _key(number: int) -> dict[str, Any]:
    return {"object_path": {"S": f"archive/{number}"}, "version_id": {"S": "null"}}


def _item(number: int, **more: str) -> dict[str, Any]:
    return {**_key(number), **{name: {"S": text} for name, text in more.items()}}


def _set(number: int, condition: str, *, old: bool = True) -> dict[str, Any]:
    update = {
        "TableName": OBJECTS,
        "Key": _key(number),
        "UpdateExpression": "SET #0 = :0, #1 = :1 REMOVE #2",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#0": "status", "#1": "revision", "#2": "error_code"},
        "ExpressionAttributeValues": {":0": {"S": "FAILED"}, ":1": {"N": "1"}},
    }
    return {"Update": {**update, **({"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if old else {})}}


def _add(metric: str, **amounts: int) -> dict[str, Any]:
    numbers = list(enumerate(amounts.items()))
    return {
        "Update": {
            "TableName": ROLLUPS,
            "Key": {"job_id": {"S": "job-1"}, "metric": {"S": metric}},
            "UpdateExpression": "ADD " + ", ".join(f"#{number} :{number}" for number, _ in numbers),
            "ExpressionAttributeNames": {f"#{number}": name for number, (name, _) in numbers},
            "ExpressionAttributeValues": {f":{number}": {"N": str(value)} for number, (_, value) in numbers},
        }
    }


def _transact(*items: Any) -> Ask:
    return lambda client: client.transact_write_items(TransactItems=list(items))


def _update(**more: Any) -> Ask:
    request: dict[str, Any] = {
        "TableName": OBJECTS,
        "Key": _key(1),
        "UpdateExpression": "SET tier = :0",
        "ExpressionAttributeValues": {":0": {"S": "Bulk"}},
        **more,
    }
    return lambda client: client.update_item(**request)


def _batch_get(*keys: dict[str, Any]) -> Ask:
    asked: Any = {OBJECTS: {"Keys": list(keys), "ConsistentRead": True}}

    def ask(client: "DynamoDBClient") -> Any:
        answer = client.batch_get_item(RequestItems=asked)
        found = sorted(answer["Responses"][OBJECTS], key=lambda item: str(item["object_path"]))
        return found, answer["UnprocessedKeys"]

    return ask


def _pages(operation: str, **request: Any) -> Ask:
    def ask(client: "DynamoDBClient") -> list[Any]:
        pages: Iterable[Any] = cast("Any", client).get_paginator(operation).paginate(**request)
        return sorted((item for page in pages for item in page["Items"]), key=str)

    return ask


def _delete(number: int, condition: str) -> dict[str, Any]:
    delete = {"TableName": OBJECTS, "Key": _key(number), "ConditionExpression": condition}
    return {"Delete": {**delete, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}


def _put(number: int, condition: str) -> dict[str, Any]:
    put = {"TableName": OBJECTS, "Item": _item(number, tier="Bulk"), "ConditionExpression": condition}
    return {"Put": {**put, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}


def _from_index(index: str, key: str, value: str, **more: Any) -> Ask:
    """The items of an index of the jobs table, page by page, in their order."""

    def ask(client: "DynamoDBClient") -> list[Any]:
        for number, (state, active) in enumerate([("state", "yes"), ("state", ""), ("loaded#0", "yes")]):
            texts = {
                "job_id": f"job-{number}",
                "item": state,
                "active": active,
                "created_at": f"{9 - number}",
            }
            there = {name: {"S": text} for name, text in texts.items() if text}
            client.put_item(TableName=JOBS, Item=cast("Any", there))
        request: Any = {
            "TableName": JOBS,
            "IndexName": index,
            "KeyConditionExpression": "#key = :value",
            "ExpressionAttributeNames": {"#key": key},
            "ExpressionAttributeValues": {":value": {"S": value}},
            "Limit": 1,
        }
        items: list[Any] = []
        while True:
            page = client.query(**request, **more)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    return ask


_IS_NEW = "attribute_exists(object_path) AND attribute_not_exists(revision)"
_BIG_KEY = {"object_path": {"S": "b" * 2049}, "version_id": {"S": "null"}}
_EMPTY_KEY = {"object_path": {"S": "b"}, "version_id": {"S": ""}}
_PATH = {":path": {"S": "archive/1"}}

CALLS: Mapping[str, Ask] = {
    "get": lambda client: client.get_item(TableName=OBJECTS, Key=_key(1)).get("Item"),
    "get what is not there": lambda client: client.get_item(TableName=OBJECTS, Key=_key(7)).get("Item"),
    "put": lambda client: client.put_item(TableName=OBJECTS, Item=_item(9)),
    "put under a condition that fails": lambda client: client.put_item(
        TableName=OBJECTS, Item=_item(1), ConditionExpression="attribute_not_exists(object_path)"
    ),
    "update": _update(),
    "update what is not there": _update(Key=_key(7)),
    "update under a condition that holds": _update(
        ConditionExpression="job_id = :1", ExpressionAttributeValues={":0": {"S": "x"}, ":1": {"S": "job-1"}}
    ),
    "update under a condition that fails": _update(ConditionExpression="attribute_not_exists(job_id)"),
    "update with a value unused": _update(
        ExpressionAttributeValues={":0": {"S": "Bulk"}, ":1": {"S": "unused"}}
    ),
    "update with a name unused": _update(ExpressionAttributeNames={"#0": "unused"}),
    "update with a value missing": _update(UpdateExpression="SET tier = :0, job_id = :1"),
    "update one attribute twice": _update(UpdateExpression="SET tier = :0, tier = :0"),
    "update a key too long": _update(Key=_BIG_KEY),
    "batch get": _batch_get(_key(1), _key(7), _key(2)),
    "batch get of one key twice": _batch_get(_key(1), _key(1)),
    "batch get of 100 keys": _batch_get(*map(_key, range(100))),
    "batch get of 101 keys": _batch_get(*map(_key, range(101))),
    "batch get of a key too long": _batch_get(_key(1), _BIG_KEY),
    "batch get of an empty key": _batch_get(_key(1), _EMPTY_KEY),
    "transaction": _transact(_set(1, _IS_NEW), _set(2, _IS_NEW), _add("status#0", objects=2, bytes=-5)),
    "transaction that adds twice": _transact(_add("status#0", objects=2), _add("status#1", objects=3)),
    "transaction refused for the old item": _transact(
        _set(1, _IS_NEW), _set(3, _IS_NEW), _add("status#0", objects=2)
    ),
    "transaction refused without the old item": _transact(_set(3, _IS_NEW, old=False)),
    "transaction refused for no item": _transact(_set(7, _IS_NEW), _set(1, _IS_NEW)),
    "transaction that names an item twice": _transact(_set(1, _IS_NEW), _set(1, _IS_NEW)),
    "transaction of 100 items": _transact(*(_add(f"status#{number}", objects=1) for number in range(100))),
    "transaction of 101 items": _transact(*(_add(f"status#{number}", objects=1) for number in range(101))),
    "transaction with a key too long": _transact(
        _set(1, _IS_NEW), {"Put": {"TableName": OBJECTS, "Item": _BIG_KEY}}
    ),
    "delete": lambda client: client.delete_item(TableName=OBJECTS, Key=_key(1)),
    "delete what is not there": lambda client: client.delete_item(TableName=OBJECTS, Key=_key(7)),
    "delete under a condition that fails": lambda client: client.delete_item(
        TableName=OBJECTS, Key=_key(1), ConditionExpression="attribute_not_exists(object_path)"
    ),
    "transaction that deletes and puts": _transact(
        _delete(1, "attribute_exists(object_path)"), _put(7, "attribute_not_exists(object_path)")
    ),
    "transaction refused for what it would delete": _transact(_delete(3, _IS_NEW), _put(7, _IS_NEW)),
    "transaction refused for what it would put": _transact(
        _delete(1, _IS_NEW), _put(3, "attribute_not_exists(object_path)")
    ),
    "query an index": _from_index("active", "active", "yes"),
    "query an index backwards": _from_index("states", "item", "state", ScanIndexForward=False),
    "query an index that has no such item": _from_index("active", "active", "no"),
    "query": _pages(
        "query",
        TableName=OBJECTS,
        KeyConditionExpression="object_path = :path",
        ExpressionAttributeValues=_PATH,
    ),
    "query by prefix": _pages(
        "query",
        TableName=OBJECTS,
        KeyConditionExpression="object_path = :path AND begins_with(version_id, :nu)",
        ExpressionAttributeValues={**_PATH, ":nu": {"S": "nu"}},
    ),
    "scan": _pages("scan", TableName=OBJECTS),
}
"""Each is asked of tables that hold archive/1 in three versions, archive/2, and archive/3, changed before."""

LAXER_MOTO = {"batch get of a key too long", "batch get of an empty key"}
LAXER_EMULATOR = {"update with a value missing", "update one attribute twice"}
"""What DynamoDB refuses and the other implementation takes; the fake refuses it too."""

_BESIDES = ("ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics")


@pytest.fixture(scope="module")
def moto_client() -> "Iterator[DynamoDBClient]":
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture(scope="module")
def emulator_client() -> "Iterator[DynamoDBClient]":
    with Emulator() as emulator:
        yield emulator.client("dynamodb")


@pytest.mark.parametrize("name", sorted(CALLS.keys() - LAXER_MOTO))
def test_the_fake_answers_as_moto(name: str, moto_client: "DynamoDBClient") -> None:
    assert _answer(FakeDynamoDB().client, CALLS[name]) == _truth(moto_client, CALLS[name])


@pytest.mark.emulator
def test_the_fake_answers_as_the_emulator(emulator_client: "DynamoDBClient") -> None:
    asked = sorted(CALLS.keys() - LAXER_EMULATOR)
    differing = [
        name
        for name in asked
        if _answer(FakeDynamoDB().client, CALLS[name]) != _truth(emulator_client, CALLS[name])
    ]
    assert not differing


@pytest.mark.parametrize("name", sorted(LAXER_MOTO | LAXER_EMULATOR))
def test_the_fake_refuses_what_dynamodb_refuses(name: str) -> None:
    answer, *_ = _answer(FakeDynamoDB().client, CALLS[name])
    assert answer[1] == "ValidationException"


def _truth(client: "DynamoDBClient", ask: Ask) -> Any:
    create_tables(client)
    try:
        return _answer(client, ask)
    finally:
        for table in KEYS:
            client.delete_table(TableName=table)


def _answer(client: "DynamoDBClient", ask: Ask) -> Any:
    """What the call returned or raised, and what the tables hold then."""
    for version in ("null", "v1", "v2"):
        client.put_item(
            TableName=OBJECTS,
            Item={**_item(1, job_id="job-1", error_code="AccessDenied"), "version_id": {"S": version}},
        )
    client.put_item(TableName=OBJECTS, Item=_item(2, job_id="job-1"))
    client.put_item(TableName=OBJECTS, Item={**_item(3, job_id="job-1"), "revision": {"N": "4"}})
    client.put_item(
        TableName=ROLLUPS,
        Item={"job_id": {"S": "job-1"}, "metric": {"S": "status#0"}, "objects": {"N": "40"}},
    )
    try:
        answer = ask(client)
    except ClientError as exc:
        answer = _refusal(exc)
    if isinstance(answer, dict):
        answer = {
            name: value for name, value in cast("dict[str, Any]", answer).items() if name not in _BESIDES
        }
    return answer, _pages("scan", TableName=OBJECTS)(client), _pages("scan", TableName=ROLLUPS)(client)


def _refusal(error: ClientError) -> Any:
    response: Any = error.response
    reasons = [
        {name: value for name, value in reason.items() if name != "Message"}
        for reason in response.get("CancellationReasons", ())
    ]
    return type(error).__name__ if reasons else "", response["Error"]["Code"], reasons
