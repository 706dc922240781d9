-- reads: counter_rows
-- Temporary copies by the hour in which they begin and the day on which they end.
SELECT
    job_id, as_of, hour, end_day,
    CAST(sum(CASE WHEN attribute = 'size_bytes' THEN amount ELSE 0 END) AS decimal(38, 0)) AS bytes,
    CAST(sum(CASE WHEN attribute = 'start_byte_ms' THEN amount ELSE 0 END) AS decimal(38, 0))
        AS start_byte_ms,
    CAST(sum(CASE WHEN attribute = 'end_byte_ms' THEN amount ELSE 0 END) AS decimal(38, 0)) AS end_byte_ms
FROM (
    SELECT
        job_id, as_of, hour, attribute, amount,
        CASE WHEN family = 'storage' THEN CAST(second_part || ' 00:00:00' AS timestamp) END AS end_day
    FROM counter_rows
    WHERE family = 'storage'
) AS rows_of_storage
GROUP BY 1, 2, 3, 4
