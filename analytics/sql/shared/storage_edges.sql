-- reads: storage_pieces
-- What begins (start), is copied (turn) or ends on a day.
SELECT
    job_id, edge, day,
    CAST(sum(bytes) AS decimal(38, 0)) AS bytes,
    CAST(sum(byte_ms) AS decimal(38, 0)) AS byte_ms
FROM (
    SELECT
        p.job_id, e.edge,
        CASE e.edge WHEN 'start' THEN p.start_day WHEN 'turn' THEN p.turn_day ELSE p.end_day END AS day,
        p.bytes,
        CASE e.edge WHEN 'start' THEN p.start_byte_ms WHEN 'turn' THEN p.turn_byte_ms ELSE p.end_byte_ms END
            AS byte_ms
    FROM storage_pieces AS p
    CROSS JOIN (VALUES ('start'), ('turn'), ('end')) AS e (edge)
) AS edges
WHERE day IS NOT NULL
GROUP BY 1, 2, 3
