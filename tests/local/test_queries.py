"""The emulator's Athena as PyAthena sees it: live tables, files in folders, errors, pages, and rights."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyathena.error import DatabaseError, OperationalError

from local.emulator import Emulator
from tests.local.athena import DATABASE, ask, declare_files, put, stock, user, write_parquet
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator

ALL = [
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetDataCatalog",
    "lambda:InvokeFunction",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:PutObject",
]
OVER_FILES = [
    "athena:*",
    "glue:GetTable",
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetBucketLocation",
]
STARTING = """
import boto3

def handler(event, context):
    started = boto3.client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup="group")
    return started["QueryExecutionId"]
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        stock(running)
        put(running, "apple é\n'", price={"N": "3"})
        put(running, "pear")
        running.client("s3").create_bucket(Bucket="files")
        yield running


def test_a_catalog_of_a_connector_shows_the_items_of_now_as_glue_declares_them(emulator: Emulator) -> None:
    cursor = ask(emulator, "SELECT * FROM items ORDER BY id")
    assert cursor.fetchall() == [("apple é\n'", 3), ("pear", None)]
    assert [column[:2] for column in cursor.description] == [("id", "varchar"), ("price", "bigint")]


def test_values_have_their_types(emulator: Emulator) -> None:
    query = """SELECT TIMESTAMP '2026-11-21 03:04:05' AS at, DATE '2024-02-29' AS day, 1.5e0 AS number,
        sum(price) AS whole, CAST(sum(price) AS decimal(38, 0)) AS exact, count(*) > 1 AS yes, NULL AS nothing
        FROM items"""
    cursor = ask(emulator, query.replace("NULL AS", "CAST(NULL AS varchar) AS"))
    assert cursor.fetchone() == (
        datetime(2026, 11, 21, 3, 4, 5),  # noqa: DTZ001 - as Athena tells it
        date(2024, 2, 29),
        1.5,
        3,
        Decimal(3),
        True,
        None,
    )
    kinds = ["timestamp", "date", "double", "bigint", "decimal", "boolean", "varchar"]
    assert [column[1] for column in cursor.description] == kinds


def test_a_name_given_by_with_hides_the_table_but_not_within_its_own_query(emulator: Emulator) -> None:
    query = "WITH items AS (SELECT count(*) AS n FROM items) SELECT n + 0 FROM items"
    assert ask(emulator, query).fetchall() == [(2,)]


def test_results_of_more_than_a_thousand_rows_come_in_pages(emulator: Emulator) -> None:
    query = "SELECT n FROM items, UNNEST(sequence) AS t(n) WHERE price = 3 ORDER BY n"
    cursor = ask(emulator, query.replace("UNNEST(sequence)", "UNNEST(range(2500))"))
    assert [row[0] for row in cursor.fetchall()] == list(range(2500))


def test_results_lie_where_the_work_group_wants_them_and_are_said_to_be_there(emulator: Emulator) -> None:
    query = "SELECT TIMESTAMP '2026-11-21 03:04:05' AS at"
    cursor = ask(emulator, query, s3_staging_dir="s3://elsewhere/")
    location = f"results/{cursor.query_id}.csv"
    assert cursor.output_location == f"s3://{location}"
    bucket, _, key = location.partition("/")
    stored = emulator.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert stored.splitlines() == [b"at", b"2026-11-21 03:04:05.000"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM nothing", "TABLE_NOT_FOUND: Table 'stock_live.stock.nothing' does not exist"),
        ("SELECT * FROM nowhere.items", "SCHEMA_NOT_FOUND: Schema 'nowhere' does not exist"),
        ("SELECT * FROM nobody.stock.items", "CATALOG_NOT_FOUND: Catalog 'nobody' does not exist"),
        ("SELECT * FROM unmarked.items", "location of the Glue database is s3://x, without dynamo-db-flag"),
        ("SELECT CAST(id AS bigint) FROM items", "Could not convert string"),
        ("SELECT 1 +", "syntax error"),
    ],
)
def test_a_query_that_fails_says_why(emulator: Emulator, query: str, message: str) -> None:
    glue = emulator.client("glue")
    if not any(each["Name"] == "unmarked" for each in glue.get_databases()["DatabaseList"]):
        declared = glue.get_table(DatabaseName=DATABASE, Name="items")["Table"]
        glue.create_database(DatabaseInput={"Name": "unmarked", "LocationUri": "s3://x"})
        storage = declared.get("StorageDescriptor", {})
        table = {"Name": "items", "Parameters": declared.get("Parameters", {}), "StorageDescriptor": storage}
        glue.create_table(DatabaseName="unmarked", TableInput=table)  # pyright: ignore[reportArgumentType] - as it was answered
    with pytest.raises(OperationalError, match=message):
        ask(emulator, query)


