"""An Athena that unloads: DuckDB over Glue tables of Parquet files in S3.

As on AWS a token starts one query, the folder that is written to has to be empty, the rows come in several
files in no order, and the folders of partitions are named after them.
"""

import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
from botocore.exceptions import ClientError

from thaw.manifests.s3 import S3Uri, list_keys, parse_uri
from thaw.vaults.planning_sql import DUCKDB_MACROS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WORK_GROUP = "thaw"
DATABASE = "thaw"
_FILES = 3
_UNLOAD = re.compile(
    r"UNLOAD \((?P<sql>.*)\)\nTO '(?P<to>s3://[^']+/)'\nWITH \((?P<options>[^)]*)\)", re.DOTALL
)
_TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "boolean": "BOOLEAN"}
_LIMIT = 100


class Query(NamedTuple):
    """A query that was started; `looks` are left before it is done."""

    sql: str
    token: str
    looks: int


class FakeGlue:
    """Tables of one database, by their names."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}

    def create_table(self, **asked: Any) -> dict[str, Any]:
        assert asked["DatabaseName"] == DATABASE
        name = asked["TableInput"]["Name"]
        assert name not in self.tables, "AlreadyExistsException"
        assert asked["TableInput"]["StorageDescriptor"]["Location"].endswith("/")
        self.tables[name] = asked["TableInput"]
        return {}

    def delete_table(self, **asked: Any) -> dict[str, Any]:
        assert asked["DatabaseName"] == DATABASE
        if asked["Name"] not in self.tables:
            error: Any = {"Error": {"Code": "EntityNotFoundException", "Message": "No such table."}}
            raise ClientError(error, "DeleteTable")
        del self.tables[asked["Name"]]
        return {}


class FakeAthena:
    """`looks`: so often a query is seen under way. `failure`: why the next ones fail."""

    def __init__(self, s3: "S3Client", looks: int = 2) -> None:
        self.glue = FakeGlue()
        self.looks = looks
        self.failure = ""
        self.queries: dict[str, Query] = {}
        self.states: dict[str, tuple[str, str]] = {}
        self.stopped: list[str] = []
        self.calls = Counter[str]()
        self._s3 = s3

    def start_query_execution(self, **asked: Any) -> dict[str, str]:
        assert (asked["QueryExecutionContext"], asked["WorkGroup"]) == ({"Database": DATABASE}, WORK_GROUP)
        sql, token = asked["QueryString"], asked["ClientRequestToken"]
        assert len(sql.encode()) <= 262_144
        assert 32 <= len(token) <= 128
        self.calls["start"] += 1
        for query_id, query in self.queries.items():
            if query.token == token:
                assert query.sql == sql, "the same token for another query is refused"
                return {"QueryExecutionId": query_id}
        query_id = f"query-{len(self.queries)}"
        self.queries[query_id] = Query(sql, token, self.looks)
        return {"QueryExecutionId": query_id}

    def get_query_execution(self, **asked: str) -> dict[str, Any]:
        query_id = asked["QueryExecutionId"]
        query = self.queries[query_id]
        if query_id not in self.states:
            if query.looks:
                self.queries[query_id] = query._replace(looks=query.looks - 1)
                return {"QueryExecution": {"Status": {"State": ("RUNNING", "QUEUED")[query.looks % 2]}}}
            self.states[query_id] = self._run(query.sql)
        state, reason = self.states[query_id]
        return {"QueryExecution": {"Status": {"State": state, "StateChangeReason": reason}}}

    def stop_query_execution(self, **asked: str) -> dict[str, Any]:
        query_id = asked["QueryExecutionId"]
        if query_id in self.states:
            error: Any = {"Error": {"Code": "InvalidRequestException", "Message": "It has ended."}}
            raise ClientError(error, "StopQueryExecution")
        self.stopped.append(query_id)
        self.states[query_id] = ("CANCELLED", "Query cancelled by user")
        return {}

    def _run(self, sql: str) -> tuple[str, str]:
        if self.failure:
            return "FAILED", self.failure
        asked = _UNLOAD.fullmatch(sql)
        assert asked, sql[:200]
        place = parse_uri(asked["to"])
        if list(list_keys(self._s3, place)):
            return "FAILED", f"HIVE_PATH_ALREADY_EXISTS: {place}"
        with tempfile.TemporaryDirectory() as work, duckdb.connect() as connection:
            for macro in DUCKDB_MACROS:
                connection.execute(f"CREATE MACRO {macro}")
            self._make_tables(connection, sql, Path(work))
            partitioned = "partitioned_by" in asked["options"]
            self._unload(connection, asked["sql"], place, Path(work), partitioned=partitioned)
        return "SUCCEEDED", ""

    def _make_tables(self, connection: duckdb.DuckDBPyConnection, sql: str, work: Path) -> None:
        for name in sorted(set(re.findall(r"vault_plan_\w+", sql))):
            storage: Any = self.glue.tables[name]["StorageDescriptor"]
            paths: list[str] = []
            for number, key in enumerate(list_keys(self._s3, place := parse_uri(storage["Location"]))):
                paths.append(str(work / f"{name}-{number}"))
                self._s3.download_file(place.bucket, key, paths[-1])
            assert paths, f"{name} has no files"
            columns = ", ".join(
                f"{each['Name']}::{_TYPES[each['Type']]} AS {each['Name']}" for each in storage["Columns"]
            )
            connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM read_parquet({paths})")  # noqa: S608

    def _unload(
        self, connection: duckdb.DuckDBPyConnection, sql: str, place: S3Uri, work: Path, *, partitioned: bool
    ) -> None:
        columns = "* EXCLUDE (bucket), bucket" if partitioned else "*, '' AS bucket"
        connection.execute(f"CREATE TABLE made AS SELECT {columns} FROM ({sql}) ORDER BY random()")  # noqa: S608
        buckets = [row[0] for row in connection.execute("SELECT DISTINCT bucket FROM made").fetchall()]
        assert len(buckets) <= _LIMIT, "HIVE_TOO_MANY_OPEN_PARTITIONS"
        for bucket in buckets:
            folder = f"bucket={bucket}/" if partitioned else ""
            for number in range(_FILES):
                path = work / "file"
                connection.execute(
                    "COPY (SELECT * EXCLUDE (bucket) FROM made WHERE bucket = $bucket AND"  # noqa: S608
                    f" rowid % {_FILES} = {number}) TO '{path}' (FORMAT parquet)",
                    {"bucket": bucket},
                )
                self._s3.upload_file(str(path), place.bucket, f"{place.key}{folder}2026_{number}_{bucket}")
