"""DynamoDB in memory: the few client calls that Thaw makes, with its limits, refusals and atomicity.

Held to the truth by tests/fakes/test_dynamodb.py, which runs the same calls against other implementations.
Every call can be made to fail, by `on_call`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import ClientError

from tests.fakes.expressions import ExpressionError, Expressions, Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OBJECTS = "objects"
ROLLUPS = "rollups"
JOBS = "jobs"
KEYS = {OBJECTS: ("object_path", "version_id"), ROLLUPS: ("job_id", "metric"), JOBS: ("job_id", "item")}
INDEXES = {(JOBS, "active"): ("active", "job_id"), (JOBS, "states"): ("item", "created_at")}
"""(table, index) -> its key; an item without one of the two attributes is not in it."""

_LIMIT = 100
_MAX_KEY_BYTES = (2048, 1024)


class Call(NamedTuple):
    """A call of the client, as asked."""

    operation: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: raise `before` it, or `after` it took effect; cancel a transaction
    for `reasons` (codes by position); leave keys of a BatchGetItem `unprocessed`."""

    before: BaseException | None = None
    after: BaseException | None = None
    reasons: Mapping[int, str] = field(default_factory=dict[int, str])
    unprocessed: int = 0


class TransactionCanceledException(ClientError):  # noqa: N818 - AWS's spelling
    """As the client's own exception of this name."""


class ConditionalCheckFailedException(ClientError):  # noqa: N818 - AWS's spelling
    """As the client's own exception of this name."""


class _Exceptions:
    TransactionCanceledException = TransactionCanceledException
    ConditionalCheckFailedException = ConditionalCheckFailedException


