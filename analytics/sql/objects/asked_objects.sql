-- reads: restored_objects
-- asked_at is the latest request, if it asked for a restore: one made while the copy was readable only
-- extends its life.
SELECT
    job_id, bucket, key, version_id, size_bytes, storage_class, tier, as_of,
    requested_at, completed_at, restored_at, expires_at, expired_at, copied_at, failed_at, error_code,
    observed_at, observed_status,
    CASE
        WHEN restored_at <= requested_at AND requested_at < expires_at
            AND NOT coalesce(restored_at <= expired_at AND expired_at <= requested_at, FALSE)
            THEN NULL
        ELSE requested_at
    END AS asked_at,
    CAST('0001-01-01 00:00:00' AS timestamp) AS never
FROM restored_objects
