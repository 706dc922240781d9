"""What AWS allows for the values that a stack may set, each with the page that says so."""

MIN_BATCH_SIZE, MAX_BATCH_SIZE = 1, 10_000
"""Messages an invocation, standard queue:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"""

MAX_BATCH_SIZE_WITHOUT_WINDOW = 10
"""A larger batch needs a window of at least 1 s:
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html (BatchSize)"""

MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS = 0, 300
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
(MaximumBatchingWindowInSeconds)"""

MIN_CONCURRENCY, MAX_CONCURRENCY = 2, 1000
"""https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html"""

MIN_RECEIVE_COUNT, MAX_RECEIVE_COUNT = 1, 1000
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""

MIN_MEMORY_MB, MAX_MEMORY_MB = 128, 10_240
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_COPY_RULES_BYTES = 3500
"""Of the 4 KB that all environment variables of a function may have, names included; ours need the rest:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_COPY_RULES_BYTES_BESIDE_JOBS = 3300
MAX_JOB_RULES_BYTES = 2000
"""Of the same 4 KB, in the tracker of a stack with jobs, and in the functions of jobs."""

MAX_REGION_CHARACTERS = 16
"""Room for names such as ap-southeast-10."""

LOG_RETENTION_DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

MAX_KEY_BYTES = 1024
"""Of an S3 key, so of a prefix: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

MAX_TAGS, MAX_TAG_KEY, MAX_TAG_VALUE = 50, 128, 256
"""Tags a resource, characters of a key and a value; keys starting with `aws:` are AWS's own:
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

VISIBILITY_TIMEOUTS = 6
"""A source queue's visibility timeout, in function timeouts (plus the batching window):
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""

MIN_SCAN_LIMIT_MB = 10
"""Least cutoff of a work group, in MB of 1,000,000 bytes:
https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
(BytesScannedCutoffPerQuery)"""

MAX_RESERVED_CONCURRENCY = 1000
"""What an account has unless its quota was raised; some of it must stay unreserved:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

MAX_SCHEDULE_CHARACTERS = 256
"""https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html (ScheduleExpression)"""

MAX_API_REQUESTS_PER_SECOND, MAX_API_BURST = 10_000, 5_000
"""Of an account in a Region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

MAX_API_QUOTA = 2**31 - 1
"""An integer: https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html"""

MAX_QUERY_BYTES = 262_144
"""Of a query's text: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""