def client_error(operation: str, code: str, message: str = "as the test says") -> ClientError:
    """A service error, as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeDynamoDB:
    """Tables in memory. `client` is what code under test takes for a boto3 client."""

    exceptions = _Exceptions()

    def __init__(self, keys: Mapping[str, tuple[str, str]] = KEYS) -> None:
        self._keys = dict(keys)
        self.tables: dict[str, dict[tuple[str, str], Item]] = {name: {} for name in keys}
        self.calls: list[Call] = []
        self.on_call: Callable[[Call], Fault | None] = lambda _: None
        self.page_size = 2

    @property
    def client(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self)

    def items(self, table: str) -> list[Item]:
        """Copies of all items of a table, by key."""
        return [dict(item) for _, item in sorted(self.tables[table].items())]

    def count(self, operation: str) -> int:
        """How many calls of `operation` were made."""
        return sum(call.operation == operation for call in self.calls)

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._call("GetItem", request, self._get)

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._call("PutItem", request, self._write_one)

    def delete_item(self, **request: Any) -> dict[str, Any]:
        return self._call("DeleteItem", request, self._delete_one)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._call("UpdateItem", request, self._write_one)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._call("BatchGetItem", request, self._batch_get)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        return self._call("TransactWriteItems", request, self._transact)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._call("Query", request, self._query)

    def scan(self, **request: Any) -> dict[str, Any]:
        return self._call("Scan", request, self._query)

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator({"query": self.query, "scan": self.scan}[operation])

    def _call(
        self, operation: str, request: dict[str, Any], act: Callable[[str, Any, Fault], dict[str, Any]]
    ) -> dict[str, Any]:
        call = Call(operation, request)
        fault = self.on_call(call) or Fault()
        self.calls.append(call)
        if fault.before:
            raise fault.before
        try:
            answer = act(operation, request, fault)
        except ExpressionError as exc:
            raise client_error(operation, "ValidationException", str(exc)) from exc
        if fault.after:
            raise fault.after
        return answer

    def _get(self, operation: str, request: Mapping[str, Any], _: Fault) -> dict[str, Any]:
        key = self._key(operation, request["TableName"], request["Key"])
        item = self.tables[request["TableName"]].get(key)
        return {"Item": dict(item)} if item else {}

    def _write_one(self, operation: str, request: Mapping[str, Any], _: Fault) -> dict[str, Any]:
        key, expressions = self._allowed(operation, request)
        self.tables[request["TableName"]][key] = self._written(request, expressions)
        return {}

    def _delete_one(self, operation: str, request: Mapping[str, Any], _: Fault) -> dict[str, Any]:
        key, _expressions = self._allowed(operation, request)
        self.tables[request["TableName"]].pop(key, None)
        return {}

    def _allowed(self, operation: str, request: Mapping[str, Any]) -> tuple[tuple[str, str], Expressions]:
        key = self._place(operation, request)
        expressions = Expressions(request)
        if not expressions.holds(self.tables[request["TableName"]].get(key, {})):
            raise ConditionalCheckFailedException(
                {"Error": {"Code": "ConditionalCheckFailedException", "Message": "refused"}}, operation
            )
        return key, expressions

    def _written(self, request: Mapping[str, Any], expressions: Expressions) -> Item:
        if "Item" in request:
            return dict(request["Item"])
        table = request["TableName"]
        old = self.tables[table].get(self._key("UpdateItem", table, request["Key"]))
        return expressions.updated(old or dict(request["Key"]))

    def _batch_get(self, operation: str, request: Mapping[str, Any], fault: Fault) -> dict[str, Any]:
        responses: dict[str, list[Item]] = {}
        unprocessed: dict[str, Any] = {}
        for name, asked in request["RequestItems"].items():
            keys = [self._key(operation, name, key) for key in asked["Keys"]]
            if len(keys) > _LIMIT or len(set(keys)) != len(keys):
                raise client_error(operation, "ValidationException", "too many keys, or one twice")
            read = len(keys) - fault.unprocessed
            if read < len(keys):
                unprocessed[name] = {**asked, "Keys": asked["Keys"][read:]}
            found = map(self.tables[name].get, keys[:read])
            responses[name] = [dict(item) for item in found if item]
        return {"Responses": responses, "UnprocessedKeys": unprocessed}

    def _transact(self, operation: str, request: Mapping[str, Any], fault: Fault) -> dict[str, Any]:
        writes = [
            next(iter(write.items())) for write in cast("list[dict[str, Any]]", request["TransactItems"])
        ]
        if any(kind not in {"Update", "Put", "Delete"} for kind, _ in writes):
            raise NotImplementedError(str([kind for kind, _ in writes]))
        places = [(write["TableName"], self._place(operation, write)) for _, write in writes]
        if not 0 < len(places) <= _LIMIT or len(set(places)) != len(places):
            raise client_error(operation, "ValidationException", "too many items, or one twice")
        expressions = [Expressions(write) for _, write in writes]
        reasons = [
            self._reason(write, place, expression, fault.reasons.get(position))
            for position, ((_, write), place, expression) in enumerate(
                zip(writes, places, expressions, strict=True)
            )
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise _canceled(operation, reasons)
        for (kind, write), (table, key), expression in zip(writes, places, expressions, strict=True):
            if kind == "Delete":
                self.tables[table].pop(key, None)
            else:
                self.tables[table][key] = self._written(write, expression)
        return {}

    def _reason(
        self,
        write: Mapping[str, Any],
        place: tuple[str, tuple[str, str]],
        expressions: Expressions,
        injected: str | None,
    ) -> dict[str, Any]:
        if injected:
            return {"Code": injected, "Message": "as the test says"}
        old = self.tables[place[0]].get(place[1], {})
        if expressions.holds(old):
            return {"Code": "None"}
        reason: dict[str, Any] = {"Code": "ConditionalCheckFailed", "Message": "refused"}
        if old and write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
            reason["Item"] = dict(old)
        return reason

    def _query(self, _: str, request: Mapping[str, Any], __: Fault) -> dict[str, Any]:
        expressions = Expressions(request)
        table = request["TableName"]
        index = INDEXES[table, request["IndexName"]] if "IndexName" in request else ()
        names = dict.fromkeys((*index, *self._keys[table]))
        backwards = not request.get("ScanIndexForward", True)
        found = sorted(
            (
                (tuple(item[name]["S"] for name in names), item)
                for item in self.tables[table].values()
                if all(name in item for name in names) and expressions.selects(item)
            ),
            key=itemgetter(0),
        )
        found = found[::-1] if backwards else found
        if start := request.get("ExclusiveStartKey"):
            after = tuple(start[name]["S"] for name in names)
            found = [(key, item) for key, item in found if (key < after if backwards else key > after)]
        size = min(self.page_size, request.get("Limit", self.page_size))
        page: dict[str, Any] = {"Items": [dict(item) for _, item in found[:size]]}
        if len(found) > size:
            page["LastEvaluatedKey"] = {name: page["Items"][-1][name] for name in names}
        return page

    def _place(self, operation: str, write: Mapping[str, Any]) -> tuple[str, str]:
        return self._key(operation, write["TableName"], write.get("Key") or write["Item"])

    def _key(self, operation: str, table: str, item: Mapping[str, Any]) -> tuple[str, str]:
        """The key of `item`; refused if it is not text of a length that DynamoDB takes."""
        texts = tuple(item[name].get("S") for name in self._keys[table])
        for text, limit in zip(texts, _MAX_KEY_BYTES, strict=True):
            if not isinstance(text, str) or not 0 < len(text.encode()) <= limit:
                raise client_error(operation, "ValidationException", f"{text!r} is no key")
        return cast("tuple[str, str]", texts)


def _canceled(operation: str, reasons: Sequence[Mapping[str, Any]]) -> TransactionCanceledException:
    codes = ", ".join(reason["Code"] for reason in reasons)
    error = {"Code": "TransactionCanceledException", "Message": f"Transaction cancelled [{codes}]"}
    return TransactionCanceledException(
        cast("Any", {"Error": error, "CancellationReasons": list(reasons)}), operation
    )


class _Paginator:
    def __init__(self, ask: Callable[..., dict[str, Any]]) -> None:
        self._ask = ask

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        page = self._ask(**request)
        yield page
        while "LastEvaluatedKey" in page:
            page = self._ask(**request, ExclusiveStartKey=page["LastEvaluatedKey"])
            yield page
