-- reads: duration_pieces
-- Every piece with the number of objects in its bucket and those before it.
SELECT
    job_id, storage_class, tier, from_ms, to_ms, objects, bytes, duration_ms,
    CAST(sum(objects) OVER (
        PARTITION BY job_id, storage_class, tier ORDER BY from_ms NULLS LAST ROWS UNBOUNDED PRECEDING
    ) AS double) AS seen,
    CAST(sum(objects) OVER (PARTITION BY job_id, storage_class, tier) AS double) AS total
FROM duration_pieces
