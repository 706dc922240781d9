"""Finds the records of targets: reads of up to a hundred items, strongly consistent.

Consistent, because an object that a lagging read misses would be taken for one nobody asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from thaw.core.errors import ThawError
from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target, copied_versions
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import AmbiguousCopyError, ContentionError
from thaw.store.items import id_of, key_of, record_or_error, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

BATCH_GET_ITEMS = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

Found = ObjectRecord | None | Exception
"""A record, none (nobody asked for the object), or why it could not be read."""

SERVICE_ERRORS = (ThawError, ClientError, BotoCoreError)
"""What a call to a table may raise for reasons that are not ours: it concerns one group of objects."""

T = TypeVar("T")


class RecordReader:
    """Reads records of one objects table. `pause(seconds)` waits between attempts."""

    def __init__(self, client: "DynamoDBClient", table: str, pause: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def find(self, targets: Iterable[Target]) -> dict[Target, Found]:
        """The record of each target."""
        targets = list(targets)
        known: dict[ObjectId, Found] = {}
        for ids in chunks(dict.fromkeys(id_ for target in targets for id_ in target.ids), BATCH_GET_ITEMS):
            known.update(self._get_or_error(ids))
        return {target: self._first(target, known) for target in targets}

    def _first(self, target: Target, known: Mapping[ObjectId, Found]) -> Found:
        for object_id in target.ids:
            found = known.get(object_id)
            if found is not None:
                return found
        try:
            return self._source(target)
        except SERVICE_ERRORS as exc:
            return exc

    def _get_or_error(self, ids: Sequence[ObjectId]) -> Mapping[ObjectId, Found]:
        try:
            return dict(self._get(ids))
        except SERVICE_ERRORS as exc:
            return dict.fromkeys(ids, exc)

    def _get(self, ids: Sequence[ObjectId]) -> Iterator[tuple[ObjectId, Found]]:
        for item in read_items(self._client, self._table, ids, self._pause):
            yield id_of(item), record_or_error(item)

    def _source(self, target: Target) -> ObjectRecord | None:
        for path in target.paths:
            versions = self._versions(path)
            if versions:
                return _the_only(path, copied_versions(versions, target.copied_at))
        return None

    def _versions(self, path: str) -> list[ObjectRecord]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="object_path = :path",
            ExpressionAttributeValues={":path": {"S": path}},
            ConsistentRead=True,
        )
        return [to_record(item) for page in pages for item in page["Items"]]


def read_items(
    client: "DynamoDBClient", table: str, ids: Sequence[ObjectId], pause: Callable[[float], None]
) -> "Iterator[dict[str, AttributeValueTypeDef]]":
    """The items of `ids` (at most BATCH_GET_ITEMS) that are there, as they are. Raises ContentionError."""
    keys = [key_of(object_id) for object_id in ids]
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            pause(delay(attempt))
        answer = client.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        yield from answer["Responses"].get(table, ())
        left = answer["UnprocessedKeys"].get(table)
        if not left:
            return
        keys = [dict(key) for key in left["Keys"]]
    raise ContentionError(
        f"Table {table} left {len(keys)} of {len(ids)} keys unread in {MAX_ATTEMPTS} attempts;"
        " it is throttled."
    )


def _the_only(path: str, possible: Sequence[ObjectRecord]) -> ObjectRecord:
    if len(possible) == 1:
        return possible[0]
    versions = ", ".join(record.id.version_id for record in possible)
    raise AmbiguousCopyError(
        f"A copy of {path} may come from any of its tracked versions {versions}, and S3 does not tell which."
    )


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
