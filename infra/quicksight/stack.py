"""The data sets and the dashboard as a CloudFormation template.

The Pulumi provider has neither the `Definition` of a dashboard nor the `SubType` of a data set's column
(https://github.com/hashicorp/terraform-provider-aws/issues/36571).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import SettingsError
from infra.names import Names
from infra.quicksight.access import DASHBOARD_ACTIONS, DATASET_ACTIONS
from infra.quicksight.dashboard import definition
from infra.quicksight.datasets import DATASETS, GLUE_CATALOG, dashed, input_columns

MAX_TEMPLATE_BYTES = 51_200
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

_AT_ONCE = {"WaitForSpiceIngestion": False}
"""Else CloudFormation waits up to 36 hours for the first import, and takes all back where it fails:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-quicksight-dataset-ingestionwaitpolicy.html"""


@dataclass(frozen=True)
class Scope:
    """Whose all of it is, and where the tables are: the data source is an ARN, the principal too."""

    names: Names
    account: str
    principal: str
    data_source: str
    data_catalog: str
    database: str


def template(scope: Scope, tags: Mapping[str, str]) -> str:
    """The template of a stack that holds all of it. Raises SettingsError when it is too long for one."""
    more = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    arns = {name: {"Fn::GetAtt": [_logical_id(name), "Arn"]} for name in DATASETS}
    resources = {
        _logical_id(name): {
            "Type": "AWS::QuickSight::DataSet",
            "Properties": data_set(scope, name) | {"IngestionWaitPolicy": _AT_ONCE} | more,
        }
        for name in DATASETS
    }
    resources["Dashboard"] = {
        "Type": "AWS::QuickSight::Dashboard",
        "Properties": dashboard(scope, arns) | more,
    }
    document = {"Description": "The QuickSight data sets and dashboard of Thaw.", "Resources": resources}
    body = json.dumps(document, separators=(",", ":"))
    if len(body.encode()) > MAX_TEMPLATE_BYTES:
        raise SettingsError(
            f"The dashboard's template has {len(body.encode())} bytes, CloudFormation takes"
            f" {MAX_TEMPLATE_BYTES}; use shorter or fewer tags."
        )
    return body


def data_set(scope: Scope, name: str) -> dict[str, Any]:
    """A data set, in the words that CloudFormation and CreateDataSet have in common.

    https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateDataSet.html
    """
    dataset = DATASETS[name]
    table = {
        "DataSourceArn": scope.data_source,
        "Catalog": scope.data_catalog if dataset.live else GLUE_CATALOG,
        "Schema": scope.database,
        "Name": dataset.table,
        "InputColumns": input_columns(dataset),
    }
    return {
        "AwsAccountId": scope.account,
        "DataSetId": scope.names.quicksight(dashed(name)),
        "Name": f"Thaw {name} ({scope.names.prefix})",
        "ImportMode": "SPICE",
        "PhysicalTableMap": {dashed(name): {"RelationalTable": table}},
        "Permissions": [{"Principal": scope.principal, "Actions": list(DATASET_ACTIONS)}],
    }


def dashboard(scope: Scope, dataset_arns: Mapping[str, Any]) -> dict[str, Any]:
    """The dashboard, in the words that CloudFormation and CreateDashboard have in common.

    https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateDashboard.html
    """
    dashboard_id = scope.names.quicksight("dashboard")
    return {
        "AwsAccountId": scope.account,
        "DashboardId": dashboard_id,
        "Name": f"Thaw ({dashboard_id})",
        "Permissions": [{"Principal": scope.principal, "Actions": list(DASHBOARD_ACTIONS)}],
        "Definition": definition(dataset_arns),
    }


def _logical_id(name: str) -> str:
    return "".join(map(str.capitalize, name.split("_"))) + "DataSet"
