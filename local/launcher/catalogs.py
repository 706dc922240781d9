"""What a catalog of the emulator's Athena holds: Glue tables over files in S3, or over DynamoDB tables."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import relations
from access import Permissions
from relations import GlueTable, quoted

GLUE = "AwsDataCatalog"

_FLAG = "dynamo-db-flag"


class Place(NamedTuple):
    """Where a name without qualifiers is looked up."""

    catalog: str
    database: str

    @property
    def path(self) -> str:
        return ".".join(quoted(part) for part in self)


@dataclass(frozen=True)
class Table:
    """A table a query may read: `make` creates it in a DuckDB connection, under `path`."""

    place: Place
    name: str
    make: Callable[[Any, str], None]

    @property
    def path(self) -> str:
        return f"{self.place.path}.{quoted(self.name)}"


@dataclass(frozen=True)
class Services:
    """The emulator's services that Athena reads, and what its caller may."""

    athena: Any
    glue: Any
    dynamodb: Any
    functions: Any
    permissions: Permissions

    def table(self, place: Place, name: str) -> Table:
        """A table of a database; raises what makes the query fail, as Athena puts it."""
        catalogs = {each["Name"].lower(): each for each in self.athena._data_catalogs.values()}
        catalog = catalogs.get(place.catalog.lower())
        if catalog is None:
            raise LookupError(f"CATALOG_NOT_FOUND: Catalog '{place.catalog}' does not exist")
        if place.database not in self.glue._databases:
            raise LookupError(f"SCHEMA_NOT_FOUND: Schema '{place.database}' does not exist")
        declared = self.glue._tables.get(f"{place.database}/{name}")
        if declared is None:
            raise LookupError(f"TABLE_NOT_FOUND: Table '{'.'.join(place)}.{name}' does not exist")
        if catalog["Type"] == "LAMBDA":
            return self._over_dynamodb(place, declared, self._connector(catalog))
        return self._over_files(place, declared)

    def _connector(self, catalog: Mapping[str, Any]) -> str:
        """The name of the connector's function, which the caller must be allowed to invoke.

        https://docs.aws.amazon.com/athena/latest/ug/federated-query-iam-access.html
        """
        parameters = catalog["Parameters"]
        arn = parameters.get("function") or parameters.get("record-function", "")
        name = arn.rpartition(":")[2]
        function = self.functions._functions.get(name)
        if function is None:
            raise LookupError(f"GENERIC_USER_ERROR: Function not found: {arn}")
        self.permissions.require("athena:GetDataCatalog", self.athena._arn_datacatalog(catalog["Name"]))
        self.permissions.require("lambda:InvokeFunction", arn)
        variables = function["config"].get("Environment", {}).get("Variables", {})
        if "spill_bucket" in variables:
            folder = f"{variables['spill_bucket']}/{variables['spill_prefix']}"
            self.permissions.require("s3:GetObject", f"arn:aws:s3:::{folder}/any")
        return name

    def _require_flag(self, database: str) -> None:
        """The connector looks only at Glue databases whose location says so.

        https://docs.aws.amazon.com/athena/latest/ug/connectors-dynamodb.html
        """
        location = str(self.glue._databases[database].get("LocationUri"))
        if database != "default" and _FLAG not in location:
            raise LookupError(
                f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist: the location of the Glue database"
                f" is {location}, without {_FLAG}"
            )

    def _over_dynamodb(self, place: Place, table: GlueTable, connector: str) -> Table:
        """The rows of now, as the connector would scan them."""
        self._require_flag(place.database)
        source = table["Parameters"].get("sourceTable") or table["Name"]
        stored = self.dynamodb._tables.get(source)
        if stored is None:
            raise LookupError(f"GENERIC_USER_ERROR: {connector} found no DynamoDB table {source}")
        declared = relations.columns(table)
        lines = [
            relations.as_line(item, declared) for items in stored["items"].values() for item in items.values()
        ]

        def make(connection: Any, path: str) -> None:
            relations.make_from_lines(connection, path, declared, lines)

        return Table(place, table["Name"], make)

    def _over_files(self, place: Place, table: GlueTable) -> Table:
        """The files below the table's location, in whatever folders, read as the table declares them."""
        location = table["StorageDescriptor"].get("Location", "")
        root = location.removeprefix("s3://").rstrip("/")
        arn = self.glue._arn("table", f"{place.database}/{table['Name']}")
        # https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
        for each in (
            arn,
            self.glue._arn("database", place.database),
            f"{arn.partition(':table/')[0]}:catalog",
        ):
            self.permissions.require("glue:GetTable", each)
        self.permissions.require("s3:ListBucket", f"arn:aws:s3:::{root.partition('/')[0]}")
        self.permissions.require("s3:GetObject", f"arn:aws:s3:::{root}/any")
        folders: list[str] = []
        files = self.athena._materialize_table_files(location, folders)

        def make(connection: Any, path: str) -> None:
            try:
                reader = self._reader(connection, table, files)
                connection.execute(f"CREATE TABLE {path} AS FROM {reader}")
            finally:
                for folder in folders:
                    shutil.rmtree(folder, ignore_errors=True)

        return Table(place, table["Name"], make)

    def _reader(self, connection: Any, table: GlueTable, files: list[str]) -> str:
        if not files:
            return self.athena._empty_relation(table)
        reader = self.athena._table_relation(table, files)
        parquet = self.athena._data_format(table) == "parquet"
        return relations.as_declared(connection, table, reader) if parquet else reader
