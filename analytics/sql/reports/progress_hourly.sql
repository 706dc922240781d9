-- reads: hourly_counts
SELECT
    job_id, hour,
    CAST(sum(CASE WHEN kind = 'requested' THEN objects ELSE 0 END) AS bigint) AS requested_objects,
    CAST(sum(CASE WHEN kind = 'completed' THEN objects ELSE 0 END) AS bigint) AS completed_objects,
    CAST(sum(CASE WHEN kind = 'copied' THEN objects ELSE 0 END) AS bigint) AS copied_objects,
    CAST(sum(CASE WHEN kind = 'failed' THEN objects ELSE 0 END) AS bigint) AS failed_objects,
    CAST(sum(CASE WHEN kind = 'expired' THEN objects ELSE 0 END) AS bigint) AS expired_objects,
    CAST(sum(CASE WHEN kind = 'requested' THEN bytes ELSE 0 END) AS bigint) AS requested_bytes,
    CAST(sum(CASE WHEN kind = 'completed' THEN bytes ELSE 0 END) AS bigint) AS completed_bytes,
    CAST(sum(CASE WHEN kind = 'copied' THEN bytes ELSE 0 END) AS bigint) AS copied_bytes,
    CAST(sum(CASE WHEN kind = 'failed' THEN bytes ELSE 0 END) AS bigint) AS failed_bytes,
    CAST(sum(CASE WHEN kind = 'expired' THEN bytes ELSE 0 END) AS bigint) AS expired_bytes
FROM hourly_counts
GROUP BY 1, 2
ORDER BY 1, 2
