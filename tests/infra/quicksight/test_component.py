"""QuickSight is off unless a principal is configured, and then reads reports, not the live table."""

import json
from typing import Any

import pytest

from infra.quicksight.datasets import DATASETS, OBJECTS
from tests.infra.recording import Recorded, record

PRINCIPAL = "arn:aws:quicksight:eu-central-1:123456789012:user/default/ann"


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record({"quicksight_principal_arn": PRINCIPAL})


def properties(recorded: Recorded, kind: str) -> list[dict[str, Any]]:
    """Of everything of this kind in the stack's template."""
    body = json.loads(recorded.one("cloudformation/stack:Stack").inputs["templateBody"])
    made = body["Resources"].values()
    return [each["Properties"] for each in made if each["Type"] == f"AWS::QuickSight::{kind}"]


def tables(recorded: Recorded) -> dict[str, dict[str, Any]]:
    """What each data set reads, by the name of its table."""
    maps = [each["PhysicalTableMap"] for each in properties(recorded, "DataSet")]
    found = [physical["RelationalTable"] for each in maps for physical in each.values()]
    return {table["Name"]: table for table in found}


def test_nothing_of_quicksight_is_made_by_default() -> None:
    assert [each.type for each in record({}).resources if "quicksight" in each.type.lower()] == []


def test_there_is_a_data_set_for_each_report_and_for_the_objects(recorded: Recorded) -> None:
    assert set(tables(recorded)) == set(DATASETS)
    modes = {each["ImportMode"] for each in properties(recorded, "DataSet")}
    assert modes == {"SPICE"}, "a person looking never runs a query"


def test_only_the_drill_down_reads_the_live_table(recorded: Recorded) -> None:
    catalogs = {name: table["Catalog"] for name, table in tables(recorded).items()}
    assert {name for name, catalog in catalogs.items() if catalog != "AwsDataCatalog"} == {OBJECTS}
    assert catalogs[OBJECTS] == recorded.one("athena/dataCatalog:DataCatalog").inputs["name"]


def test_the_data_sets_read_tables_that_are_declared_with_these_columns(recorded: Recorded) -> None:
    declared = {
        each.inputs["name"]: {column["name"] for column in each.inputs["storageDescriptor"]["columns"]}
        for each in recorded.of_type("glue/catalogTable:CatalogTable")
    }
    for name, table in tables(recorded).items():
        assert {column["Name"] for column in table["InputColumns"]} <= declared[name], name
        assert table["Schema"] == recorded.outputs["athena_database"]
        assert table["DataSourceArn"].startswith("arn:aws:quicksight:")


def test_every_data_set_is_refreshed_whole(recorded: Recorded) -> None:
    schedules = recorded.of_type("quicksight/refreshSchedule:RefreshSchedule")
    intervals = {
        each.inputs["dataSetId"]: each.inputs["schedule"]["scheduleFrequency"]["interval"]
        for each in schedules
    }
    assert set(intervals) == {each["DataSetId"] for each in properties(recorded, "DataSet")}
    stack = recorded.one("cloudformation/stack:Stack").urn
    assert all(stack in each.dependencies for each in schedules), "a schedule needs its data set"
    assert intervals.pop("thaw-quicksight-objects") == "DAILY", "each import scans the live table"
    assert set(intervals.values()) == {"HOURLY"}, "whatever the schedules of the reports are"


def test_the_first_import_finds_its_table(recorded: Recorded) -> None:
    tables = {each.urn for each in recorded.of_type("glue/catalogTable:CatalogTable")}
    assert len(tables) == len(DATASETS) + 1
    for each in recorded.of_type("quicksight/dataSource:DataSource"):
        assert tables <= set(each.dependencies)


def test_all_belongs_to_the_principal(recorded: Recorded) -> None:
    (permission,) = recorded.one("quicksight/dataSource:DataSource").inputs["permissions"]
    assert permission["principal"] == PRINCIPAL
    for each in (*properties(recorded, "DataSet"), *properties(recorded, "Dashboard")):
        assert [permission["Principal"] for permission in each["Permissions"]] == [PRINCIPAL]


def test_the_source_queries_as_a_role_of_its_own_in_the_work_group(recorded: Recorded) -> None:
    athena = recorded.one("quicksight/dataSource:DataSource").inputs["parameters"]["athena"]
    assert athena["workGroup"] == "thaw"
    policy = recorded.one("iam/rolePolicy:RolePolicy", "quicksight-role-policy").inputs["policy"]
    actions = {action for each in json.loads(policy)["Statement"] for action in each["Action"]}
    assert {"athena:StartQueryExecution", "lambda:InvokeFunction", "glue:GetTable"} <= actions
