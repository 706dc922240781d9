"""The prepare_job function: an event in, how far the job is out, and the numbers to the metrics."""

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from moto import mock_aws

from lambdas.prepare_job import handler as module
from lambdas.prepare_job.handler import PrepareJob, prepare_job
from tests.fakes.bucket_s3 import Archived
from tests.jobs.preparations import BUCKET, BY_SELECTION, JOB, Stack
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from thaw.jobs.preparing import JobNotPreparedError


def handled(made: Stack, seconds: float = 900) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer, and the lines that the function prints."""
    function = PrepareJob(
        made.preparation, Logger(service="prepare"), Metrics(namespace="Thaw", service="prepare")
    )
    with redirect_stdout(io.StringIO()) as printed:
        answer = function.handle({"job_id": JOB}, context(seconds))
    return answer, [json.loads(line) for line in printed.getvalue().splitlines()]


def stack(*objects: Archived) -> Stack:
    made = Stack()
    made.s3.put_archive(BUCKET, objects)
    return made


def test_a_prepared_job_says_how_it_goes_on() -> None:
    made = stack(*(Archived(f"{number:04}") for number in range(700)))
    made.ask(BY_SELECTION)
    answer, printed = handled(made)
    assert answer == {
        "job_id": JOB,
        "done": True,
        "dry_run": False,
        "refused": False,
        "reason": "",
        "parts": 2,
        "way": "requests",
    }
    assert json.loads(json.dumps(answer)) == answer, "the state machine takes it as it is"
    [metrics] = [line for line in printed if "_aws" in line]
    assert (metrics["PreparedObjects"], metrics["RefusedJobs"]) == ([700.0], [0.0])


def test_with_too_little_time_it_is_not_done_and_goes_on_when_it_is_called_again() -> None:
    made = stack(*(Archived(f"{number:04}") for number in range(1500)))
    made.ask(BY_SELECTION)
    answer, printed = handled(made, 1)
    assert (answer["done"], made.state.validated) == (False, None)
    [metrics] = [line for line in printed if "_aws" in line]
    assert metrics["PreparedObjects"] == [0.0], "none is counted twice"
    assert handled(made, 1)[0]["done"]
    assert made.s3.list_calls == 2
    made.again(2)
    _, printed = handled(made, 1)
    assert made.state.validated, "of the first run"
    [metrics] = [line for line in printed if "_aws" in line]
    assert metrics["PreparedObjects"] == [0.0]


def test_a_refusal_is_an_answer_with_the_reason() -> None:
    made = stack()
    made.ask(BY_SELECTION)
    answer, printed = handled(made)
    assert (answer["done"], answer["refused"]) == (True, True)
    assert answer["reason"].startswith("Nothing is to be restored")
    [metrics] = [line for line in printed if "_aws" in line]
    assert metrics["RefusedJobs"] == [1.0]


def test_a_dry_run_says_so() -> None:
    made = stack(Archived("a"))
    made.ask(replace(BY_SELECTION, dry_run=True))
    answer, _ = handled(made)
    assert (answer["done"], answer["dry_run"], answer["refused"]) == (True, True, False)


def test_a_cancelled_job_is_an_error_for_the_state_machine_to_catch() -> None:
    made = stack(Archived("a"))
    made.ask(BY_SELECTION, cancel_requested_at="2026-11-21T09:00:01.000Z")
    with pytest.raises(JobNotPreparedError):
        handled(made)


def test_as_deployed_it_takes_clients_settings_and_its_memory_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_variables(monkeypatch, {**ENVIRONMENT, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    asked: list[tuple[PrepareJob, Mapping[str, Any]]] = []

    def handle(self: PrepareJob, event: Mapping[str, Any], _: object) -> dict[str, Any]:
        asked.append((self, event))
        return {}

    monkeypatch.setattr(PrepareJob, "handle", handle)
    prepare_job.cache_clear()
    with mock_aws():
        assert module.handler({"job_id": JOB}, context()) == {}
        module.handler({"job_id": "other"}, context())
    (first, event), (second, _) = asked
    assert event == {"job_id": JOB}
    assert first is second, "clients are made once"
    assert first.preparation.memory_bytes == 3_008_000_000
    assert first.preparation.rules.to_json() == ENVIRONMENT["JOB_RULES"]
    assert first.preparation.prices.date
    prepare_job.cache_clear()
