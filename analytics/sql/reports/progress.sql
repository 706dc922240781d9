-- reads: status_counts, statuses
SELECT
    job_id, status, objects, bytes,
    coalesce(100e0 * objects / nullif(CAST(sum(objects) OVER job AS double), 0e0), 0e0) AS percent_objects,
    coalesce(100e0 * bytes / nullif(CAST(sum(bytes) OVER job AS double), 0e0), 0e0) AS percent_bytes
FROM (
    SELECT
        c.job_id, s.position, s.status,
        CAST(sum(CASE WHEN c.status = s.status THEN c.objects ELSE 0 END) AS bigint) AS objects,
        CAST(sum(CASE WHEN c.status = s.status THEN c.bytes ELSE 0 END) AS bigint) AS bytes
    FROM status_counts AS c
    CROSS JOIN statuses AS s
    GROUP BY 1, 2, 3
) AS counted
WINDOW job AS (PARTITION BY job_id)
ORDER BY job_id, position
