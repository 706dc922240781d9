-- reads: restored_objects
-- Every temporary copy: from its restore to the earlier of its expiry and as_of; turned_at is when the object
-- had been copied, within these bounds. What Glacier holds for a vault's retrieval job is not billed, and none.
SELECT
    job_id, size_bytes, restored_at, ended_at,
    CASE
        WHEN copied_at IS NULL OR copied_at >= ended_at THEN ended_at
        WHEN copied_at < restored_at THEN restored_at
        ELSE copied_at
    END AS turned_at
FROM (
    SELECT
        job_id, size_bytes, restored_at, copied_at,
        CASE WHEN expires_at < as_of THEN expires_at ELSE as_of END AS ended_at
    FROM restored_objects
    WHERE restored_at < expires_at AND size_bytes > 0 AND coalesce(storage_class, '') <> 'GLACIER_VAULT'
) AS copies
