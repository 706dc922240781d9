-- reads: counter_rows
-- The counters of restore durations; bucket is null for those that are totals.
-- Bucket b has 64 of equal width between two powers of two: it begins at (b - 64 x shift) x 2^shift.
SELECT
    job_id, storage_class, tier, attribute, amount, bucket,
    CASE WHEN bucket < 128 THEN 0e0 ELSE floor(bucket / 64e0) - 1e0 END AS shift
FROM (
    SELECT
        job_id, first_part AS storage_class, second_part AS tier, attribute, amount,
        CASE WHEN attribute LIKE 'b%' THEN CAST(substr(attribute, 2) AS bigint) END AS bucket
    FROM counter_rows
    WHERE family = 'duration'
) AS durations
