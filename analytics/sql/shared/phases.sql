-- reads: status_counts
-- What of a job is done and left of restoring and of copying. Failed and expired objects need somebody first.
SELECT
    c.job_id, v.position, v.phase,
    CAST(sum(CASE
        WHEN c.status = 'COPIED' THEN c.objects
        WHEN v.phase = 'restore' AND c.status IN ('RESTORED', 'EXPIRED') THEN c.objects
        ELSE 0 END) AS bigint) AS done_objects,
    CAST(sum(CASE
        WHEN c.status IN ('PENDING', 'RESTORING') THEN c.objects
        WHEN v.phase = 'copy' AND c.status = 'RESTORED' THEN c.objects
        ELSE 0 END) AS bigint) AS left_objects
FROM status_counts AS c
CROSS JOIN (VALUES (1, 'restore'), (2, 'copy')) AS v (position, phase)
GROUP BY 1, 2, 3
