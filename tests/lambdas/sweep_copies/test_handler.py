"""The function sweeps a bit a call, and says where the next call goes on."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.sweep_copies import handler as module
from lambdas.sweep_copies.handler import SweepCopies
from tests.copying.worlds import READABLE, refuses
from tests.jobs.test_sweeping import Sweeps, sweeps
from tests.lambdas.copying import ENVIRONMENT, metrics
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.job_functions import context

Output = pytest.CaptureFixture[str]


def invoke(ours: Sweeps, event: Mapping[str, Any], seconds: float = 900.0) -> dict[str, Any]:
    """One call, its answer as JSON."""
    log = io.StringIO()
    function = SweepCopies(
        ours.sweeper(),
        Logger(service=f"sweep_copies {id(log)}", stream=log),
        Metrics(namespace="Thaw", service="sweep_copies"),
    )
    return json.loads(json.dumps(function.handle(event, context(seconds))))


def test_a_sweep_says_what_it_did(capsys: Output) -> None:
    ours = sweeps(a=READABLE, b=READABLE)
    ours.world.s3.on_call = refuses("RestoreObject", "AccessDenied", "b")
    assert invoke(ours, {"cursor": None}) == {"done": True, "cursor": None}
    expected = {
        "ExtendedRestores": 1,
        "RepeatedRestores": 0,
        "HealedRestores": 0,
        "ResentCopies": 1,
        "SweepErrors": 1,
    }
    assert metrics(capsys) == expected


def test_a_sweep_without_time_says_where_it_goes_on() -> None:
    ours = sweeps(a=READABLE)
    answer = invoke(ours, {"cursor": None}, seconds=120.0)
    assert answer == {
        "done": False,
        "cursor": {"jobs": ["job-1"], "resends": True, "key": "", "version_id": ""},
    }
    assert invoke(ours, {"cursor": answer["cursor"]})["done"]
    assert ours.sent() == ["a"]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_variables(monkeypatch, ENVIRONMENT)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Thaw")
    module.sweep_copies.cache_clear()
    yield
    module.sweep_copies.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_function_is_made_once_from_its_environment() -> None:
    function = module.sweep_copies()
    assert module.sweep_copies() is function
    assert function.sweeper.s3.meta.region_name == REGION
    extender = function.sweeper.extender(sweeps(a=READABLE).world.states.read("job-1"))
    assert (extender.sender.tier, extender.sender.days, extender.sender.bucket) == ("Bulk", 7, "archive")
    config = cast("Any", extender.sender.s3.meta.config)
    assert config.retries["total_max_attempts"] == 1, "the sender repeats requests at its own rate"
