-- reads: counter_rows
SELECT
    job_id, hour,
    split_part(attribute, '_', 1) AS kind,
    CAST(sum(CASE WHEN split_part(attribute, '_', 2) = 'objects' THEN amount ELSE 0 END) AS bigint)
        AS objects,
    CAST(sum(CASE WHEN split_part(attribute, '_', 2) = 'bytes' THEN amount ELSE 0 END) AS bigint) AS bytes
FROM counter_rows
WHERE family = 'hour'
GROUP BY 1, 2, 3
