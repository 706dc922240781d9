"""The expressions of DynamoDB that Thaw uses: SET, REMOVE, ADD, and conditions joined by AND.

Anything else raises NotImplementedError, so that the fake never answers what it does not know.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

import re
from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]

_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD)\s+(.*?)(?=\s+(?:SET|REMOVE|ADD)\s|$)")
_FUNCTION = re.compile(r"(\w+)\(\s*([\w#:]+)\s*(?:,\s*([\w#:]+)\s*)?\)$")
_BETWEEN = re.compile(r"([#\w]+) BETWEEN (:\w+) AND (:\w+)")
_COMPARISON = re.compile(r"([\w#]+)\s*=\s*(:\w+)$")
_PLACEHOLDER = re.compile(r"[#:]\w+")


class ExpressionError(Exception):
    """An expression that DynamoDB answers with a ValidationException."""


class Expressions:
    """The expressions of one request. Raises ExpressionError if its names and values do not fit."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        self._values: Mapping[str, Any] = request.get("ExpressionAttributeValues", {})
        self._update: str = request.get("UpdateExpression", "")
        self._condition: str = request.get("ConditionExpression", "")
        self._key: str = request.get("KeyConditionExpression", "")
        used = set(_PLACEHOLDER.findall(" ".join((self._update, self._condition, self._key))))
        given = {*self._names, *self._values}
        if used != given:
            raise ExpressionError(f"placeholders used {sorted(used)}, given {sorted(given)}")

    def holds(self, item: Item) -> bool:
        """Whether the condition holds for `item` (empty if there is none)."""
        return self._all_hold(self._condition, item)

    def selects(self, item: Item) -> bool:
        """Whether the key condition of a query selects `item`."""
        return self._all_hold(self._key, item)

    def updated(self, item: Item) -> Item:
        """`item` after the update expression."""
        result = dict(item)
        touched: list[str] = []
        for clause, body in _CLAUSE.findall(self._update):
            touched += [self._apply(clause, action.strip(), result) for action in body.split(",")]
        if len(touched) != len(set(touched)):
            raise ExpressionError(f"two document paths overlap: {touched}")
        return result

    def _apply(self, clause: str, action: str, item: Item) -> str:
        words = action.replace("=", " ").split()
        name = self._name(words[0])
        if clause == "SET":
            item[name] = self._values[words[1]]
        elif clause == "REMOVE":
            item.pop(name, None)
        else:
            added = int(self._values[words[1]]["N"])
            item[name] = {"N": str(int(item.get(name, {"N": "0"})["N"]) + added)}
        return name

    def _all_hold(self, condition: str, item: Item) -> bool:
        ranges = list(_BETWEEN.finditer(condition))
        parts = _BETWEEN.sub("", condition).split(" AND ")
        return all(self._within(each, item) for each in ranges) and all(
            self._holds(part.strip(), item) for part in parts if part.strip()
        )

    def _within(self, between: re.Match[str], item: Item) -> bool:
        value, first, last = item[self._name(between[1])], self._values[between[2]], self._values[between[3]]
        return first["S"].encode() <= value["S"].encode() <= last["S"].encode()

    def _holds(self, part: str, item: Item) -> bool:
        if comparison := _COMPARISON.match(part):
            return item.get(self._name(comparison[1])) == self._values[comparison[2]]
        function = _FUNCTION.match(part)
        if function is None:
            raise NotImplementedError(part)
        value = item.get(self._name(function[2]))
        if function[1] == "attribute_exists":
            return value is not None
        if function[1] == "attribute_not_exists":
            return value is None
        if function[1] == "begins_with":
            return value is not None and value["S"].startswith(self._values[function[3]]["S"])
        raise NotImplementedError(part)

    def _name(self, text: str) -> str:
        return self._names[text] if text.startswith("#") else text
