-- reads: asked_objects
-- The status (status in thaw/core/history.py): a copy is final; otherwise the latest event decides, the later
-- stage winning a tie.
SELECT
    job_id, bucket, key, version_id, size_bytes, storage_class, tier, as_of,
    requested_at, completed_at, restored_at, expires_at, expired_at, copied_at, failed_at, error_code,
    observed_at, never,
    CASE
        WHEN asked_at >= coalesce(completed_at, never) AND asked_at >= coalesce(failed_at, never)
            AND asked_at >= coalesce(expired_at, never) THEN asked_at
        ELSE observed_at
    END AS begun_at,
    CASE
        WHEN copied_at IS NOT NULL THEN 'COPIED'
        WHEN expired_at >= coalesce(completed_at, never) AND expired_at >= coalesce(observed_at, never)
            AND expired_at >= coalesce(failed_at, never) AND expired_at >= coalesce(asked_at, never)
            THEN 'EXPIRED'
        WHEN completed_at >= coalesce(observed_at, never) AND completed_at >= coalesce(failed_at, never)
            AND completed_at >= coalesce(asked_at, never)
            THEN 'RESTORED'
        WHEN observed_at >= coalesce(failed_at, never) AND observed_at >= coalesce(asked_at, never)
            THEN observed_status
        WHEN failed_at >= coalesce(asked_at, never) THEN 'FAILED'
        WHEN asked_at IS NOT NULL THEN 'RESTORING'
        ELSE 'PENDING'
    END AS status
FROM asked_objects
