-- reads: duration_figures
SELECT
    job_id, storage_class, tier, objects, bytes,
    min_seconds, p50_seconds, p90_seconds, p95_seconds, p99_seconds, max_seconds, mean_seconds
FROM duration_figures
ORDER BY 1, 2, 3
