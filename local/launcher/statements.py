"""Which tables a query reads, told by DuckDB's own parser."""

import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

Path = tuple[str, ...]
"""A table's name, with its database and catalog before it as far as the query names them."""


def tables_read(query: str) -> set[Path]:
    """The tables of a query, without what it names itself in WITH; none of one that cannot be parsed."""
    duckdb: Any = importlib.import_module("duckdb")
    with duckdb.connect(":memory:") as connection:
        (text,) = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    return set(_tables(json.loads(text), frozenset()))


def _tables(part: Any, named: frozenset[str]) -> Iterator[Path]:
    """The tables of a part of the parsed query; `named` are the names given by WITH that hold there."""
    if isinstance(part, list):
        for each in cast("list[Any]", part):
            yield from _tables(each, named)
    elif isinstance(part, dict):
        yield from _tables_of_node(cast("dict[str, Any]", part), named)


def _tables_of_node(node: Mapping[str, Any], named: frozenset[str]) -> Iterator[Path]:
    for given in node.get("cte_map", {}).get("map", []):
        # The query of a name sees the names before it, and not its own.
        yield from _tables(given["value"], named)
        named |= {given["key"].lower()}
    if node.get("type") == "BASE_TABLE":
        path: Path = tuple(part.lower() for part in node["qualified_name"]["path"])
        if path[1:] or path[-1] not in named:
            yield path
    for key, value in node.items():
        if key != "cte_map":
            yield from _tables(value, named)
