"""The tables that the reports read, in DuckDB, as this folder's tests want them."""

from collections.abc import Sequence

import duckdb

from analytics.rollup_relations import load_rollups
from analytics.statements import Times
from tests.analytics.object_rows import create_objects, registered
from thaw.core.jobs import Job, Totals
from thaw.core.records import ObjectRecord
from thaw.store.jobs import JobCounters

CREATED_AT = "2023-12-31T00:00:00.000Z"


def fill(connection: duckdb.DuckDBPyConnection, records: Sequence[ObjectRecord]) -> None:
    """Schemas `typed` and `text`, each with `objects`, and `jobs` and `counters` in `typed`."""
    for times in Times:
        connection.execute(f"CREATE SCHEMA {times}; USE {times}")
        create_objects(connection, records, times)
    connection.execute(_EMPTY_TEXTS)
    connection.execute(f"USE {Times.TYPED}")
    load_rollups(connection, [*registered(records), *EXTREMES])


_EMPTY_TEXTS = """
    UPDATE text.objects SET
        restore_requested_at = coalesce(restore_requested_at, ''), copied_at = coalesce(copied_at, ''),
        failed_at = coalesce(failed_at, ''), observed_at = coalesce(observed_at, ''),
        observed_status = coalesce(observed_status, '')
    WHERE size_bytes % 2 = 1
"""
"""Some files leave a field empty where others leave it away."""

_BILLION = 10**9
_BYTES = 9 * 10**18
EXTREMES: tuple[tuple[Job, JobCounters], ...] = (
    (Job("empty", CREATED_AT, "Bulk", Totals(0, 0)), {}),
    (
        Job("billion", CREATED_AT, "Bulk", Totals(_BILLION, _BYTES)),
        {
            ("status", "copied_objects"): _BILLION - 7,
            ("status", "copied_bytes"): _BYTES - 1,
            ("hour#2024-02-29T23", "requested_objects"): _BILLION,
            ("hour#2024-02-29T23", "requested_bytes"): _BYTES,
            ("hour#2024-03-01T23", "completed_objects"): _BILLION - 7,
            ("hour#2024-03-01T23", "completed_bytes"): _BYTES - 1,
            ("duration#DEEP_ARCHIVE#Bulk", "objects"): _BILLION - 7,
            ("duration#DEEP_ARCHIVE#Bulk", "size_bytes"): _BYTES - 1,
            ("duration#DEEP_ARCHIVE#Bulk", "duration_ms"): _BILLION * 86_400_000,
            ("duration#DEEP_ARCHIVE#Bulk", "b1360"): _BILLION - 8,
            ("duration#DEEP_ARCHIVE#Bulk", "b1361"): 1,
            ("storage#2024-03-01T23#2024-12-31", "objects"): _BILLION - 7,
            ("storage#2024-03-01T23#2024-12-31", "size_bytes"): _BYTES - 1,
            ("storage#2024-03-01T23#2024-12-31", "start_byte_ms"): (_BYTES - 1) * 3_599_999,
            ("storage#2024-03-01T23#2024-12-31", "end_byte_ms"): (_BYTES - 1) * 86_399_999,
        },
    ),
)
"""Jobs that no list of records could make up here: nothing at all, and more than 2**62 bytes."""
