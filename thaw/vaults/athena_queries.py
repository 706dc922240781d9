"""Athena as planning uses it: tables over files in S3, and queries that are started once and looked at."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.store.error_codes import error_code
from thaw.vaults.errors import PlanError

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient

_UNDER_WAY = ("QUEUED", "RUNNING")
"""https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecutionStatus.html"""

_HIVE = "org.apache.hadoop.hive.ql.io.parquet"


@dataclass(frozen=True)
class AthenaQueries:
    """Queries of one stack, in its work group and its Glue database. All raise ClientError."""

    athena: "AthenaClient"
    glue: "GlueClient"
    work_group: str
    database: str

    def start(self, sql: str, *name: str) -> str:
        """The id of the query `name`; another call with the same name and text finds the same query
        (https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html)."""
        answer = self.athena.start_query_execution(
            QueryString=sql,
            ClientRequestToken=hashlib.sha256("\n".join(name).encode()).hexdigest(),
            QueryExecutionContext={"Database": self.database},
            WorkGroup=self.work_group,
        )
        return answer["QueryExecutionId"]

    def is_done(self, query_id: str) -> bool:
        """Whether a query has succeeded; False while it is under way. Raises PlanError with the reason why
        it has failed."""
        found = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        status = found.get("Status", {})
        state = status.get("State", "")
        if state in _UNDER_WAY:
            return False
        if state != "SUCCEEDED":
            why = status.get("StateChangeReason") or "no reason"
            raise PlanError(
                f"Athena did not make the plan: query {query_id} is {state} ({why}). Resume the transfer, or"
                " plan the inventory with `thaw vault plan`, and give the plan."
            )
        return True

    def stop(self, query_id: str) -> None:
        """Stops a query; one that has ended stays as it is."""
        try:
            self.athena.stop_query_execution(QueryExecutionId=query_id)
        except ClientError as exc:
            if error_code(exc) != "InvalidRequestException":
                raise

    def make_table(self, name: str, columns: Mapping[str, str], location: str) -> None:
        """A table over Parquet files, in the place of the one that was there."""
        self.drop_table(name)
        self.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
                "StorageDescriptor": {
                    "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
                    "Location": location,
                    "InputFormat": f"{_HIVE}.MapredParquetInputFormat",
                    "OutputFormat": f"{_HIVE}.MapredParquetOutputFormat",
                    "SerdeInfo": {"SerializationLibrary": f"{_HIVE}.serde.ParquetHiveSerDe"},
                },
            },
        )

    def drop_table(self, name: str) -> None:
        """Forgets a table; its files stay."""
        try:
            self.glue.delete_table(DatabaseName=self.database, Name=name)
        except ClientError as exc:
            if error_code(exc) != "EntityNotFoundException":
                raise


def table_name(job_id: str, relation: str) -> str:
    """Of a table of one job; the policy of the function names them by their beginning."""
    return f"vault_plan_{hashlib.sha256(job_id.encode()).hexdigest()[:16]}_{relation}"
