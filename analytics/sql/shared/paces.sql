-- reads: hourly_counts, parameters
-- Objects restored and copied in the last six full hours before as_of, and the end of the last hour in which
-- anything was requested.
SELECT
    job_id,
    CAST(sum(CASE WHEN is_recent AND kind = 'completed' THEN objects ELSE 0 END) AS bigint)
        AS restored_objects,
    CAST(sum(CASE WHEN is_recent AND kind = 'copied' THEN objects ELSE 0 END) AS bigint) AS copied_objects,
    max(CASE WHEN kind = 'requested' AND objects > 0 THEN hour + INTERVAL '1' HOUR END) AS requested_until
FROM (
    SELECT
        h.job_id, h.hour, h.kind, h.objects,
        h.hour >= date_trunc('hour', p.as_of) - INTERVAL '6' HOUR AND h.hour < date_trunc('hour', p.as_of)
            AS is_recent
    FROM hourly_counts AS h
    CROSS JOIN parameters AS p
) AS hours
GROUP BY 1
