"""The tables of a query are those it reads, and not those it names itself."""

import pytest

from local.launcher.statements import tables_read


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("SELECT 1", set[tuple[str, ...]]()),
        ("SELECT * FROM one, Two AS t JOIN three USING (id)", {("one",), ("two",), ("three",)}),
        ('SELECT * FROM "a"."b"."c" -- FROM remark', {("a", "b", "c")}),
        ("WITH one AS (SELECT * FROM one) SELECT * FROM one", {("one",)}),
        ("WITH one AS (SELECT 1 AS x), two AS (SELECT * FROM one) SELECT * FROM two", set[tuple[str, ...]]()),
        ("WITH one AS (SELECT 1 AS x) SELECT * FROM db.one", {("db", "one")}),
        ("WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b, c) SELECT * FROM a, b", {("c",), ("b",)}),
        ("SELECT 1 FROM a WHERE x IN (SELECT y FROM b) UNION SELECT z FROM c", {("a",), ("b",), ("c",)}),
        ("SELECT * FROM", set[tuple[str, ...]]()),
    ],
)  # fmt: skip
def test_tables(query: str, tables: set[tuple[str, ...]]) -> None:
    assert tables_read(query) == tables
