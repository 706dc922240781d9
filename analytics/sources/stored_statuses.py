"""Stored statuses against derived ones: reports always use the derived, and tell of those that disagree."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from analytics.schema import Origin
from analytics.sources.loading import Connection
from analytics.statements import Parameters, compose

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)

_DISAGREEING = """-- reads: object_states
SELECT count(*), min_by([bucket, key, version_id, tier, status], [bucket, key, version_id])
FROM object_states WHERE tier <> status"""
"""Where the relation `objects` has its stored status as its tier, which nothing changes on the way."""


def tell_wrong_statuses(connection: Connection, source: str, tell: Callable[[str], None]) -> None:
    """Tells how many records of `objects` have a stored status that their times contradict, and the first."""
    parameters = Parameters(_END_OF_TIME, usd_per_gb_month=0)
    connection.execute("CREATE SCHEMA stored")
    connection.execute("CREATE VIEW stored.objects AS SELECT * REPLACE (status AS tier) FROM main.objects")
    connection.execute("SET search_path = 'stored,main'")
    try:
        found: Any = connection.execute(compose(_DISAGREEING, Origin.OBJECTS, parameters)).fetchone()
    finally:
        connection.execute("SET search_path = 'main'")
    count, first = found
    if count:
        bucket, key, version_id, stored, derived = first
        what = (
            "status contradicts its times and is" if count == 1 else "statuses contradict their times and are"
        )
        tell(
            f"{source}: {count:,} stored {what} derived again; the first is {bucket}/{key!r}"
            f" (version {version_id}), stored as {stored}, derived {derived}."
        )
