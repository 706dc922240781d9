-- reads: object_states
SELECT
    job_id, status,
    count(*) AS objects,
    CAST(coalesce(sum(size_bytes), 0) AS bigint) AS bytes
FROM object_states
GROUP BY 1, 2
