-- reads: known_events
-- When an object became readable (restored_at in thaw/core/history.py): at its completion, or, if that event
-- got lost, when a listing showed it so.
SELECT
    job_id, bucket, key, version_id, size_bytes, storage_class, tier, as_of,
    requested_at, completed_at, expires_at, expired_at, copied_at, failed_at, error_code,
    observed_at, observed_status,
    CASE
        WHEN observed_status = 'RESTORED'
            AND (completed_at IS NULL OR (completed_at < expired_at AND expired_at <= observed_at))
            THEN observed_at
        ELSE completed_at
    END AS restored_at
FROM known_events
