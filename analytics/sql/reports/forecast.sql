-- reads: phases, paces, duration_figures, parameters
-- No time beyond 57 years (500,000 hours): it says nothing, and DuckDB multiplies intervals by 32 bits.
SELECT
    job_id, phase, done_objects, left_objects,
    recent_objects / 6e0 AS objects_per_hour,
    CASE
        WHEN left_objects > 0 AND left_objects < 500000e0 * recent_objects / 6e0
            THEN as_of + CAST(ceil(21600e0 * left_objects / recent_objects) AS bigint) * INTERVAL '1' SECOND
    END AS eta,
    CASE
        WHEN left_objects > 0 AND phase = 'restore' AND p99_seconds < 1800000000e0
            THEN requested_until + CAST(ceil(p99_seconds) AS bigint) * INTERVAL '1' SECOND
    END AS expected_from_durations
FROM (
    SELECT
        f.job_id, f.position, f.phase, f.done_objects, f.left_objects, p.as_of,
        coalesce(CASE f.phase WHEN 'restore' THEN s.restored_objects ELSE s.copied_objects END, 0)
            AS recent_objects,
        s.requested_until, d.p99_seconds
    FROM phases AS f
    LEFT JOIN paces AS s ON s.job_id = f.job_id
    LEFT JOIN (SELECT job_id, max(p99_seconds) AS p99_seconds FROM duration_figures GROUP BY 1) AS d
        ON d.job_id = f.job_id
    CROSS JOIN parameters AS p
) AS known
ORDER BY job_id, position
