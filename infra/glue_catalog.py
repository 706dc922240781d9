"""The Glue database, and in it the two tables as the connector is to see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import glue_tables
from infra.glue_tables import GlueColumn
from infra.names import Names


@dataclass(frozen=True)
class GlueCatalogArgs:
    """The tables to declare."""

    names: Names
    tags: Mapping[str, str]
    objects_table_name: pulumi.Input[str]
    objects_table_arn: pulumi.Input[str]
    rollups_table_name: pulumi.Input[str]
    rollups_table_arn: pulumi.Input[str]


class GlueCatalog(pulumi.ComponentResource):
    """Names and types; the tables of the reports stand in the same database."""

    database_name: Output[str]

    def __init__(self, name: str, args: GlueCatalogArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:athena:GlueCatalog", name, None, opts)
        self._child = ResourceOptions(parent=self)
        database = aws.glue.CatalogDatabase(
            "database",
            name=args.names.database,
            description="The tables and reports of Thaw.",
            location_uri=glue_tables.DATABASE_MARK,
            tags=args.tags,
            opts=self._child,
        )
        self.database_name = database.name
        self._table("objects", glue_tables.OBJECTS, args.objects_table_name, args.objects_table_arn)
        self._table("rollups", glue_tables.ROLLUPS, args.rollups_table_name, args.rollups_table_arn)
        self.register_outputs({"database_name": self.database_name})

    def _table(
        self, name: str, columns: Sequence[GlueColumn], source: pulumi.Input[str], arn: pulumi.Input[str]
    ) -> None:
        """One table. The connector looks at the location of each: where one lacks it, it lists none."""
        declared = [
            aws.glue.CatalogTableStorageDescriptorColumnArgs(name=column.name, type=column.type)
            for column in columns
        ]
        aws.glue.CatalogTable(
            f"{name}-types",
            name=name,
            database_name=self.database_name,
            table_type="EXTERNAL_TABLE",
            parameters=Output.from_input(source).apply(glue_tables.table_parameters),
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(columns=declared, location=arn),
            opts=self._child,
        )
