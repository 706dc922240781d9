-- reads: parameters
-- The records of the jobs asked for; text that is no time fails the statement.
SELECT
    o.job_id, o.bucket, o.key, o.version_id, o.size_bytes, o.storage_class, o.tier,
    CAST(replace(replace(nullif(o.restore_requested_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS restore_requested_at,
    CAST(replace(replace(nullif(o.restore_completed_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS restore_completed_at,
    CAST(replace(replace(nullif(o.restore_expires_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS restore_expires_at,
    CAST(replace(replace(nullif(o.restore_expired_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS restore_expired_at,
    CAST(replace(replace(nullif(o.copied_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS copied_at,
    CAST(replace(replace(nullif(o.failed_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS failed_at,
    CAST(replace(replace(nullif(o.observed_at, ''), 'T', ' '), 'Z', '') AS timestamp)
        AS observed_at,
    o.error_code, o.observed_status,
    p.as_of
FROM objects AS o
CROSS JOIN parameters AS p
WHERE p.job_id IS NULL OR o.job_id = p.job_id
