-- reads: judged_objects
-- The most urgent reason of each object that needs somebody, and since when it holds.
SELECT job_id, bucket, key, version_id, reason, status, since, expires_at, size_bytes, error_code
FROM (
    SELECT
        job_id, bucket, key, version_id, status, expires_at, size_bytes, error_code,
        CASE urgency
            WHEN 1 THEN 'expired_uncopied'
            WHEN 2 THEN 'failed'
            WHEN 3 THEN 'expiring_uncopied'
            WHEN 4 THEN 'restore_overdue'
            ELSE 'untracked_copy'
        END AS reason,
        CASE urgency
            WHEN 1 THEN coalesce(lapses_at, expired_at)
            WHEN 2 THEN failed_at
            WHEN 3 THEN CASE
                WHEN restored_at > lapses_at - notice THEN restored_at
                ELSE lapses_at - notice END
            WHEN 4 THEN due_at
            ELSE copied_at
        END AS since,
        urgency
    FROM (
        SELECT
            job_id, bucket, key, version_id, status, expires_at, size_bytes, error_code, notice,
            lapses_at, expired_at, failed_at, restored_at, due_at, copied_at,
            CASE
                WHEN status = 'EXPIRED' OR lapses_at <= as_of THEN 1
                WHEN status = 'FAILED' THEN 2
                WHEN lapses_at - notice <= as_of THEN 3
                WHEN due_at < as_of THEN 4
                WHEN status = 'COPIED' AND restored_at IS NULL AND is_archived THEN 5
            END AS urgency
        FROM judged_objects
    ) AS judged
    WHERE urgency IS NOT NULL
) AS named
ORDER BY urgency, since NULLS FIRST, job_id, bucket, key, version_id
