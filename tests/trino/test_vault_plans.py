"""The planning SQL on a real Trino, which Athena is: the plan that DuckDB makes, row by row."""

import random
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from trino.dbapi import Connection, Cursor

from tests.trino.loading import load
from tests.vaults.described import NAMED, archive_id, inventory, row, rows_of
from thaw.vaults.athena_sql import QUERIES, Bucket, unload
from thaw.vaults.plan_database import plan_database
from thaw.vaults.plan_sources import PlanSources
from thaw.vaults.planning_sql import PlanParameters, with_query

pytestmark = pytest.mark.trino

SOURCES = ("inventory_lines", "overrides", "former", "existing")
BUCKET_ROWS = 50
LONG = PlanParameters(prefix="p" * 400 + "/ä/")
EACH = (
    PlanParameters(),
    LONG,
    PlanParameters("in/", "2012-05-15T00:00:05.000Z", "2012-05-15T00:01:00.000Z", 1, 10**12, "*.t?t"),
)


def lines() -> str:
    """Every format, each thrice; names too long; rows that are none; sizes and ids that do not fit."""
    chance = random.Random(5)
    names = [description for description, _ in NAMED] * 3
    names += ["x" * 1024, "y" * 1023 + ".txt", "a/" * 512, "n" * 600 + ".jpg"] * 2
    rows = rows_of(names)
    chance.shuffle(rows)
    rows += [rows[0], rows[1] | {"Size": 5}, row(9000, "big", size=10**14)]
    return inventory(rows) + 'junk,"x",1,2\n\n"quoted","","2012-05-15T17:19:46Z","7","' + "a" * 64 + '"\r\n'


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> PlanSources:
    folder = tmp_path_factory.mktemp("plan")
    for name, text in {
        "inventory": lines(),
        "names": f"archive_id,name\n{archive_id(3)},plain.txt\n{archive_id(4)},ü/../ö\n",
        "former": f"archive_id,key,size_bytes,created_at,sha256_tree_hash,description,exists\n"
        f"{archive_id(38)},plain.txt,1,,,,false\n",
        "existing": "key\nplain.txt\nin/v2.txt\n",
    }.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return PlanSources(
        folder / "inventory.csv", folder / "names.csv", (folder / "former.csv",), (folder / "existing.csv",)
    )


@pytest.mark.parametrize("parameters", EACH)
def test_trino_and_duckdb_make_the_same_plan(
    trino: Connection, sources: PlanSources, parameters: PlanParameters, tmp_path: Path
) -> None:
    with plan_database(tmp_path, 10**9) as database:
        database.make(sources, parameters)
        expected = database.rows("SELECT * FROM planned ORDER BY ordinal, archive_id, reason, line")
        cursor, schema = trino.cursor(), f"plan_{EACH.index(parameters)}"
        cursor.execute(f"CREATE SCHEMA memory.{schema}").fetchall()
        loaded = duckdb.connect()
        for name in SOURCES:
            rows = database.rows(f"SELECT * FROM {name}")  # noqa: S608 - our own names
            columns = {
                "inventory_lines": "line",
                "overrides": "archive_id, name",
                "former": "archive_id, key",
            }
            texts = columns.get(name, "key").split(", ")
            loaded.execute(f"CREATE TABLE {name} ({', '.join(f'{text} VARCHAR' for text in texts)})")
            if rows:
                marks = ", ".join("?" for _ in texts)
                loaded.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - as above
            load(loaded, name, cursor, f"memory.{schema}")
    cursor.execute(f"USE memory.{schema}").fetchall()
    found = cursor.execute(with_query(parameters)).fetchall()
    assert in_order(found) == expected
    assert len(expected) > len(NAMED) * 3
    assert in_order(by_steps(cursor, f"memory.{schema}", parameters)) == expected


def in_order(rows: list[Any]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in rows), key=lambda each: (each[0], each[1], each[10], each[11]))


def by_steps(cursor: Cursor, schema: str, parameters: PlanParameters) -> list[Any]:
    """The plan as Athena makes it: each answer stored, and the next made of it. Without what is unloaded."""
    tables = {name: f"{schema}.{name}" for name in SOURCES}
    cursor.execute(f"ALTER TABLE {schema}.former RENAME TO {schema}.keys").fetchall()
    cursor.execute(f"CREATE TABLE {tables['former']} AS SELECT 0 AS place, * FROM {schema}.keys").fetchall()  # noqa: S608
    for relation in QUERIES:
        statement = unload(relation, parameters, tables, "s3://thaw-jobs/made/", BUCKET_ROWS)
        asked = re.fullmatch(r"UNLOAD \((.*)\)\nTO 's3://thaw-jobs/made/'\nWITH \(.*\)", statement, re.DOTALL)
        assert asked
        cursor.execute(f"CREATE TABLE {schema}.{relation} AS {asked[1]}").fetchall()
        tables[relation] = f"{schema}.{relation}"
    made = cursor.execute(f"SELECT * FROM {schema}.planned").fetchall()  # noqa: S608
    for each in made:
        excluded, number = Bucket.of(each[-1])
        assert (each[0] < 0, (abs(each[0]) - 1) // BUCKET_ROWS) == (excluded, number)
    return [each[:-1] for each in made]
