-- reads: parameters
-- The counters of the jobs asked for, the parts of their names taken apart: `hour#2026-11-21T03`,
-- `duration#GLACIER#Bulk`, `storage#2026-11-21T03#2026-11-28`.
SELECT
    c.job_id,
    split_part(c.metric, '#', 1) AS family,
    split_part(c.metric, '#', 2) AS first_part,
    split_part(c.metric, '#', 3) AS second_part,
    CASE
        WHEN c.metric LIKE 'hour#%' OR c.metric LIKE 'storage#%'
            THEN CAST(replace(split_part(c.metric, '#', 2), 'T', ' ') || ':00:00' AS timestamp)
    END AS hour,
    c.attribute,
    c.amount,
    p.as_of
FROM counters AS c
CROSS JOIN parameters AS p
WHERE (p.job_id IS NULL OR c.job_id = p.job_id) AND c.amount <> 0
