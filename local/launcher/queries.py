"""Mends of how the emulator's Athena runs a query: on which tables, as whom, and where its results go."""

import asyncio
import contextlib
import importlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import shapes
import statements
from catalogs import GLUE, Place, Services, Table
from relations import quoted

_LOOKS, _LOOK_SECONDS = 50, 0.01

_TYPES = {
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    # DuckDB's sum of bigint; Trino's is bigint.
    "HUGEINT": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double",
    "DECIMAL": "decimal",
    "VARCHAR": "varchar",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
}
"""Athena's names of DuckDB's types of results."""


def queries_find_tables_by_their_names(services: Services) -> None:
    """Names are replaced in a query's text, which WITH confuses, and catalogs of connectors are unknown."""
    athena = services.athena

    def make(_original: Any) -> Callable[..., Any]:
        async def run(query: str, database: str, catalog: str | None = None) -> dict[str, Any]:
            here = Place(catalog or GLUE, database)
            # On the loop, where nobody writes meanwhile: a query sees the rows of one moment.
            tables = [_table(services, path, here) for path in sorted(statements.tables_read(query))]
            return await asyncio.to_thread(_answer, query, here, tables)

        return run

    shapes.replace(athena, "_run_duckdb", "734c2e91cdac", make)


def a_look_at_a_query_waits_for_it_a_little(athena: Any) -> None:
    """Clients look again after a second, while queries here take hundredths."""

    def make(original: Any) -> Callable[..., Any]:
        async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            if headers.get("x-amz-target", "").endswith(".GetQueryExecution"):
                await _wait_a_little(athena, json.loads(body).get("QueryExecutionId"))
            return await original(method, path, headers, body, query)

        return handle

    shapes.replace(athena, "handle_request", "2f5558612eba", make)


def work_groups_are_enforced(athena: Any) -> None:
    """A work group may be unknown, and its enforced output location is overruled by the caller's."""

    def make(original: Any) -> Callable[..., Any]:
        def start(data: dict[str, Any]) -> Any:
            name = data.get("WorkGroup", "primary")
            group = athena._workgroups.get(name)
            if group is None or group["State"] != "ENABLED":
                message = f"WorkGroup {name} is not found or not enabled."
                return athena.error_response_json("InvalidRequestException", message, 400)
            location = _output_location(group["Configuration"], data.get("ResultConfiguration", {}))
            return original({**data, "ResultConfiguration": {"OutputLocation": location}})

        return start

    shapes.replace(athena, "_start_query_execution", "405753f7beaf", make)


def results_are_where_they_are_said_to_be(services: Services) -> None:
    """The result lies at `OutputLocation/ID.csv`, while OutputLocation names the file already.

    Athena finds and writes it with the rights of the caller.
    https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
    """
    athena = services.athena

    def make(original: Any) -> Callable[..., Any]:
        async def save(query_id: str) -> None:
            arn = _result_arn(athena, query_id)
            services.permissions.require("s3:GetBucketLocation", arn.partition("/")[0])
            services.permissions.require("s3:PutObject", arn)
            configuration = athena._executions[query_id]["ResultConfiguration"]
            said = configuration["OutputLocation"]
            configuration["OutputLocation"] = said.rpartition("/")[0]
            await original(query_id)
            configuration["OutputLocation"] = said

        return save

    shapes.replace(athena, "_save_query_results", "4ff2ac770a74", make)


def results_are_read_with_the_rights_of_the_caller(services: Services) -> None:
    """https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html"""
    athena = services.athena

    def make(original: Any) -> Callable[..., Any]:
        def read(data: dict[str, Any]) -> Any:
            try:
                services.permissions.require("s3:GetObject", _result_arn(athena, data["QueryExecutionId"]))
            except PermissionError as exc:
                return athena.error_response_json("InvalidRequestException", str(exc), 400)
            return original(data)

        return read

    shapes.replace(athena, "_get_query_results", "abd778cbcf28", make)


def _result_arn(athena: Any, query_id: str) -> str:
    execution = athena._executions.get(query_id) or {"ResultConfiguration": {"OutputLocation": ""}}
    path = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://")
    return f"arn:aws:s3:::{path}"


async def _wait_a_little(athena: Any, query_id: str) -> None:
    for _ in range(_LOOKS):
        execution = athena._executions.get(query_id)
        if execution is None or execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _output_location(configuration: dict[str, Any], asked: dict[str, Any]) -> str:
    own = configuration.get("ResultConfiguration", {}).get("OutputLocation", "")
    enforced = configuration.get("EnforceWorkGroupConfiguration", True)
    location = own if enforced and own else asked.get("OutputLocation", "") or own
    return f"{location.rstrip('/')}/" if location else ""


def _table(services: Services, path: statements.Path, here: Place) -> Table:
    catalog, database, name = (*here, path[0]) if len(path) == 1 else (here.catalog, *path)[-3:]
    return services.table(Place(catalog, database), name)


def _answer(query: str, here: Place, tables: Sequence[Table]) -> dict[str, Any]:
    duckdb: Any = importlib.import_module("duckdb")
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # Its CSV reader is strict where the emulator's relation wants TRY_CAST.
        with contextlib.suppress(duckdb.Error):
            connection.execute("SET disabled_optimizers = 'type_pushdown'")
        for place in {here, *(table.place for table in tables)}:
            connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {quoted(place.catalog)}")
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {place.path}")
        for table in tables:
            table.make(connection, table.path)
        connection.execute(f"USE {here.path}")
        result = connection.execute(query)
        described: list[Any] = result.description or []
        return {
            "columns": [each[0] for each in described],
            "column_types": [_type(str(each[1])) for each in described],
            "rows": [[_text(value) for value in row] for row in result.fetchall()],
        }


def _type(name: str) -> str:
    found = _TYPES.get(name.partition("(")[0])
    if found is None:
        raise TypeError(f"The result has a column of DuckDB's type {name}, which is not hosted here")
    return found


def _text(value: Any) -> str | None:
    """A value as Athena writes it: times always with milliseconds."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    return str(value)
