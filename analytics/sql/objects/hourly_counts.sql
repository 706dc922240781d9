-- reads: restored_objects
-- Events by the hour in which they happened, all kinds in one scan: each set groups by one of the hours.
SELECT
    job_id,
    coalesce(requested_hour, completed_hour, copied_hour, failed_hour, expired_hour) AS hour,
    CASE
        WHEN requested_hour IS NOT NULL THEN 'requested'
        WHEN completed_hour IS NOT NULL THEN 'completed'
        WHEN copied_hour IS NOT NULL THEN 'copied'
        WHEN failed_hour IS NOT NULL THEN 'failed'
        ELSE 'expired'
    END AS kind,
    objects, bytes
FROM (
    SELECT
        job_id, requested_hour, completed_hour, copied_hour, failed_hour, expired_hour,
        count(*) AS objects,
        CAST(coalesce(sum(size_bytes), 0) AS bigint) AS bytes
    FROM (
        SELECT
            job_id, size_bytes,
            date_trunc('hour', requested_at) AS requested_hour,
            date_trunc('hour', restored_at) AS completed_hour,
            date_trunc('hour', copied_at) AS copied_hour,
            date_trunc('hour', failed_at) AS failed_hour,
            date_trunc('hour', expired_at) AS expired_hour
        FROM restored_objects
    ) AS hours
    GROUP BY GROUPING SETS (
        (job_id, requested_hour), (job_id, completed_hour), (job_id, copied_hour),
        (job_id, failed_hour), (job_id, expired_hour)
    )
) AS counted
WHERE coalesce(requested_hour, completed_hour, copied_hour, failed_hour, expired_hour) IS NOT NULL
