"""The dynamic providers against the local AWS: a real import, real notifications, real protection."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from infra.errors import ImportMismatchError
from infra.providers.bucket_notifications import BucketNotificationsProvider
from infra.providers.function_concurrency import FunctionConcurrencyProvider
from infra.providers.job_registration import JobRegistrationProvider
from infra.providers.table_safeguard import TableSafeguardProvider
from local.emulator import Emulator
from tests.infra.fakes import connect_to
from tests.infra.test_job_registration import SUMMARY
from thaw.store.jobs import read_job

pytestmark = pytest.mark.emulator

CONNECTION = {"region": "us-east-1", "profile": ""}
POLLS = 1000
ITEMS = [{"object_path": {"S": f"cold/{i}"}, "version_id": {"S": "null"}} for i in range(3)]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def keys(table_hash: str, table_range: str) -> dict[str, Any]:
    names = (table_hash, table_range)
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


@pytest.fixture(scope="module")
def table_arn(emulator: Emulator) -> str:
    """The objects table, imported from prepared files as the AWS provider does it."""
    s3: Any = emulator.client("s3")
    dynamodb: Any = emulator.client("dynamodb")
    s3.create_bucket(Bucket="manifests")
    lines = "\n".join(json.dumps({"Item": item}) for item in ITEMS)
    s3.put_object(Bucket="manifests", Key="x/import/part-00000.json.gz", Body=gzip.compress(lines.encode()))
    s3.put_object(Bucket="manifests", Key="x/summary.json", Body=json.dumps(SUMMARY).encode())
    s3.put_object(
        Bucket="manifests", Key="y/summary.json", Body=json.dumps({**SUMMARY, "objects": 4}).encode()
    )
    dynamodb.create_table(TableName="thaw-rollups", **keys("job_id", "metric"))
    started = dynamodb.import_table(
        S3BucketSource={"S3Bucket": "manifests", "S3KeyPrefix": "x/import/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={"TableName": "thaw-objects", **keys("object_path", "version_id")},
    )
    description: Any = started["ImportTableDescription"]
    for _ in range(POLLS):
        if description["ImportStatus"] != "IN_PROGRESS":
            break
        answer = dynamodb.describe_import(ImportArn=description["ImportArn"])
        description = answer["ImportTableDescription"]
    return description["TableArn"]


def connect(emulator: Emulator) -> Any:
    clients: Any = emulator
    return connect_to(**{service: clients.client(service) for service in ("s3", "dynamodb", "lambda")})


def registration(table_arn: str, folder: str) -> dict[str, Any]:
    return {
        "bucket": "manifests",
        "summary_key": f"{folder}/summary.json",
        "table_arn": table_arn,
        "rollups_table": "thaw-rollups",
        **CONNECTION,
    }


def test_an_import_that_brought_other_than_the_summary_says_fails_and_one_that_agrees_is_registered(
    emulator: Emulator, table_arn: str
) -> None:
    provider = JobRegistrationProvider(connect(emulator))
    with pytest.raises(ImportMismatchError, match="brought 3 objects, but the manifest's summary has 4"):
        provider.create(registration(table_arn, "y"))
    provider.create(registration(table_arn, "x"))
    assert read_job(emulator.client("dynamodb"), "thaw-rollups", "november").totals.objects == 3


def test_an_imported_table_gets_its_deletion_protection_afterwards(
    emulator: Emulator, table_arn: str
) -> None:
    def is_protected() -> object:
        return (
            emulator.client("dynamodb")
            .describe_table(TableName="thaw-objects")["Table"]
            .get("DeletionProtectionEnabled")
        )

    inputs: dict[str, Any] = {
        "table_name": "thaw-objects",
        "table_arn": table_arn,
        "wanted_name": "thaw-objects",
        "deletion_protection": True,
        **CONNECTION,
    }
    provider = TableSafeguardProvider(connect(emulator))
    assert not is_protected(), "the import left it out"
    provider.create(inputs)
    assert is_protected()
    provider.update("id", inputs, {**inputs, "deletion_protection": False})
    assert not is_protected()


def test_a_foreign_rule_survives_up_update_and_destroy(emulator: Emulator) -> None:
    s3, sqs = emulator.client("s3"), emulator.client("sqs")
    s3.create_bucket(Bucket="archive")
    arns = {name: queue_arn(sqs, name) for name in ("theirs", "thaw-events")}
    s3.put_bucket_notification_configuration(
        Bucket="archive",
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "Id": "their-queue",
                    "QueueArn": arns["theirs"],
                    "Events": ["s3:ObjectRestore:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "theirs/"}]}},
                }
            ]
        },
    )

    def configuration() -> Any:
        answer: Any = s3.get_bucket_notification_configuration(Bucket="archive")
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    before = configuration()
    inputs: dict[str, Any] = {
        "bucket": "archive",
        "entry_id": "thaw-events-of-thaw",
        "queue_arn": arns["thaw-events"],
        "events": ["s3:ObjectRestore:Post"],
        "prefix": "ours/",
        "eventbridge": False,
        **CONNECTION,
    }
    provider = BucketNotificationsProvider(connect(emulator))
    created: Any = provider.create(inputs).outs
    assert len(configuration()["QueueConfigurations"]) == 2
    updated: Any = provider.update("id", created, {**inputs, "eventbridge": True, "events": []}).outs
    assert "EventBridgeConfiguration" in configuration()
    provider.delete("id", updated)
    assert configuration() == before


def queue_arn(sqs: Any, name: str) -> str:
    """A new queue that S3 may send to."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return arn


def test_a_function_is_capped_seen_to_be_capped_and_let_go(emulator: Emulator) -> None:
    functions: Any = emulator.client("lambda")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): ...")
    functions.create_function(
        FunctionName="connector",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/connector",
        Handler="handler.handler",
        Code={"ZipFile": package.getvalue()},
    )
    inputs = {"function_name": "connector", "concurrency": 10, "generation": "1", **CONNECTION}
    provider = FunctionConcurrencyProvider(connect(emulator))
    made = provider.create(inputs)
    assert provider.read(made.id, inputs).outs == inputs
    provider.update(made.id, inputs, {**inputs, "concurrency": 3})
    assert provider.read(made.id, inputs).outs == {**inputs, "concurrency": 3}
    provider.delete(made.id, inputs)
    assert provider.read(made.id, inputs).id == ""
    functions.delete_function(FunctionName="connector")
    assert provider.read(made.id, inputs).id == ""
    provider.delete(made.id, inputs)
