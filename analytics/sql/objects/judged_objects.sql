-- reads: object_states, guidance, parameters
-- What the reasons for attention are judged by, of every object.
-- lapses_at: when the temporary copy of an object that nobody has copied ends, if it may still be there.
-- due_at: when it is overdue by the guidance for its class and tier.
-- notice: how long before that end it is told, at most 57 years (DuckDB multiplies intervals by 32 bits), and
-- at most 6 hours of the 24 that a vault's retrieval job can be read.
SELECT
    s.job_id, s.bucket, s.key, s.version_id, s.status, s.expires_at, s.size_bytes, s.error_code,
    s.restored_at, s.expired_at, s.failed_at, s.copied_at, s.as_of,
    CASE WHEN s.status IN ('RESTORED', 'FAILED') AND s.restored_at < s.expires_at
        AND coalesce(s.failed_at, s.never) < s.expires_at THEN s.expires_at END AS lapses_at,
    CAST(floor(3600e0 * CASE
        WHEN s.storage_class = 'GLACIER_VAULT' AND p.attention_hours > 6e0 THEN 6e0
        WHEN p.attention_hours < 500000e0 THEN p.attention_hours
        ELSE 500000e0 END) AS bigint) * INTERVAL '1' SECOND AS notice,
    CASE WHEN s.status = 'RESTORING' THEN s.begun_at + g.seconds * INTERVAL '1' SECOND END AS due_at,
    s.storage_class IS NULL OR s.storage_class IN ('', 'UNKNOWN', 'GLACIER', 'DEEP_ARCHIVE') AS is_archived
FROM object_states AS s
CROSS JOIN parameters AS p
LEFT JOIN guidance AS g ON g.storage_class = s.storage_class AND g.tier = s.tier
