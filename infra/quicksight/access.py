"""Who may do what in QuickSight, and what QuickSight may do on its behalf."""

from infra import policies
from infra.athena_policies import FIND_TABLES, QueryAccess, query_statements
from infra.names import Place
from infra.quicksight.datasets import GLUE_CATALOG

DATA_SOURCE_ACTIONS = (
    "quicksight:DescribeDataSource",
    "quicksight:DescribeDataSourcePermissions",
    "quicksight:PassDataSource",
    "quicksight:UpdateDataSource",
    "quicksight:DeleteDataSource",
    "quicksight:UpdateDataSourcePermissions",
)
DATASET_ACTIONS = (
    "quicksight:DescribeDataSet",
    "quicksight:DescribeDataSetPermissions",
    "quicksight:PassDataSet",
    "quicksight:DescribeIngestion",
    "quicksight:ListIngestions",
    "quicksight:UpdateDataSet",
    "quicksight:DeleteDataSet",
    "quicksight:CreateIngestion",
    "quicksight:CancelIngestion",
    "quicksight:UpdateDataSetPermissions",
)
DASHBOARD_ACTIONS = (
    "quicksight:DescribeDashboard",
    "quicksight:ListDashboardVersions",
    "quicksight:UpdateDashboardPermissions",
    "quicksight:QueryDashboard",
    "quicksight:UpdateDashboard",
    "quicksight:DeleteDashboard",
    "quicksight:DescribeDashboardPermissions",
    "quicksight:UpdateDashboardPublishedVersion",
)
"""An owner's actions. QuickSight takes these sets as a whole, or refuses the principal."""


def trust() -> str:
    """QuickSight may take on the role (https://docs.aws.amazon.com/quicksight/latest/user/datasource-run-as-role.html)."""
    return policies.trust("quicksight.amazonaws.com")


def data_source_role(access: QueryAccess, database: str, reports_bucket: str) -> str:
    """Queries over the objects, through the connector, and over the reports.

    `database` holds the types of both; `reports_bucket` is an ARN.
    """
    place = Place.of(access.work_group)
    types = [place.glue_arn(name) for name in ("catalog", f"database/{database}", f"table/{database}/*")]
    return policies.document(
        [
            *query_statements(access),
            policies.allow("StreamResults", _DRIVER_ACTIONS, access.work_group),
            policies.allow("FindReportTables", FIND_TABLES, place.data_catalog_arn(GLUE_CATALOG)),
            policies.allow("ReadTypes", _GLUE_ACTIONS, types),
            policies.allow("FindReports", ["s3:GetBucketLocation", "s3:ListBucket"], reports_bucket),
            policies.allow("ReadReports", ["s3:GetObject"], f"{reports_bucket}/*"),
        ]
    )


_DRIVER_ACTIONS = ("athena:BatchGetQueryExecution", "athena:GetQueryResultsStream")
"""What QuickSight calls besides, of all that AWS's own policy for it has:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSQuicksightAthenaAccess.html"""

_GLUE_ACTIONS = (
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartition",
    "glue:GetPartitions",
)
