"""What tests of the functions of a job share: their environment, their context, their tables."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from tests.fakes.job_s3 import ACCOUNT
from tests.jobs.started import JOBS_BUCKET, QUEUE, ROLE, RULES, TABLES

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

ENVIRONMENT = {
    "OBJECTS_TABLE": TABLES.objects,
    "ROLLUPS_TABLE": TABLES.rollups,
    "JOBS_TABLE": TABLES.jobs,
    "JOBS_BUCKET": JOBS_BUCKET,
    "JOB_RULES": RULES.to_json(),
    "ROLLUP_SLOTS": "4",
    "ACCOUNT_ID": ACCOUNT,
    "NAME_PREFIX": "thaw",
    "EVENT_QUEUE_ARN": QUEUE,
    "COPY_QUEUE_URL": "copies",
    "PROGRESS_TOPIC_ARN": f"arn:aws:sns:eu-north-1:{ACCOUNT}:thaw-progress",
    "BATCH_ROLE_ARN": ROLE,
    "CREATE_JOB_MACHINE_ARN": f"arn:aws:states:eu-north-1:{ACCOUNT}:stateMachine:thaw-create-job",
    "READ_REPORT_MACHINE_ARN": f"arn:aws:states:eu-north-1:{ACCOUNT}:stateMachine:thaw-read-report",
    "COPY_LARGE_MACHINE_ARN": f"arn:aws:states:eu-north-1:{ACCOUNT}:stateMachine:thaw-copy-large",
    "COPY_MAX_RECEIVE_COUNT": "5",
    "REQUEST_CONCURRENCY": "10",
}
"""As the stack gives it to every function of jobs."""


def context(seconds: float = 900.0) -> "LambdaContext":
    """A call with so much time left."""
    return cast(
        "LambdaContext",
        SimpleNamespace(
            aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            get_remaining_time_in_millis=lambda: int(seconds * 1000),
            memory_limit_in_mb="3008",
        ),
    )
