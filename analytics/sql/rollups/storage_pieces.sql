-- reads: storage_rows
-- The same pieces as of objects, without the day of the copy, which no counter knows. Copies that last beyond
-- as_of end there; of copies that end later on the same day, the mean end decides.
SELECT
    job_id,
    date_trunc('day', hour) AS start_day,
    CAST(NULL AS timestamp) AS turn_day,
    CASE WHEN end_day < as_of_day THEN end_day ELSE as_of_day END AS end_day,
    bytes,
    bytes * date_diff('millisecond', date_trunc('day', hour), hour) + start_byte_ms AS start_byte_ms,
    CAST(NULL AS decimal(38, 0)) AS turn_byte_ms,
    CASE
        WHEN end_day < as_of_day THEN end_byte_ms
        WHEN end_day = as_of_day AND end_byte_ms < bytes * as_of_ms THEN end_byte_ms
        ELSE bytes * as_of_ms
    END AS end_byte_ms
FROM (
    SELECT
        job_id, hour, end_day, bytes, start_byte_ms, end_byte_ms,
        date_trunc('day', as_of) AS as_of_day,
        date_diff('millisecond', date_trunc('day', as_of), as_of) AS as_of_ms
    FROM storage_rows
    WHERE hour <= as_of
) AS begun
