"""A stock in DynamoDB and in files, declared for the emulator's Athena, and who asks for it."""

import json
from pathlib import Path
from typing import Any, cast

import boto3
import duckdb
import pyathena

from local.deployer import Deployment
from local.emulator import Emulator

PROGRAM = Path(__file__).parent / "programs" / "queries.py"
LIVE, DATABASE, GROUP = "stock_live", "stock", "group"


def stock(emulator: Emulator) -> Deployment:
    """The program's declarations, and an empty DynamoDB table behind them."""
    emulator.client("dynamodb").create_table(
        TableName="stock-Items",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    deployment = Deployment(emulator, PROGRAM)
    deployment.up({"empty_on_delete": True})
    return deployment


def put(emulator: Emulator, item_id: str, **attributes: dict[str, Any]) -> None:
    """An item; attributes as DynamoDB spells them."""
    item: Any = {"id": {"S": item_id}, **attributes}
    emulator.client("dynamodb").put_item(TableName="stock-Items", Item=item)


def declare_files(emulator: Emulator, name: str, location: str, **columns: str) -> None:
    """A Glue table over Parquet files."""
    storage: Any = {
        "Location": location,
        "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
    }
    table: Any = {"Name": name, "Parameters": {"classification": "parquet"}, "StorageDescriptor": storage}
    emulator.client("glue").create_table(DatabaseName=DATABASE, TableInput=table)


def write_parquet(emulator: Emulator, bucket: str, key: str, sql: str, folder: Path) -> None:
    """The rows of a query as an object."""
    file = folder / "rows.parquet"
    duckdb.connect().execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet)")
    emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=file.read_bytes())


def user(emulator: Emulator, name: str, actions: list[str]) -> boto3.Session:
    """A user who may do this, with a session of its own."""
    iam: Any = emulator.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=emulator.region)


def ask(emulator: Emulator, query: str, session: boto3.Session | None = None, **options: Any) -> Any:
    """PyAthena's plain cursor after the query, by default over the connector's catalog."""
    options = {"catalog_name": LIVE, "schema_name": DATABASE, "work_group": GROUP} | options
    return (
        cast("Any", pyathena)
        .connect(
            session=session or emulator.session(),
            region_name=emulator.region,
            endpoint_url=emulator.endpoint_url,
            poll_interval=0.02,
            **options,
        )
        .cursor()
        .execute(query)
    )
