"""A Parquet file of object records as a migration of three jobs leaves them, the same in every run."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from thaw.duckdb_sessions import quiet

AS_OF = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""When the reports are asked for: copying is under way, one object in a hundred needs somebody."""

USD_PER_GB_MONTH = 0.023
ATTENTION_HOURS = 24

_ROWS = """
    SELECT
        i,
        hash(i) % 1000 AS chance,
        hash(i + 1) % 172800000 AS asked_ms,
        3600000 * (1 + (i % 2) * 8) + (hash(i + 2) % 18000000) * (hash(i + 3) % 1000) // 500 AS took_ms,
        hash(i + 4) % 43200000 AS copy_ms
    FROM range(?) AS numbers (i)"""

_EVENTS = """
    SELECT
        i, chance,
        TIMESTAMP '2026-11-21 03:00:00' + to_milliseconds(asked_ms::BIGINT) AS requested_at,
        CASE WHEN chance >= 8 THEN requested_at + to_milliseconds(took_ms::BIGINT) END AS completed_at,
        CASE WHEN chance >= 20 THEN completed_at + to_milliseconds(copy_ms::BIGINT) END AS copied_at,
        date_trunc('day', completed_at) + (IF(chance < 10, 1, 8)) * INTERVAL 1 DAY AS expires_at,
        CASE WHEN chance < 10 THEN expires_at END AS expired_at,
        CASE WHEN chance < 4 THEN requested_at + INTERVAL 1 HOUR END AS failed_at
    FROM rows_of_chance"""

_RECORDS = """
    SELECT
        ['genome-archive-2026-11', 'media-2019', 'scans'][1 + i % 3] AS job_id,
        ['genome-archive', 'media-archive', 'scans'][1 + i % 3] AS bucket,
        format('runs/2019-{:02d}/flowcell-{:06d}/sample-{:08d}.fastq.gz', 1 + i % 12, i // 96, i) AS key,
        format('{:016x}{:016x}', hash(i * 3), hash(i * 5)) AS version_id,
        (hash(i + 5) % 80000000000)::BIGINT AS size_bytes,
        ['GLACIER', 'DEEP_ARCHIVE'][1 + i % 2] AS storage_class,
        'Bulk' AS tier,
        requested_at AS restore_requested_at, completed_at AS restore_completed_at,
        expires_at AS restore_expires_at, expired_at AS restore_expired_at, copied_at, failed_at,
        CASE WHEN failed_at IS NOT NULL THEN 'AccessDenied' END AS error_code,
        CASE WHEN failed_at IS NOT NULL THEN 'Access Denied' END AS error_message,
        CAST(NULL AS TIMESTAMP) AS observed_at,
        CAST(NULL AS VARCHAR) AS observed_status,
        CASE WHEN copied_at IS NOT NULL THEN 'COPIED' WHEN expired_at IS NOT NULL THEN 'EXPIRED'
            WHEN completed_at IS NOT NULL THEN 'RESTORED' WHEN failed_at IS NOT NULL THEN 'FAILED'
            ELSE 'RESTORING' END AS status
    FROM events"""

_SQL = f"WITH rows_of_chance AS ({_ROWS}), events AS ({_EVENTS}) {_RECORDS}"


def write_object_file(path: Path, rows: int) -> None:
    """Writes `rows` records with the columns of OBJECT_COLUMNS."""
    with duckdb.connect() as connection:
        quiet(connection)
        connection.execute(f"COPY ({_SQL}) TO '{path}' (FORMAT parquet)", [rows])
