"""The QuickSight data sets: one for each report, over its table in the reports bucket, and one over the live
objects table, through the connector, for drill-down."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.report_layout import RUN_COLUMNS
from analytics.schema import OBJECT_COLUMNS, REPORTS, Column, Kind

OBJECTS = "objects"
"""The data set, and the table it reads."""

INPUT_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "STRING",
    Kind.WHOLE: "INTEGER",
    Kind.NUMBER: "DECIMAL",
    Kind.TIME: "DATETIME",
    Kind.DAY: "DATETIME",
}
"""https://docs.aws.amazon.com/quicksight/latest/APIReference/API_InputColumn.html"""

FLOAT = "FLOAT"
"""The decimals that are floats. The other ones, FIXED, have eighteen digits, four of them decimal places: too
few for the bytes of a day times its seconds, and for the cost of a small job
(https://docs.aws.amazon.com/quicksight/latest/APIReference/API_InputColumn.html)."""

GLUE_CATALOG = "AwsDataCatalog"


@dataclass(frozen=True)
class Dataset:
    """A data set: the table that it imports into SPICE.

    `live`: the table is read through the connector, which scans it; else it lies in the reports bucket.
    """

    table: str
    columns: tuple[Column, ...]
    live: bool = False


def _objects() -> Dataset:
    """As DynamoDB holds them: times are text."""
    columns = tuple(Column(name, Kind.TEXT if kind is Kind.TIME else kind) for name, kind in OBJECT_COLUMNS)
    return Dataset(OBJECTS, columns, live=True)


DATASETS: Mapping[str, Dataset] = {
    name: Dataset(name, report.columns + RUN_COLUMNS) for name, report in REPORTS.items()
} | {OBJECTS: _objects()}
"""By name."""


def input_columns(dataset: Dataset) -> list[dict[str, str]]:
    """The columns of a data set, in the words of QuickSight's API."""
    return [
        {"Name": name, "Type": INPUT_TYPES[kind]} | ({"SubType": FLOAT} if kind is Kind.NUMBER else {})
        for name, kind in dataset.columns
    ]


def dashed(name: str) -> str:
    """A name as ids in QuickSight have it."""
    return name.replace("_", "-")
