"""What stands after `up` of the real program; neither another `up` nor `destroy` harms the records."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.deployer import Deployment, deploy
from local.deployer.program import PROGRAM
from local.emulator import Emulator
from local.errors import DeployError
from tests.deployed.stack import AT_ONCE, JOB, MANIFESTS, Stack, archive, prepare_job, registered

pytestmark = pytest.mark.emulator

KEYS = ["one", "two/é", "three+3"]


@pytest.fixture(scope="module")
def config(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    emulator.client("s3").create_bucket(Bucket="archive")
    files = prepare_job(emulator, archive(emulator, "archive", KEYS), Path(tmp_path_factory.mktemp("job")))
    return {**AT_ONCE, "import_files": files, "tags": {"team": "archive"}}


@pytest.fixture(scope="module")
def stack(emulator: Emulator, config: dict[str, Any]) -> Stack:
    return Stack(deploy(config, emulator))


def table(emulator: Emulator, name: str) -> Any:
    return emulator.client("dynamodb").describe_table(TableName=name)["Table"]


def tags(emulator: Emulator, name: str) -> dict[str, str]:
    arn = table(emulator, name)["TableArn"]
    answer: Any = emulator.client("dynamodb").list_tags_of_resource(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


@pytest.mark.parametrize("name", ["thaw-objects", "thaw-rollups"])
def test_both_tables_have_tags_protection_and_recovery_though_one_is_imported(
    emulator: Emulator, stack: Stack, name: str
) -> None:
    assert stack.outputs["objects_table"] == "thaw-objects"
    backups: Any = emulator.client("dynamodb").describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert table(emulator, name)["DeletionProtectionEnabled"] is True
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert tags(emulator, name) == {"application": "thaw", "deployment": "thaw", "team": "archive"}


def test_the_import_is_there_and_its_job_registered_with_no_drift(emulator: Emulator, stack: Stack) -> None:
    assert set(stack.items()) == {(f"archive/{key}", "null") for key in KEYS}
    assert (registered(emulator).job_id, registered(emulator).totals.objects) == (JOB, len(KEYS))
    assert stack.verification().proven


def test_what_the_emulator_takes_without_meaning_it_is_listed_with_its_reason(stack: Stack) -> None:
    listed = {(each.type, each.name) for each in stack.deployment.not_hosted}
    assert ("aws:lambda/function:Function memorySize", "function") in listed
    assert ("aws:cloudwatch/metricAlarm:MetricAlarm alarmActions", "dead-letters") in listed
    assert all(each.reason for each in stack.deployment.not_hosted)


def test_a_summary_with_another_count_stops_the_up_and_names_both_numbers(
    emulator: Emulator, config: dict[str, Any]
) -> None:
    s3 = emulator.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=MANIFESTS, Prefix="prepared/"):
        for item in page.get("Contents", []):
            key = item.get("Key", "")
            body = s3.get_object(Bucket=MANIFESTS, Key=key)["Body"].read()
            if key.endswith("summary.json"):
                body = json.dumps({**json.loads(body), "objects": 4}).encode()
            s3.put_object(Bucket=MANIFESTS, Key=key.replace("prepared/", "wrong/"), Body=body)
    wrong = {**config, "name_prefix": "wrong", "import_files": {"bucket": MANIFESTS, "prefix": "wrong/"}}
    with pytest.raises(DeployError, match="brought 3 objects, but the manifest's summary has 4"):
        deploy(wrong, emulator)
    rows = emulator.client("dynamodb").scan(TableName="wrong-rollups")["Items"]
    assert rows == [], "nothing is registered"


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 7, "max_concurrency": 5, "max_receive_count": 9},
        {"memory_mb": 1024, "rollup_slots": 3, "log_retention_days": 7},
        {"watched_buckets": [{"name": "archive"}]},
        {"import_files": {}},
        {"import_files": {}, "protect_tables": False},
    ],
)
def test_no_change_of_the_config_replaces_a_table_or_loses_its_tags(
    emulator: Emulator, stack: Stack, config: dict[str, Any], change: dict[str, Any]
) -> None:
    names = ("thaw-objects", "thaw-rollups")
    before = [(table(emulator, name)["TableId"], tags(emulator, name)) for name in names]
    stack.deployment.up({**config, **change})
    assert [(table(emulator, name)["TableId"], tags(emulator, name)) for name in names] == before
    assert len(stack.items()) == len(KEYS)
    stack.deployment.up(config)
    assert [(table(emulator, name)["TableId"], tags(emulator, name)) for name in names] == before
    assert table(emulator, "thaw-objects")["DeletionProtectionEnabled"] is True


def test_a_changed_config_reaches_the_function_its_mapping_and_the_queue(
    emulator: Emulator, stack: Stack, config: dict[str, Any]
) -> None:
    change = {"batch_size": 9, "memory_mb": 300, "rollup_slots": 2, "batching_window_seconds": 1}
    stack.deployment.up({**config, **change})
    client = emulator.client("lambda")
    function = client.get_function_configuration(FunctionName="thaw-track-events")
    (mapping,) = client.list_event_source_mappings(FunctionName="thaw-track-events")["EventSourceMappings"]
    queue = emulator.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["queue_url"], AttributeNames=["VisibilityTimeout"]
    )
    assert (function.get("MemorySize"), mapping.get("BatchSize")) == (300, 9)
    assert function.get("Environment", {}).get("Variables", {})["ROLLUP_SLOTS"] == "2"
    assert queue["Attributes"]["VisibilityTimeout"] == "361"
    stack.deployment.up(config)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name_prefix": "other"}, r"would rename the table thaw-(objects|rollups) to other-\1,"),
        (
            {"import_files": {"bucket": MANIFESTS, "prefix": "wrong/"}},
            "the objects table was imported from manifests/prepared/summary.json",
        ),
    ],
)
def test_a_config_that_would_replace_a_table_is_refused_before_anything_changes(
    stack: Stack, emulator: Emulator, config: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    queues = emulator.client("sqs").list_queues()["QueueUrls"]
    before = dict(stack.deployment.resources)
    with pytest.raises(DeployError, match=sentence):
        stack.deployment.up({**config, **change, "batch_size": 3})
    assert stack.deployment.resources == before
    assert emulator.client("sqs").list_queues()["QueueUrls"] == queues


def test_destroy_leaves_protected_tables_which_dynamodb_does_not_delete_either(
    config: dict[str, Any], tmp_path: Path
) -> None:
    with Emulator() as emulator:
        emulator.client("s3").create_bucket(Bucket="archive")
        prepare_job(emulator, archive(emulator, "archive", KEYS), tmp_path)
        deployment = deploy(config, emulator)
        client = emulator.client("dynamodb")
        assert {name for _, name in deployment.destroy()} == {"objects", "rollups"}
        assert emulator.client("sqs").list_queues().get("QueueUrls", []) == []
        assert len(client.scan(TableName="thaw-objects")["Items"]) == len(KEYS)
        with pytest.raises(client.exceptions.ClientError, match="deletion protection"):
            client.delete_table(TableName="thaw-objects")


def test_unprotected_tables_go_with_the_stack() -> None:
    with Emulator() as emulator:
        deployment = deploy(AT_ONCE, emulator)
        deployment.up({**AT_ONCE, "protect_tables": False})
        assert deployment.destroy() == []
        assert deployment.resources == {}
        assert emulator.client("dynamodb").list_tables()["TableNames"] == []


def test_quicksight_is_taken_and_told_not_to_be_hosted(
    emulator: Emulator, stack: Stack, config: dict[str, Any]
) -> None:
    principal = "arn:aws:quicksight:us-east-1:000000000000:user/default/me"
    stack.deployment.up({**config, "quicksight_principal_arn": principal})
    reasons = {each.type: each.reason for each in stack.deployment.not_hosted if "quicksight" in each.type}
    assert set(reasons.values()) == {"the emulator has no QuickSight; nothing is made"}
    assert emulator.client("iam").get_role(RoleName="thaw-quicksight-role")["Role"]
    stack.deployment.up(config)


def test_bad_settings_create_nothing(emulator: Emulator) -> None:
    deployment = Deployment(emulator, PROGRAM)
    with pytest.raises(Exception, match="thaw:batch_size is 0"):
        deployment.up({"name_prefix": "bad", "batch_size": 0})
    assert deployment.resources == {}
