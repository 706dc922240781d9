"""What the connector and whoever queries may do, as plain documents."""

import json
from typing import Any, cast

from infra import policies
from infra.athena_policies import ConnectorAccess, QueryAccess, connector, query

PLACE = "eu-central-1:123456789012"
CONNECTOR = ConnectorAccess(
    objects_table=f"arn:aws:dynamodb:{PLACE}:table/thaw-objects",
    rollups_table=f"arn:aws:dynamodb:{PLACE}:table/thaw-rollups",
    database="thaw",
    spill_bucket="arn:aws:s3:::spill",
    log_group=f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/thaw-athena-connector",
    work_group=f"arn:aws:athena:{PLACE}:workgroup/thaw",
)
QUERY = QueryAccess(
    work_group=CONNECTOR.work_group,
    data_catalog=f"arn:aws:athena:{PLACE}:datacatalog/thaw_dynamodb",
    connector=f"arn:aws:lambda:{PLACE}:function:thaw-athena-connector",
    results_bucket="arn:aws:s3:::results",
    spill_bucket=CONNECTOR.spill_bucket,
)


def as_list(value: Any) -> list[str]:
    return cast(list[str], value) if isinstance(value, list) else [value]


def by_sid(document: str) -> dict[str, tuple[list[str], Any]]:
    return {s["Sid"]: (s["Action"], s["Resource"]) for s in json.loads(document)["Statement"]}


def actions(document: str) -> set[str]:
    return {action for allowed, _ in by_sid(document).values() for action in allowed}


def test_the_connector_reads_our_two_tables_and_writes_neither() -> None:
    allowed, resources = by_sid(connector(CONNECTOR))["ReadTables"]
    assert resources == [CONNECTOR.objects_table, CONNECTOR.rollups_table]
    assert allowed == ["dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:Scan"]
    assert {action for action in actions(connector(CONNECTOR)) if action.startswith("dynamodb:")} == set(
        allowed
    )


def test_the_connector_sees_the_types_of_its_database_and_only_the_names_of_others() -> None:
    statements = by_sid(connector(CONNECTOR))
    assert statements["ReadTypes"][1] == [
        f"arn:aws:glue:{PLACE}:catalog",
        f"arn:aws:glue:{PLACE}:database/thaw",
        f"arn:aws:glue:{PLACE}:table/thaw/*",
    ]
    assert statements["FindDatabases"] == (
        ["glue:GetDatabases"],
        [f"arn:aws:glue:{PLACE}:catalog", f"arn:aws:glue:{PLACE}:database/*"],
    )


def test_the_connector_spills_where_the_template_has_it_spill_and_nowhere_else() -> None:
    statements = by_sid(connector(CONNECTOR))
    assert statements["Spill"] == (["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::spill/athena-spill/*")
    assert statements["FindSpillBucket"][1] == "arn:aws:s3:::spill"


def test_whoever_queries_does_so_through_the_work_group_and_the_connector() -> None:
    statements = by_sid(query(QUERY))
    assert statements["RunQueries"][1] == QUERY.work_group
    assert statements["FindTables"][1] == QUERY.data_catalog
    assert statements["CallConnector"] == (["lambda:InvokeFunction"], QUERY.connector)
    assert statements["ReadSpill"] == (["s3:GetObject"], "arn:aws:s3:::spill/athena-spill/*")
    assert "s3:PutObject" in statements["WriteAndReadResults"][0]
    assert not [action for action in actions(query(QUERY)) if action.startswith(("dynamodb:", "glue:"))]


def test_no_allowed_action_has_a_wildcard_and_no_resource_is_everything() -> None:
    for document in (connector(CONNECTOR), query(QUERY)):
        for allowed, resources in by_sid(document).values():
            assert not [action for action in allowed if "*" in action]
            for resource in as_list(resources):
                assert resource.count("*") == 0 or resource.endswith(("/*", ":*")), resource
                assert not resource.startswith("*")


def test_a_private_bucket_is_closed_to_plain_http_with_all_that_is_in_it() -> None:
    (statement,) = json.loads(policies.private_bucket("arn:aws:s3:::spill"))["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == ["arn:aws:s3:::spill", "arn:aws:s3:::spill/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
