-- reads: job_rows, counter_rows
-- What no counter holds is PENDING: the registered totals less all counted objects.
SELECT job_id, status, CAST(sum(objects) AS bigint) AS objects, CAST(sum(bytes) AS bigint) AS bytes
FROM (
    SELECT job_id, 'PENDING' AS status, objects, bytes
    FROM job_rows
    UNION ALL
    SELECT
        c.job_id,
        CASE WHEN s.sign = 1 THEN upper(split_part(c.attribute, '_', 1)) ELSE 'PENDING' END AS status,
        CASE WHEN split_part(c.attribute, '_', 2) = 'objects' THEN s.sign * c.amount ELSE 0 END AS objects,
        CASE WHEN split_part(c.attribute, '_', 2) = 'bytes' THEN s.sign * c.amount ELSE 0 END AS bytes
    FROM counter_rows AS c
    CROSS JOIN (VALUES (1), (-1)) AS s (sign)
    WHERE c.family = 'status'
) AS parts
GROUP BY 1, 2
