"""QuickSight's role reads what the data sets need, and nothing else."""

import json
from typing import Any

from infra.athena_policies import QueryAccess
from infra.quicksight.access import (
    DASHBOARD_ACTIONS,
    DATA_SOURCE_ACTIONS,
    DATASET_ACTIONS,
    data_source_role,
    trust,
)

ACCESS = QueryAccess(
    work_group="arn:aws:athena:eu-central-1:123456789012:workgroup/thaw",
    data_catalog="arn:aws:athena:eu-central-1:123456789012:datacatalog/thaw_dynamodb",
    connector="arn:aws:lambda:eu-central-1:123456789012:function:thaw-connector",
    results_bucket="arn:aws:s3:::results",
    spill_bucket="arn:aws:s3:::spill",
)


def statements() -> dict[str, Any]:
    document = json.loads(data_source_role(ACCESS, "thaw", "arn:aws:s3:::reports"))
    return {each["Sid"]: each for each in document["Statement"]}


def test_no_action_is_a_wildcard_and_no_resource_is_everything() -> None:
    for each in statements().values():
        assert not any("*" in action for action in each["Action"])
        resources = each["Resource"]
        assert "*" not in ([resources] if isinstance(resources, str) else resources)


def test_only_results_are_written() -> None:
    writing = [each["Resource"] for each in statements().values() if "s3:PutObject" in each["Action"]]
    assert writing == ["arn:aws:s3:::results/*"]


def test_reports_are_read() -> None:
    assert statements()["FindReports"]["Resource"] == "arn:aws:s3:::reports"
    assert statements()["ReadReports"]["Resource"] == "arn:aws:s3:::reports/*"


def test_the_reports_are_found_in_glue_s_catalog_and_the_objects_in_the_connector_s() -> None:
    catalogs = "arn:aws:athena:eu-central-1:123456789012:datacatalog"
    assert statements()["FindReportTables"]["Resource"] == f"{catalogs}/AwsDataCatalog"
    assert statements()["FindTables"]["Resource"] == f"{catalogs}/thaw_dynamodb"
    assert "athena:GetDataCatalog" in statements()["FindReportTables"]["Action"]


def test_results_may_be_streamed_in_this_work_group() -> None:
    assert statements()["StreamResults"] == {
        "Sid": "StreamResults",
        "Effect": "Allow",
        "Action": ["athena:BatchGetQueryExecution", "athena:GetQueryResultsStream"],
        "Resource": ACCESS.work_group,
    }


def test_only_the_tables_of_the_database_are_found() -> None:
    assert statements()["ReadTypes"]["Resource"] == [
        "arn:aws:glue:eu-central-1:123456789012:catalog",
        "arn:aws:glue:eu-central-1:123456789012:database/thaw",
        "arn:aws:glue:eu-central-1:123456789012:table/thaw/*",
    ]


def test_quicksight_takes_on_the_role() -> None:
    (statement,) = json.loads(trust())["Statement"]
    assert statement["Principal"] == {"Service": "quicksight.amazonaws.com"}


def test_an_owner_has_no_action_twice() -> None:
    for actions in (DATA_SOURCE_ACTIONS, DATASET_ACTIONS, DASHBOARD_ACTIONS):
        assert len(actions) == len(set(actions))
        assert all(action.startswith("quicksight:") for action in actions)
