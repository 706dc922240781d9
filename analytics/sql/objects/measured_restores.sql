-- reads: object_records
-- Every restore whose request and completion were both known at as_of, the completion not before the request.
SELECT
    job_id, storage_class, tier, size_bytes,
    date_diff('millisecond', restore_requested_at, restore_completed_at) AS duration_ms
FROM object_records
WHERE restore_requested_at <= restore_completed_at AND restore_completed_at <= as_of
