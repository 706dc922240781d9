"""The function loads and unloads a part, says what that came to, and fails with a sentence."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger, Metrics
from moto import mock_aws

from benchmarks.tables import create_tables
from lambdas.load_objects import handler as module
from lambdas.load_objects.handler import LoadObjects
from lambdas.tools import UnknownActionError
from tests.jobs.test_loading import KEY, Part
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from tests.store.loads import asked, job_state
from thaw.core.job_states import JobState
from thaw.jobs.import_lines import import_file
from thaw.store.job_states import JobStates
from thaw.store.ledgers import read_loaded

CONTEXT = context()
LOAD = {"action": "load", "job_id": "new", "key": KEY}


def _function(part: Part, log: io.StringIO) -> LoadObjects:
    logger = Logger(service=f"load_objects {id(part)}", stream=log)  # loggers of one name share a stream
    return LoadObjects(part.loader, logger, Metrics(namespace="Thaw", service="load_objects"))


def test_a_part_is_loaded_and_taken_out_again(capsys: pytest.CaptureFixture[str]) -> None:
    part, log = Part(asked("new", "a", "b")), io.StringIO()
    function = _function(part, log)
    loaded = function.handle(LOAD, CONTEXT)
    assert {name: loaded[name] for name in ("job_id", "key", "objects", "requests")} == {
        "job_id": "new",
        "key": KEY,
        "objects": 2,
        "requests": 2,
    }
    assert json.loads(json.dumps(loaded)), "Step Functions takes JSON"
    unloaded = function.handle({**LOAD, "action": "unload"}, CONTEXT)
    assert unloaded == {"job_id": "new", "key": KEY, "objects": 2}
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["LoadedObjects"], first["ObjectsElsewhere"]) == ([2], [0])
    assert second["UnloadedObjects"] == [2]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["Load", "Unload"]
    assert {(line["job_id"], line["key"], line["correlation_id"]) for line in lines} == {
        ("new", KEY, CONTEXT.aws_request_id)
    }


def test_an_action_that_does_not_exist_is_told() -> None:
    function = _function(Part(asked("new", "a")), io.StringIO())
    with pytest.raises(UnknownActionError, match="Action 'explode' does not exist; give load or unload"):
        function.handle({**LOAD, "action": "explode"}, CONTEXT)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_variables(monkeypatch, {**ENVIRONMENT, "POWERTOOLS_METRICS_NAMESPACE": "Thaw"})
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "load_objects")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    module.load_objects.cache_clear()
    with mock_aws():
        yield
    module.load_objects.cache_clear()


@pytest.mark.usefixtures("deployed")
def test_the_function_works_as_it_is_deployed() -> None:
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    s3: Any = boto3.client("s3", region_name=REGION)
    create_tables(dynamodb)
    bucket = ENVIRONMENT["JOBS_BUCKET"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key=KEY, Body=import_file(asked("new", *map(str, range(150)))))
    state: JobState = job_state("new")
    JobStates(dynamodb, "jobs").create(state)
    for _ in range(2):
        assert module.handler(dict(LOAD), CONTEXT)["objects"] == 150
    assert sum(part.objects for part in read_loaded(dynamodb, "jobs", "new").values()) == 150
    assert module.load_objects() is module.load_objects()
    assert module.handler({**LOAD, "action": "unload"}, CONTEXT)["objects"] == 150
    assert read_loaded(dynamodb, "jobs", "new") == {}
