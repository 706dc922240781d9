"""The Glue tables over the newest Parquet files in the reports bucket: one a report, of all deployments."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from analytics.report_layout import RUN_COLUMNS, Form, latest_prefix
from analytics.schema import REPORTS, Kind

GLUE_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "string",
    Kind.WHOLE: "bigint",
    Kind.NUMBER: "double",
    Kind.TIME: "timestamp",
    Kind.DAY: "date",
}
"""Hive's names of Athena's types: https://docs.aws.amazon.com/athena/latest/ug/data-types.html"""

INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
"""https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html"""


def report_tables(
    database: pulumi.Input[str], bucket: pulumi.Input[str], prefix: str, opts: ResourceOptions
) -> list[aws.glue.CatalogTable]:
    """A table for each report in the Glue database; Athena reads the folders below its location too."""
    return [_table(name, database, bucket, prefix, opts) for name in REPORTS]


def glue_columns(report: str) -> list[tuple[str, str]]:
    """The names and Glue types of a report's columns and of those that its files have besides."""
    return [(column.name, GLUE_TYPES[column.kind]) for column in (*REPORTS[report].columns, *RUN_COLUMNS)]


def _table(
    report: str, database: pulumi.Input[str], bucket: pulumi.Input[str], prefix: str, opts: ResourceOptions
) -> aws.glue.CatalogTable:
    folder = latest_prefix(prefix, Form.PARQUET, report)
    storage = aws.glue.CatalogTableStorageDescriptorArgs(
        location=Output.from_input(bucket).apply(lambda name: f"s3://{name}/{folder}"),
        input_format=INPUT_FORMAT,
        output_format=OUTPUT_FORMAT,
        ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(serialization_library=SERDE),
        columns=[
            aws.glue.CatalogTableStorageDescriptorColumnArgs(name=name, type=type_)
            for name, type_ in glue_columns(report)
        ],
    )
    return aws.glue.CatalogTable(
        f"report-{report}",
        name=report,
        database_name=database,
        description=f"The newest report {report} of every account and Region that writes here.",
        table_type="EXTERNAL_TABLE",
        parameters={"classification": "parquet", "EXTERNAL": "TRUE"},
        storage_descriptor=storage,
        opts=opts,
    )
