-- reads: ranked_durations
-- Nearest-rank percentiles; the middle of its bucket stands for every number in it.
SELECT
    job_id, storage_class, tier,
    CAST(sum(objects) AS bigint) AS objects,
    CAST(sum(bytes) AS bigint) AS bytes,
    min(from_ms) / 1000e0 AS min_seconds,
    min(CASE WHEN seen >= 0.5e0 * total THEN from_ms + to_ms - 1 END) / 2000e0 AS p50_seconds,
    min(CASE WHEN seen >= 0.9e0 * total THEN from_ms + to_ms - 1 END) / 2000e0 AS p90_seconds,
    min(CASE WHEN seen >= 0.95e0 * total THEN from_ms + to_ms - 1 END) / 2000e0 AS p95_seconds,
    min(CASE WHEN seen >= 0.99e0 * total THEN from_ms + to_ms - 1 END) / 2000e0 AS p99_seconds,
    (max(to_ms) - 1) / 1000e0 AS max_seconds,
    sum(duration_ms) / (1000e0 * sum(objects)) AS mean_seconds
FROM ranked_durations
GROUP BY 1, 2, 3
