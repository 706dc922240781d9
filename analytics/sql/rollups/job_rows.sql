-- reads: parameters
SELECT j.job_id, CAST(j.objects AS decimal(38, 0)) AS objects, CAST(j.bytes AS decimal(38, 0)) AS bytes
FROM jobs AS j
CROSS JOIN parameters AS p
WHERE p.job_id IS NULL OR j.job_id = p.job_id
