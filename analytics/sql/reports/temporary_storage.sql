-- reads: storage_spans, numbers, parameters
-- A day has 86,400,000 milliseconds, a gigabyte 2^30 bytes, a month 730 hours (2,628,000 seconds).
SELECT
    d.job_id, d.day,
    d.byte_seconds,
    d.byte_seconds / (1073741824e0 * 2628000e0) AS gb_months,
    d.byte_seconds / (1073741824e0 * 2628000e0) * p.usd_per_gb_month AS cost_usd,
    d.waiting_byte_seconds,
    d.byte_seconds - d.waiting_byte_seconds AS idle_byte_seconds
FROM (
    SELECT
        s.job_id,
        CAST(s.day + n.n * INTERVAL '1' DAY AS date) AS day,
        CAST(s.stored * 86400000 + CASE WHEN n.n = 0 THEN s.stored_ms ELSE 0 END AS double) / 1000e0
            AS byte_seconds,
        CAST(s.waiting * 86400000 + CASE WHEN n.n = 0 THEN s.waiting_ms ELSE 0 END AS double) / 1000e0
            AS waiting_byte_seconds
    FROM storage_spans AS s
    JOIN numbers AS n ON n.n < s.days
) AS d
CROSS JOIN parameters AS p
WHERE d.byte_seconds > 0e0
ORDER BY 1, 2
