-- reads: parameters
-- The records of the jobs asked for; their times are timestamps already.
SELECT
    o.job_id, o.bucket, o.key, o.version_id, o.size_bytes, o.storage_class, o.tier,
    o.restore_requested_at, o.restore_completed_at, o.restore_expires_at, o.restore_expired_at,
    o.copied_at, o.failed_at, o.observed_at, o.error_code, o.observed_status,
    p.as_of
FROM objects AS o
CROSS JOIN parameters AS p
WHERE p.job_id IS NULL OR o.job_id = p.job_id
