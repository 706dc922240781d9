"""The QuickSight dashboard is what QuickSight's API takes, and refers to nothing that is not there."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto import mock_aws

from analytics.schema import OBJECT_COLUMNS, REPORTS, Column, Kind
from infra.errors import SettingsError
from infra.names import Names
from infra.quicksight import visuals
from infra.quicksight.dashboard import FILTERS, definition, sheets
from infra.quicksight.datasets import DATASETS, OBJECTS, input_columns
from infra.quicksight.stack import MAX_TEMPLATE_BYTES, Scope, dashboard, data_set, template

ACCOUNT, REGION = "123456789012", "eu-central-1"
PRINCIPAL = f"arn:aws:quicksight:{REGION}:{ACCOUNT}:user/default/ann"
SCOPE = Scope(
    names=Names("thaw"),
    account=ACCOUNT,
    principal=PRINCIPAL,
    data_source=f"arn:aws:quicksight:{REGION}:{ACCOUNT}:datasource/thaw-quicksight-athena",
    data_catalog="thaw_dynamodb",
    database="thaw",
)
LOGICAL_IDS = {name: name.title().replace("_", "") for name in DATASETS}
ARNS = {name: f"arn:aws:quicksight:{REGION}:{ACCOUNT}:dataset/thaw-{name}" for name in DATASETS}


def model() -> Any:
    return botocore.session.get_session().get_service_model("quicksight")


def complaints(shape: str, value: Any) -> str:
    return str(ParamValidator().validate(value, model().shape_for(shape)).generate_report())


def enum_values(value: Any, shape: Any) -> Iterator[tuple[str, list[str]]]:
    """Every text in `value` whose shape is an enum, with what is allowed: botocore does not check it."""
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from enum_values(part, shape.members[name])
    elif shape.type_name == "list":
        for part in value:
            yield from enum_values(part, shape.member)
    elif shape.type_name == "string" and shape.enum:
        yield value, shape.enum


def structures(value: Any) -> Iterator[dict[str, Any]]:
    """Every structure anywhere in `value`, itself included."""
    if isinstance(value, dict):
        structure = cast("dict[str, Any]", value)
        yield structure
        for part in structure.values():
            yield from structures(part)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from structures(part)


def ids(value: Any, name: str) -> list[str]:
    """Every value of `name` anywhere in `value`."""
    return [each[name] for each in structures(value) if name in each]


def test_the_definition_has_the_shape_of_the_service_model() -> None:
    made = definition(ARNS)
    shape = model().shape_for("DashboardVersionDefinition")
    assert complaints("DashboardVersionDefinition", made) == ""
    found = list(enum_values(made, shape))
    assert len(found) > 50
    assert [value for value, allowed in found if value not in allowed] == []


def test_a_definition_of_another_shape_is_refused_by_the_same_check() -> None:
    made = definition(ARNS)
    made["Sheets"][0]["Visuals"][0]["BarChartVisual"]["Tytle"] = {}
    assert "Tytle" in complaints("DashboardVersionDefinition", made)


def test_every_column_shown_is_one_of_its_data_set() -> None:
    shown = [
        (each["DataSetIdentifier"], each["ColumnName"])
        for each in structures(definition(ARNS))
        if "ColumnName" in each
    ]
    known = {(name, column.name) for name, each in DATASETS.items() for column in each.columns}
    assert set(shown) <= known
    assert {name for name, _ in shown} == set(DATASETS), "every data set is shown"


def test_no_visual_of_an_unknown_column_can_be_made() -> None:
    table = visuals.Table("progress", DATASETS["progress"].columns)
    with pytest.raises(StopIteration):
        visuals.lines("x", "X", table, by="hour", values=["objects"])


@pytest.mark.parametrize(
    "name", ["SheetId", "VisualId", "FilterId", "FilterGroupId", "FilterControlId", "FieldId"]
)
def test_ids_are_unique_and_well_formed(name: str) -> None:
    made = [each for each in structures(definition(ARNS)) if "Direction" not in each]
    found = [each[name] for each in made if name in each]
    assert found
    assert len(found) == len(set(found))
    assert all(
        len(each) <= 512 and each.replace("_", "").replace("-", "").replace(".", "").isalnum()
        for each in found
    )


def test_every_visual_has_its_place_and_none_overlap() -> None:
    for sheet in definition(ARNS)["Sheets"]:
        elements = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
        assert ids(sheet["Visuals"], "VisualId") == [each["ElementId"] for each in elements]
        cells = [
            (row, column)
            for each in elements
            for row in range(each["RowIndex"], each["RowIndex"] + each["RowSpan"])
            for column in range(each["ColumnIndex"], each["ColumnIndex"] + each["ColumnSpan"])
        ]
        assert len(cells) == len(set(cells))
        assert max(column for _, column in cells) < 36


def test_every_sheet_can_be_narrowed_by_job_account_and_region_where_its_data_have_them() -> None:
    made = definition(ARNS)
    filters = {
        each["FilterId"]: each["Column"]["ColumnName"]
        for each in structures(made["FilterGroups"])
        if "FilterId" in each
    }
    assert set(filters.values()) == set(FILTERS) == {"job_id", "account_id", "region"}
    for sheet in made["Sheets"]:
        offered = {filters[each] for each in ids(sheet["FilterControls"], "SourceFilterId")}
        for name in ids(sheet["Visuals"], "DataSetIdentifier"):
            had = {column.name for column in DATASETS[name].columns}
            assert offered == had & set(FILTERS), f"a control without effect, or none, on {name}"


def test_bars_and_lines_are_in_the_order_of_what_they_are_grouped_by() -> None:
    charts = [
        each["ChartConfiguration"]
        for each in structures(definition(ARNS)["Sheets"])
        if "TableUnaggregatedFieldWells" not in each.get("ChartConfiguration", {}).get("FieldWells", {})
        and "ChartConfiguration" in each
    ]
    assert len(charts) == 8
    for chart in charts:
        (wells,) = chart["FieldWells"].values()
        (sort,) = chart["SortConfiguration"]["CategorySort"]
        assert [sort["FieldSort"]["FieldId"]] == ids(wells["Category"], "FieldId")


def test_there_is_a_data_set_for_each_report_and_one_over_the_objects() -> None:
    assert list(DATASETS) == [*REPORTS, OBJECTS]
    assert [name for name, each in DATASETS.items() if each.live] == [OBJECTS]
    for name, report in REPORTS.items():
        assert [column.name for column in DATASETS[name].columns] == [
            *(column.name for column in report.columns),
            "account_id",
            "region",
            "as_of",
        ]


def test_the_objects_have_their_times_as_text_as_in_the_table() -> None:
    assert [column.name for column in DATASETS[OBJECTS].columns] == [name for name, _ in OBJECT_COLUMNS]
    assert Column("copied_at", Kind.TEXT) in DATASETS[OBJECTS].columns
    assert Column("size_bytes", Kind.WHOLE) in DATASETS[OBJECTS].columns


def test_the_sheets_have_the_views_of_the_page() -> None:
    assert [sheet.name for sheet in sheets()] == [
        "Progress",
        "Restore durations",
        "Temporary storage",
        "Attention",
        "Objects",
    ]


@mock_aws
def test_the_dashboard_can_be_created() -> None:
    client = boto3.client("quicksight", region_name=REGION)
    properties: Any = dashboard(SCOPE, ARNS)
    assert complaints("CreateDashboardRequest", properties) == ""
    client.create_dashboard(**properties)
    dashboard_id = "thaw-quicksight-dashboard"
    found = client.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId=dashboard_id)["Dashboard"]
    assert found.get("DashboardId") == dashboard_id


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_has_the_shape_of_the_service_model(name: str) -> None:
    made = data_set(SCOPE, name)
    assert complaints("CreateDataSetRequest", made) == ""
    found = list(enum_values(made["PhysicalTableMap"], model().shape_for("PhysicalTableMap")))
    assert [value for value, allowed in found if value not in allowed] == []


def test_numbers_are_floats_since_fixed_decimals_cannot_hold_the_bytes_of_a_day() -> None:
    columns = {each["Name"]: each for each in input_columns(DATASETS["temporary_storage"])}
    assert columns["byte_seconds"] == {"Name": "byte_seconds", "Type": "DECIMAL", "SubType": "FLOAT"}
    assert columns["day"] == {"Name": "day", "Type": "DATETIME"}


def test_the_template_holds_all_and_fits() -> None:
    text = template(SCOPE, {"application": "thaw"})
    assert len(text) < MAX_TEMPLATE_BYTES
    resources = json.loads(text)["Resources"]
    made = {key: each["Properties"] for key, each in resources.items()}
    assert all(each.pop("Tags") == [{"Key": "application", "Value": "thaw"}] for each in made.values())
    arns = {name: {"Fn::GetAtt": [f"{logical_id}DataSet", "Arn"]} for name, logical_id in LOGICAL_IDS.items()}
    assert resources["Dashboard"]["Type"] == "AWS::QuickSight::Dashboard"
    assert made.pop("Dashboard") == dashboard(SCOPE, arns)
    assert all(each.pop("IngestionWaitPolicy") == {"WaitForSpiceIngestion": False} for each in made.values())
    assert made == {f"{LOGICAL_IDS[name]}DataSet": data_set(SCOPE, name) for name in DATASETS}


def test_a_template_that_is_too_long_is_refused_before_anything_is_made() -> None:
    with pytest.raises(SettingsError, match=r"has \d+ bytes, CloudFormation takes 51200; use shorter"):
        template(SCOPE, {f"key{number}": "v" * 250 for number in range(50)})


def test_ten_tags_of_a_hundred_characters_fit() -> None:
    assert template(SCOPE, {f"key{number}": "v" * 100 for number in range(10)})
