"""The environment of the functions that copy, and the metrics that they print."""

import json
from typing import Any

import pytest

from tests.copying.worlds import RULES
from tests.fakes.stored_objects import OWNER
from tests.lambdas import job_functions

ENVIRONMENT = {**job_functions.ENVIRONMENT, "ACCOUNT_ID": OWNER, "JOB_RULES": RULES.to_json()}


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The last metrics printed, as CloudWatch reads them."""
    line: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Thaw"
    return {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}
