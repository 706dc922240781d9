-- reads: duration_buckets
SELECT
    job_id, storage_class, tier,
    CAST(floor((bucket - 64e0 * shift) * power(2e0, shift)) AS bigint) AS from_ms,
    CAST(floor((bucket - 64e0 * shift + 1e0) * power(2e0, shift)) AS bigint) AS to_ms,
    CAST(CASE WHEN bucket IS NULL THEN 0 ELSE amount END AS bigint) AS objects,
    CAST(CASE WHEN attribute = 'size_bytes' THEN amount ELSE 0 END AS bigint) AS bytes,
    CAST(CASE WHEN attribute = 'duration_ms' THEN amount ELSE 0 END AS bigint) AS duration_ms
FROM duration_buckets
