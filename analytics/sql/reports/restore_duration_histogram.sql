-- reads: duration_pieces
SELECT
    job_id, storage_class, tier,
    from_ms / 1000e0 AS from_seconds,
    to_ms / 1000e0 AS to_seconds,
    CAST(sum(objects) AS bigint) AS objects
FROM duration_pieces
WHERE from_ms IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4
