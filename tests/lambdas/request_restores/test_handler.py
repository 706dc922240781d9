"""One part of a job requested, call by call, as its state machine calls."""

import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.environment import SettingsError
from lambdas.job_settings import JobSettings
from lambdas.request_restores import handler as module
from lambdas.request_restores.handler import RequestRestores, requester
from tests.jobs.started import BY_REQUESTS, World
from tests.jobs.test_requesting import PART, Requests, many
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from thaw.core.history import Status
from thaw.core.job_rules import JobRules

FAST = {
    **ENVIRONMENT,
    "JOB_RULES": JobRules(region="eu-north-1", restore_requests_per_second=10**6).to_json(),
}


def call(job: Requests, event: dict[str, Any], seconds: float = 900.0) -> dict[str, Any]:
    world = job.world
    parts = requester(
        JobSettings.from_environment(FAST),
        world.dynamodb.client,
        world.s3.client,
        world.s3.client,
        world.pauses.append,
    )
    function = RequestRestores(parts, Logger(), Metrics(namespace="Thaw", service="request_restores"))
    return json.loads(json.dumps(function.handle(event, context(seconds))))


def test_a_part_is_requested_and_its_answer_is_the_next_calls_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = Requests(many(150))
    first = call(job, {"job_id": "july", "key": PART}, seconds=10.0)
    assert first == {"job_id": "july", "key": PART, "start": 100, "done": False, "wait_seconds": 1}
    second = call(job, first)
    assert (second["start"], second["done"]) == (150, True)
    assert len(job.asked) == 150
    assert job.status("0000") is Status.RESTORING
    metrics = [json.loads(row) for row in capsys.readouterr().out.splitlines() if "RequestedLines" in row]
    assert [row["RequestedLines"] for row in metrics] == [[100.0], [50.0]]


def test_the_function_is_made_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    module.request_restores.cache_clear()
    set_variables(monkeypatch, {**ENVIRONMENT, "POWERTOOLS_METRICS_NAMESPACE": "Thaw"})
    parts = module.request_restores().requester
    assert parts.per_second == 20.0, "200 a second, shared by ten"
    sender = parts.sender(World().begin(BY_REQUESTS))
    config: Any = sender.s3.meta.config
    assert config.retries["total_max_attempts"] == 1, "only our own tries are made"
    module.request_restores.cache_clear()
    set_variables(monkeypatch, {"OBJECTS_TABLE": ""})
    with pytest.raises(SettingsError, match="OBJECTS_TABLE"):
        module.handler({"job_id": "july", "key": PART}, context())
    module.request_restores.cache_clear()
