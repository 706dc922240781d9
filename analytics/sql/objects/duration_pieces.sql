-- reads: measured_restores
-- Restore durations by their bucket (thaw/core/histogram.py): 64 of equal width between two powers of two.
-- The CASEs are nested so that few comparisons find the width; what has no name gets one after the grouping.
SELECT
    job_id,
    coalesce(nullif(storage_class, ''), 'UNKNOWN') AS storage_class,
    coalesce(nullif(tier, ''), 'UNKNOWN') AS tier,
    from_ms,
    from_ms + width_ms AS to_ms,
    objects, bytes, duration_ms
FROM (
    SELECT
        job_id, storage_class, tier,
        duration_ms - mod(duration_ms, width_ms) AS from_ms,
        min(width_ms) AS width_ms,
        count(*) AS objects,
        CAST(coalesce(sum(size_bytes), 0) AS bigint) AS bytes,
        CAST(sum(duration_ms) AS bigint) AS duration_ms
    FROM (
        SELECT
            job_id, storage_class, tier, size_bytes, duration_ms,
            CASE
                WHEN duration_ms < 32768 THEN CASE
                    WHEN duration_ms < 128 THEN 1
                    WHEN duration_ms < 256 THEN 2
                    WHEN duration_ms < 512 THEN 4
                    WHEN duration_ms < 1024 THEN 8
                    WHEN duration_ms < 2048 THEN 16
                    WHEN duration_ms < 4096 THEN 32
                    WHEN duration_ms < 8192 THEN 64
                    WHEN duration_ms < 16384 THEN 128
                    ELSE 256 END
                WHEN duration_ms < 8388608 THEN CASE
                    WHEN duration_ms < 65536 THEN 512
                    WHEN duration_ms < 131072 THEN 1024
                    WHEN duration_ms < 262144 THEN 2048
                    WHEN duration_ms < 524288 THEN 4096
                    WHEN duration_ms < 1048576 THEN 8192
                    WHEN duration_ms < 2097152 THEN 16384
                    WHEN duration_ms < 4194304 THEN 32768
                    ELSE 65536 END
                WHEN duration_ms < 2147483648 THEN CASE
                    WHEN duration_ms < 16777216 THEN 131072
                    WHEN duration_ms < 33554432 THEN 262144
                    WHEN duration_ms < 67108864 THEN 524288
                    WHEN duration_ms < 134217728 THEN 1048576
                    WHEN duration_ms < 268435456 THEN 2097152
                    WHEN duration_ms < 536870912 THEN 4194304
                    WHEN duration_ms < 1073741824 THEN 8388608
                    ELSE 16777216 END
                WHEN duration_ms < 549755813888 THEN CASE
                    WHEN duration_ms < 4294967296 THEN 33554432
                    WHEN duration_ms < 8589934592 THEN 67108864
                    WHEN duration_ms < 17179869184 THEN 134217728
                    WHEN duration_ms < 34359738368 THEN 268435456
                    WHEN duration_ms < 68719476736 THEN 536870912
                    WHEN duration_ms < 137438953472 THEN 1073741824
                    WHEN duration_ms < 274877906944 THEN 2147483648
                    ELSE 4294967296 END
                WHEN duration_ms < 1099511627776 THEN 8589934592
                WHEN duration_ms < 2199023255552 THEN 17179869184
                WHEN duration_ms < 4398046511104 THEN 34359738368
                WHEN duration_ms < 8796093022208 THEN 68719476736
                WHEN duration_ms < 17592186044416 THEN 137438953472
                WHEN duration_ms < 35184372088832 THEN 274877906944
                WHEN duration_ms < 70368744177664 THEN 549755813888
                WHEN duration_ms < 140737488355328 THEN 1099511627776
                WHEN duration_ms < 281474976710656 THEN 2199023255552
                WHEN duration_ms < 562949953421312 THEN 4398046511104
                ELSE 8796093022208
            END AS width_ms
        FROM measured_restores
    ) AS widths
    GROUP BY 1, 2, 3, 4
) AS pieces
