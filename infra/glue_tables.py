"""The tables as Glue declares them to the connector: names and types, so that it infers nothing.

Times stay text, as they are in DynamoDB (ISO-8601 with milliseconds and `Z`): a malformed one is then seen by
the query, where the connector would leave a malformed timestamp out. Not declared, and so not to be queried,
are what a record has for its writers alone (`revision`, `run`, `since`, `former`), the thousands of histogram
buckets (`b0`, `b1`, ...), and a job's maps and lists.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from analytics.schema import OBJECT_COLUMNS, Kind
from thaw.core.history import Status

TEXT, COUNT, EXACT = "string", "bigint", "decimal(38,0)"

GLUE_TYPES: Mapping[Kind, str] = {Kind.TEXT: TEXT, Kind.TIME: TEXT, Kind.WHOLE: COUNT}
"""How the columns of object records are declared."""

EVENTS = ("requested", "completed", "copied", "failed", "expired")
"""What the hourly counters count."""

DATABASE_MARK = "dynamo-db-flag"
"""In a database's location, it shows the connector the database
(https://docs.aws.amazon.com/athena/latest/ug/connectors-dynamodb.html)."""


class GlueColumn(NamedTuple):
    """A column and its Glue type."""

    name: str
    type: str


OBJECTS = (
    GlueColumn("object_path", TEXT),
    *(GlueColumn(column.name, GLUE_TYPES[column.kind]) for column in OBJECT_COLUMNS),
)
"""`object_path` is the partition key: a query that names it is a Query, any other is a Scan."""


def _rollups() -> Iterator[GlueColumn]:
    yield GlueColumn("job_id", TEXT)
    yield GlueColumn("metric", TEXT)
    yield GlueColumn("objects", COUNT)
    yield GlueColumn("size_bytes", EXACT)
    yield GlueColumn("tier", TEXT)
    yield GlueColumn("created_at", TEXT)
    counted = [status.lower() for status in Status if status is not Status.PENDING]
    for word in dict.fromkeys((*counted, *EVENTS)):
        yield GlueColumn(f"{word}_objects", COUNT)
        yield GlueColumn(f"{word}_bytes", EXACT)
    for sum_ in ("duration_ms", "start_byte_ms", "end_byte_ms"):
        yield GlueColumn(sum_, EXACT)


ROLLUPS = tuple(_rollups())
"""Each row has those of its metric (docs/architecture.md); sums of bytes may be beyond a bigint."""


def table_parameters(source_table: str) -> dict[str, str]:
    """What tells the connector that a Glue table is a DynamoDB table, and of which name."""
    return {"classification": "dynamodb", "sourceTable": source_table}
