-- reads: temporary_copies
-- Temporary copies by the days on which they begin, are copied and end: bytes, and bytes x milliseconds into
-- those days, as decimals: 50 TB times a day is beyond 2^63.
SELECT
    job_id,
    date_trunc('day', restored_at) AS start_day,
    date_trunc('day', turned_at) AS turn_day,
    date_trunc('day', ended_at) AS end_day,
    CAST(sum(stored) AS decimal(38, 0)) AS bytes,
    CAST(sum(stored * date_diff('millisecond', date_trunc('day', restored_at), restored_at))
        AS decimal(38, 0)) AS start_byte_ms,
    CAST(sum(stored * date_diff('millisecond', date_trunc('day', turned_at), turned_at))
        AS decimal(38, 0)) AS turn_byte_ms,
    CAST(sum(stored * date_diff('millisecond', date_trunc('day', ended_at), ended_at))
        AS decimal(38, 0)) AS end_byte_ms
FROM (
    SELECT job_id, restored_at, turned_at, ended_at, CAST(size_bytes AS decimal(38, 0)) AS stored
    FROM temporary_copies
) AS copies
GROUP BY 1, 2, 3, 4
