-- reads: storage_edges
-- From one day with an edge to the next: the bytes stored at the end of the first day, and so on all days
-- between, and by how much the byte-milliseconds of the first day differ from a whole day of these bytes.
SELECT
    job_id, day,
    coalesce(
        date_diff('millisecond', day, lead(day) OVER (PARTITION BY job_id ORDER BY day)), 86400000
    ) / 86400000e0 AS days,
    CAST(sum(started - ended) OVER before AS decimal(38, 0)) AS stored,
    CASE WHEN max(turned) OVER (PARTITION BY job_id) IS NOT NULL
        THEN CAST(sum(started - coalesce(turned, 0)) OVER before AS decimal(38, 0)) END AS waiting,
    ended_ms - started_ms AS stored_ms,
    coalesce(turned_ms, 0) - started_ms AS waiting_ms
FROM (
    SELECT
        job_id, day,
        CAST(sum(CASE WHEN edge = 'start' THEN bytes ELSE 0 END) AS decimal(38, 0)) AS started,
        CAST(sum(CASE WHEN edge = 'turn' THEN bytes END) AS decimal(38, 0)) AS turned,
        CAST(sum(CASE WHEN edge = 'end' THEN bytes ELSE 0 END) AS decimal(38, 0)) AS ended,
        CAST(sum(CASE WHEN edge = 'start' THEN byte_ms ELSE 0 END) AS decimal(38, 0)) AS started_ms,
        CAST(sum(CASE WHEN edge = 'turn' THEN byte_ms END) AS decimal(38, 0)) AS turned_ms,
        CAST(sum(CASE WHEN edge = 'end' THEN byte_ms ELSE 0 END) AS decimal(38, 0)) AS ended_ms
    FROM storage_edges
    GROUP BY 1, 2
) AS days
WINDOW before AS (PARTITION BY job_id ORDER BY day ROWS UNBOUNDED PRECEDING)
