"""Who may do what around Athena: the connector, and whoever queries through it.

The wildcards here are keys within a bucket of ours, the streams of a log group of ours, and the names of the
databases that the connector lists to find those of DynamoDB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.names import Place
from infra.policies import Statement, allow, document

SPILL_PREFIX = "athena-spill"
"""The connector's own default:
https://github.com/awslabs/aws-athena-query-federation/blob/master/athena-dynamodb/athena-dynamodb.yaml"""


FIND_TABLES = (
    "athena:GetDataCatalog",
    "athena:GetDatabase",
    "athena:GetTableMetadata",
    "athena:ListDatabases",
    "athena:ListTableMetadata",
)
"""What a query needs of the data catalog that it names, be it Glue's."""


@dataclass(frozen=True)
class ConnectorAccess:
    """What the connector works with: ARNs, and the name of the Glue database."""

    objects_table: str
    rollups_table: str
    database: str
    spill_bucket: str
    log_group: str
    work_group: str


def connector(access: ConnectorAccess) -> str:
    """What the connector does, of all that its own template would let it do to everything.

    No PartiQLSelect, so that nobody passes a query through, and no ListTables, so that it finds no table that
    Glue does not declare.
    """
    tables = [access.objects_table, access.rollups_table]
    spill = access.spill_bucket
    return document(
        [
            allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:Scan"], tables),
            allow("ReadTypes", ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"], _types(access)),
            allow("FindDatabases", ["glue:GetDatabases"], _databases(access)),
            allow("SeeWhetherTheQueryStillRuns", ["athena:GetQueryExecution"], access.work_group),
            allow("FindSpillBucket", ["s3:GetBucketLocation", "s3:ListBucket"], spill),
            allow("Spill", ["s3:GetObject", "s3:PutObject"], f"{spill}/{SPILL_PREFIX}/*"),
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{access.log_group}:*"),
        ]
    )


def _types(access: ConnectorAccess) -> list[str]:
    """Glue asks for the catalog and the database of a table too
    (https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html)."""
    place = Place.of(access.objects_table)
    names = ("catalog", f"database/{access.database}", f"table/{access.database}/*")
    return [place.glue_arn(name) for name in names]


def _databases(access: ConnectorAccess) -> list[str]:
    """Listing databases needs the right to every one of them
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html)."""
    place = Place.of(access.objects_table)
    return [place.glue_arn("catalog"), place.glue_arn("database/*")]


@dataclass(frozen=True)
class QueryAccess:
    """What a query through the connector touches: ARNs."""

    work_group: str
    data_catalog: str
    connector: str
    results_bucket: str
    spill_bucket: str


def query_statements(access: QueryAccess) -> Sequence[Statement]:
    """What whoever queries needs: Athena calls the connector, and reads what it spilled, with their rights
    (https://docs.aws.amazon.com/athena/latest/ug/federated-query-iam-access.html)."""
    buckets = [access.results_bucket, access.spill_bucket]
    return [
        allow(
            "RunQueries",
            [
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            access.work_group,
        ),
        allow("FindTables", FIND_TABLES, access.data_catalog),
        allow("CallConnector", ["lambda:InvokeFunction"], access.connector),
        allow("FindBuckets", ["s3:GetBucketLocation", "s3:ListBucket"], buckets),
        allow("ReadSpill", ["s3:GetObject"], f"{access.spill_bucket}/{SPILL_PREFIX}/*"),
        allow(
            "WriteAndReadResults",
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            f"{access.results_bucket}/*",
        ),
    ]


def query(access: QueryAccess) -> str:
    """The same as a document, for a person or a program of the operator's."""
    return document(query_statements(access))
