"""The environment of the functions that copy, a context that has time, and the metrics that they print."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.copying.worlds import MACHINE, RULES
from tests.fakes.stored_objects import OWNER

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

ENVIRONMENT = {
    "OBJECTS_TABLE": "thaw-objects",
    "ROLLUPS_TABLE": "thaw-rollups",
    "JOBS_TABLE": "thaw-jobs",
    "ROLLUP_SLOTS": "8",
    "ACCOUNT_ID": OWNER,
    "JOB_RULES": RULES.to_json(),
}
COPY_OBJECTS = {**ENVIRONMENT, "COPY_LARGE_MACHINE_ARN": MACHINE, "COPY_MAX_RECEIVE_COUNT": "5"}
SWEEP_COPIES = {**ENVIRONMENT, "COPY_QUEUE_URL": "https://sqs.eu-north-1.amazonaws.com/111122223333/copies"}


def context(seconds: float = 900.0) -> "LambdaContext":
    """Of an invocation that has so long left."""
    return cast(
        "LambdaContext",
        SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: int(seconds * 1000)),
    )


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The last metrics printed, as CloudWatch reads them."""
    line: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Thaw"
    return {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}