def test_a_work_group_that_is_not_there_is_refused(emulator: Emulator) -> None:
    with pytest.raises(DatabaseError, match="WorkGroup nobody is not found"):
        ask(emulator, "SELECT 1", work_group="nobody")


def test_a_table_over_files_reads_the_folders_below_its_location(emulator: Emulator, tmp_path: Path) -> None:
    for number, place in enumerate(("1/here", "2/there")):
        sql = f"SELECT {number}::BIGINT AS n, TIMESTAMP '2026-11-21 00:00:00.5' AS at"
        write_parquet(emulator, "files", f"latest/{place}/f.parquet", sql, tmp_path)
    declare_files(emulator, "figures", "s3://files/latest/", n="bigint", at="timestamp", new="string")
    cursor = ask(emulator, "SELECT * FROM figures ORDER BY n", catalog_name="AwsDataCatalog")
    half_past = datetime(2026, 11, 21, 0, 0, 0, 500000)  # noqa: DTZ001 - as Athena tells it
    assert cursor.fetchall() == [(0, half_past, None), (1, half_past, None)]


def test_a_file_with_another_type_than_declared_fails_the_query(emulator: Emulator, tmp_path: Path) -> None:
    write_parquet(emulator, "files", "other/f.parquet", "SELECT 1.5::DOUBLE AS n", tmp_path)
    declare_files(emulator, "others", "s3://files/other/", n="bigint")
    with pytest.raises(OperationalError, match=r"HIVE_BAD_DATA: Field n's type DOUBLE .* type bigint"):
        ask(emulator, "SELECT * FROM others", catalog_name="AwsDataCatalog")


def test_whoever_may_do_all_that_a_query_takes_gets_its_rows(emulator: Emulator) -> None:
    cursor = ask(emulator, "SELECT count(*) FROM items", user(emulator, "reader", ALL))
    assert cursor.fetchall() == [(2,)]


@pytest.mark.parametrize("missing", ALL)
def test_whoever_may_not_do_all_that_a_query_takes_gets_nothing(emulator: Emulator, missing: str) -> None:
    rights = [action for action in ALL if action != missing]
    session = user(emulator, f"without-{missing.replace(':', '-')}", rights)
    with pytest.raises((DatabaseError, OperationalError), match=f"not authorized to perform: {missing}"):
        ask(emulator, "SELECT count(*) FROM items", session).fetchall()


@pytest.mark.parametrize("missing", ["glue:GetTable", "s3:ListBucket", ""])
def test_files_are_read_with_the_rights_of_the_caller(
    emulator: Emulator, tmp_path: Path, missing: str
) -> None:
    name = f"rights-{missing.partition(':')[2].lower()}"
    write_parquet(emulator, "files", f"{name}/f.parquet", "SELECT 1::BIGINT AS n", tmp_path)
    declare_files(emulator, name, f"s3://files/{name}/", n="bigint")
    session = user(emulator, name, [action for action in OVER_FILES if action != missing])
    query, place = f'SELECT n FROM "{name}"', {"catalog_name": "AwsDataCatalog"}  # noqa: S608 - a name of ours
    if not missing:
        assert ask(emulator, query, session, **place).fetchall() == [(1,)]
        return
    with pytest.raises(OperationalError, match=f"not authorized to perform: {missing}"):
        ask(emulator, query, session, **place)


@pytest.mark.parametrize(("group", "may"), [("group", True), ("other", False)])
def test_a_function_asks_athena_with_its_role_and_in_no_other_work_group(
    emulator: Emulator, group: str, *, may: bool
) -> None:
    iam, name = emulator.client("iam"), f"asking-{group}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]
    arn = f"arn:aws:athena:us-east-1:000000000000:workgroup/{group}"
    statement = {"Effect": "Allow", "Action": "athena:StartQueryExecution", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="ask", PolicyDocument=document)
    make_function(emulator, name, STARTING, role["Arn"])
    answer = emulator.client("lambda").invoke(FunctionName=name)
    assert ("FunctionError" not in answer) is may
    text = answer["Payload"].read().decode()
    assert may or "not authorized to perform: athena:StartQueryExecution" in text
