"""Athena as `pulumi up` would create it, recorded under mocks."""

import json
from typing import Any

import pytest

from infra.connector import CAPABILITIES, VERSION
from tests.infra.recording import ACCOUNT, REGION, Recorded, record

RESULTS = f"thaw-results-{ACCOUNT}-{REGION}"
SPILL = f"thaw-spill-{ACCOUNT}-{REGION}"


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record({"athena_scan_limit_mb": 25, "athena_max_concurrency": 7, "query_results_days": 3})


def test_a_client_cannot_choose_other_limits_or_another_place_than_the_work_group_s(
    recorded: Recorded,
) -> None:
    group = recorded.one("athena/workgroup:Workgroup").inputs
    assert group["configuration"] == {
        "enforceWorkgroupConfiguration": True,
        "publishCloudwatchMetricsEnabled": True,
        "bytesScannedCutoffPerQuery": 25_000_000,
        "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
        "resultConfiguration": {
            "outputLocation": f"s3://{RESULTS}/",
            "expectedBucketOwner": ACCOUNT,
            "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
        },
    }
    assert group["forceDestroy"] is True, "saved queries and history are ours: they do not keep a stack alive"


@pytest.mark.parametrize(("name", "bucket", "days"), [("results", RESULTS, 3), ("spill", SPILL, 1)])
def test_buckets_are_private_encrypted_and_forget(
    recorded: Recorded, name: str, bucket: str, days: int
) -> None:
    def inputs(type_: str, suffix: str) -> dict[str, Any]:
        found = recorded.one(type_, f"{name}-{suffix}").inputs
        assert found["bucket"] == bucket
        return found

    made = recorded.one("s3/bucket:Bucket", name).inputs
    assert (made["bucket"], made["forceDestroy"]) == (bucket, True)
    block = inputs("BucketPublicAccessBlock", "public-access-block")
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
    assert inputs("BucketOwnershipControls", "ownership")["rule"] == {
        "objectOwnership": "BucketOwnerEnforced"
    }
    (encryption,) = inputs("BucketServerSideEncryptionConfiguration", "encryption")["rules"]
    assert encryption == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    rules = inputs("BucketLifecycleConfiguration", "lifecycle")["rules"]
    assert {(rule["status"], rule["filter"]["prefix"]) for rule in rules} == {("Enabled", "")}
    assert [rule.get("expiration") for rule in rules] == [None, {"days": days}]
    assert rules[0]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}


def test_the_connector_is_the_pinned_one_with_our_role_and_spill_bucket(recorded: Recorded) -> None:
    stack = recorded.one("CloudFormationStack")
    role = recorded.one("iam/role:Role", "connector-role")
    assert stack.inputs["applicationId"].endswith(":292517598671:applications/AthenaDynamoDBConnector")
    assert (stack.inputs["semanticVersion"], stack.inputs["capabilities"]) == (VERSION, CAPABILITIES)
    assert stack.inputs["parameters"] == {
        "AthenaCatalogName": "thaw-athena-connector",
        "SpillBucket": SPILL,
        "LambdaRole": f"arn:aws:iam:{REGION}:{ACCOUNT}:{role.inputs['name']}",
    }, "a parameter at the template's default would differ, and fail, at every `up`"
    policy, log = (
        recorded.one("RolePolicy", "connector-policy"),
        recorded.one("LogGroup", "connector-log-group"),
    )
    assert {policy.urn, log.urn} <= set(stack.dependencies)
    assert log.inputs["name"] == "/aws/lambda/thaw-athena-connector"


def test_nobody_queries_before_the_connector_is_there_and_capped(recorded: Recorded) -> None:
    stack, cap = recorded.one("CloudFormationStack"), recorded.one("FunctionConcurrency")
    catalog = recorded.one("athena/dataCatalog:DataCatalog")
    assert cap.inputs["function_name"] == "thaw-athena-connector"
    assert cap.inputs["concurrency"] == 7
    assert VERSION in cap.inputs["generation"], "another version may be another function, without its cap"
    assert stack.urn in cap.dependencies
    assert {stack.urn, cap.urn} <= set(catalog.dependencies)
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thaw-athena-connector"
    assert (catalog.inputs["type"], catalog.inputs["parameters"]) == ("LAMBDA", {"function": function})


def test_a_concurrency_of_0_reserves_nothing() -> None:
    uncapped = record({"athena_max_concurrency": 0})
    assert uncapped.of_type("FunctionConcurrency") == []
    assert uncapped.one("CloudFormationStack").urn in uncapped.one("DataCatalog").dependencies


def test_the_connector_finds_the_database_and_its_tables_by_their_marks(recorded: Recorded) -> None:
    database = recorded.one("CatalogDatabase").inputs
    assert (database["name"], database["locationUri"]) == ("thaw", "dynamo-db-flag")
    for table in ("objects", "rollups"):
        glue = recorded.one("CatalogTable", f"{table}-types").inputs
        source = recorded.one("dynamodb/table:Table", table).inputs["name"]
        assert (glue["name"], glue["databaseName"]) == (table, "thaw")
        assert glue["parameters"] == {"classification": "dynamodb", "sourceTable": source}
        assert "dynamodb" in glue["storageDescriptor"]["location"], "a table without location breaks the list"
        names = [column["name"] for column in glue["storageDescriptor"]["columns"]]
        attributes = recorded.one("dynamodb/table:Table", table).inputs["attributes"]
        assert {attribute["name"] for attribute in attributes} <= set(names), "a query can name the keys"


def test_every_report_is_saved_in_the_work_group_and_database(recorded: Recorded) -> None:
    saved = {each.inputs["name"]: each.inputs for each in recorded.of_type("athena/namedQuery:NamedQuery")}
    assert saved.keys() == {
        "progress",
        "progress_hourly",
        "restore_duration",
        "restore_duration_histogram",
        "temporary_storage",
        "forecast",
        "attention",
    }
    for query in saved.values():
        assert (query["workgroup"], query["database"]) == ("thaw", "thaw")
        assert "thaw_dynamodb" in query["description"]


def test_saved_queries_reckon_with_the_stack_s_price_and_hours() -> None:
    stack = record({"usd_per_gb_month": "0.0375", "attention_hours": 48})
    sql = stack.one("NamedQuery", "query-attention").inputs["query"]
    assert "0.0375e0 AS usd_per_gb_month" in sql
    assert "48.0e0 AS attention_hours" in sql


def test_names_with_hyphens_become_names_that_sql_writes_without_quotes() -> None:
    stack = record({"name_prefix": "thaw-2"})
    assert stack.one("DataCatalog").inputs["name"] == "thaw_2_dynamodb"
    assert stack.one("CatalogDatabase").inputs["name"] == "thaw_2"


def test_the_stack_says_how_to_query_and_who_may(recorded: Recorded) -> None:
    outputs = recorded.outputs
    assert outputs["athena_work_group"] == "thaw"
    assert outputs["athena_data_catalog"] == "thaw_dynamodb"
    assert outputs["athena_database"] == "thaw"
    assert outputs["query_results_bucket"] == RESULTS
    resources = {s["Sid"]: s["Resource"] for s in json.loads(outputs["athena_query_policy"])["Statement"]}
    assert resources["WriteAndReadResults"] == f"arn:aws:s3:::{RESULTS}/*"
    assert resources["CallConnector"].endswith(":function:thaw-athena-connector")
