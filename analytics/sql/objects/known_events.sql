-- reads: object_records
-- What was known at as_of (known_at in thaw/core/history.py): an event later than that has not happened,
-- and an expiry is known once the restore that it belongs to has completed.
SELECT
    job_id, bucket, key, version_id, size_bytes, storage_class, tier, as_of,
    CASE WHEN restore_requested_at <= as_of THEN restore_requested_at END AS requested_at,
    CASE WHEN restore_completed_at <= as_of THEN restore_completed_at END AS completed_at,
    CASE WHEN restore_expired_at <= as_of THEN restore_expired_at END AS expired_at,
    CASE WHEN copied_at <= as_of THEN copied_at END AS copied_at,
    CASE WHEN failed_at <= as_of THEN failed_at END AS failed_at,
    CASE WHEN failed_at <= as_of THEN error_code END AS error_code,
    CASE WHEN observed_at <= as_of THEN observed_at END AS observed_at,
    CASE WHEN observed_at <= as_of THEN coalesce(nullif(observed_status, ''), 'RESTORING') END
        AS observed_status,
    CASE
        WHEN observed_status = 'RESTORED'
            AND (restore_completed_at IS NULL
                OR (restore_completed_at < restore_expired_at AND restore_expired_at <= observed_at))
            THEN CASE WHEN observed_at <= as_of THEN restore_expires_at END
        WHEN coalesce(restore_completed_at, observed_at, as_of) <= as_of THEN restore_expires_at
    END AS expires_at
FROM object_records
