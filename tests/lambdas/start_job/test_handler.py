"""The steps of a job's start, as its state machine calls them."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from benchmarks.tables import create_tables
from lambdas.environment import SettingsError
from lambdas.job_settings import JobSettings
from lambdas.start_job import handler as module
from lambdas.start_job.handler import StartJob
from lambdas.start_job.steps import Clients, Steps
from lambdas.tools import UnknownActionError
from tests.fakes.dynamodb import JOBS, FakeDynamoDB
from tests.jobs.started import BUCKET, JOB, JOBS_BUCKET, NOW, World
from tests.lambdas.environment import REGION, set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from thaw.core import job_files
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_rules import Destination
from thaw.core.job_states import JobStatus
from thaw.core.vault_states import VaultState
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient


class Told:
    """SNS and EventBridge in memory: what was published."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def publish(self, **request: Any) -> dict[str, Any]:
        self.statuses.append(json.loads(request["Message"])["Status"])
        return {}

    def put_events(self, **request: Any) -> dict[str, Any]:
        self.statuses += [json.loads(entry["Detail"])["Status"] for entry in request["Entries"]]
        return {"FailedEntryCount": 0, "Entries": []}


@dataclass
class Function:
    """The function over a world in memory."""

    world: World = field(default_factory=World)
    told: Told = field(default_factory=Told)
    log: io.StringIO = field(default_factory=io.StringIO)
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))

    def call(self, action: str, **event: Any) -> dict[str, Any]:
        world = self.world
        clients = Clients(
            dynamodb=world.dynamodb.client,
            s3=world.s3.client,
            s3control=world.control.client,
            sqs=world.sqs.client,
            sns=cast("SNSClient", self.told),
            events=cast("EventBridgeClient", self.told),
        )
        settings = JobSettings.from_environment(self.environment)
        steps = Steps(settings, clients, now=lambda: NOW, slot=lambda: 0, pause=world.pauses.append)
        logger = Logger(
            service=f"start_job {id(self)}", stream=self.log
        )  # loggers of one name share a stream
        answer = StartJob(steps, logger).handle({"action": action, **event}, context())
        return json.loads(json.dumps(answer))


def test_a_prepared_job_is_opened_registered_and_submitted() -> None:
    function = Function()
    function.world.prepared(["a", "b"])
    assert function.call("open", job_id=JOB) == {"job_id": JOB}
    function.world.load()
    assert function.call("register", job_id=JOB) == {"job_id": JOB}
    assert function.call("submit", job_id=JOB) == {
        "job_id": JOB,
        "way": "batch_operations",
        "parts": 0,
        "concurrency": 1,
    }
    assert function.world.state.status is JobStatus.RESTORING
    assert len(function.world.control.jobs) == 1


def test_a_bucket_is_accepted_and_its_requests_are_finished() -> None:
    function = Function()
    answer = function.call("accept", input={"bucket_name": BUCKET, "job_id": JOB}, execution="one")
    assert answer == {"job_id": JOB, "run": 1}
    function.world.put(f"{job_files.failures_folder(JOB)}part-00000-0000000.jsonl", b"{}\n{}\n")
    assert function.call("requested", job_id=JOB) == {"job_id": JOB, "refused": 2}


def test_a_refused_bucket_raises_its_sentence() -> None:
    with pytest.raises(JobRefusedError, match="Bucket private is not among the stack's restore_buckets"):
        Function().call("accept", input={"bucket_name": "private"})


def test_a_transfer_is_accepted_and_begun() -> None:
    function = Function()
    function.environment["JOB_RULES"] = replace(
        function.world.rules, vaults=("photos",), copy_destinations=(Destination("live"),)
    ).to_json()
    body = {"vault": "photos", "destination_bucket": "live", "dry_run": "false"}
    execution = "arn:aws:states:eu-north-1:123456789012:execution:thaw-transfer-vault:mine"
    answer = function.call("accept_vault", input=body, execution=execution)
    assert answer == {"job_id": "vault-photos-81a3a546", "run": 1}
    job_id = answer["job_id"]
    VaultStates(function.world.dynamodb.client, JOBS).create(VaultState(job_id))
    for _ in range(2):
        assert function.call("begin_vault", job_id=job_id) == {"job_id": job_id}
    state = function.world.states.read(job_id)
    assert (state.status, state.execution_arn) == (JobStatus.RESTORING, execution)


def test_a_refused_transfer_raises_its_sentence() -> None:
    with pytest.raises(JobRefusedError, match="Vault photos is not among the stack's vaults"):
        Function().call("accept_vault", input={"vault": "photos", "destination_bucket": "live"})


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """Over tables of moto, which knows every expression."""
    set_variables(monkeypatch, {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"})
    with mock_aws():
        client: Any = boto3.client("dynamodb", region_name=REGION)
        create_tables(client)
        yield Function(World(dynamodb=cast("FakeDynamoDB", SimpleNamespace(client=client))))


@pytest.mark.parametrize("submitted", [False, True])
def test_a_failed_job_is_ended_and_told_of_once(emulated: Function, *, submitted: bool) -> None:
    function = emulated
    function.world.prepared(["a"])
    function.world.load()
    function.call("register", job_id=JOB)
    if submitted:
        function.call("submit", job_id=JOB)
    error = {"Error": "States.Timeout", "Cause": ""}
    for _ in range(2):
        assert function.call("fail", job_id=JOB, error=error) == {"job_id": JOB, "done": True}
    state = function.world.state
    assert (state.status, state.reason) == (JobStatus.FAILED, "States.Timeout")
    assert function.told.statuses == ["Failed", "Failed"], "over SNS and over EventBridge"
    assert [job.status for job in function.world.control.jobs] == ["Cancelled"] * submitted


def test_what_was_done_is_logged() -> None:
    function = Function()
    function.world.prepared(["a"])
    function.call("open", job_id=JOB)
    entry = json.loads(function.log.getvalue())
    assert (entry["action"], entry["answer"]) == ("open", {"job_id": JOB})
    assert entry["correlation_id"] == context().aws_request_id


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(UnknownActionError) as raised:
        Function().call("close", job_id=JOB)
    assert str(raised.value) == (
        "Action 'close' does not exist; give accept, accept_vault, open, register, submit, requested,"
        " begin_vault or fail."
    )


def test_the_function_is_made_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    module.start_job.cache_clear()
    set_variables(monkeypatch, ENVIRONMENT)
    with pytest.raises(UnknownActionError):
        module.handler({"action": "unknown"}, context())
    assert module.start_job().steps.settings.jobs_bucket == JOBS_BUCKET
    module.start_job.cache_clear()
    set_variables(monkeypatch, {**ENVIRONMENT, "JOBS_TABLE": ""})
    with pytest.raises(SettingsError, match="JOBS_TABLE"):
        module.handler({"action": "unknown"}, context())
    module.start_job.cache_clear()
