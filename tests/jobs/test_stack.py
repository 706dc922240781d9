"""The service as it is deployed: with the clients of boto3, its waits and exceptions theirs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from tests.jobs.served import ACCOUNT, ASKED, JOBS_BUCKET, RULES, restoring
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_states import Wave
from thaw.core.jobs import Job, Totals
from thaw.jobs.service import JobService
from thaw.jobs.service_types import Outcome
from thaw.jobs.stack import JobClients, JobStack, job_service
from thaw.store.job_states import JobStates
from thaw.store.jobs import register_job

TABLES = {"jobs": ("job_id", "item"), "rollups": ("job_id", "metric")}
INDEXES = {"active": ("active", "job_id"), "states": ("item", "created_at")}
KEYED = {**ASKED, "idempotency_key": "july"}


class Deployed:
    """A stack in an account in memory; the workflow of the newest job starts it at the first pause."""

    def __init__(self) -> None:
        self.cancelled: list[dict[str, Any]] = []
        self.clients = JobClients(
            dynamodb=boto3.client("dynamodb"),
            s3=boto3.client("s3"),
            s3control=cast("Any", self),
            stepfunctions=boto3.client("stepfunctions"),
        )
        for name, keys in TABLES.items():
            _create_table(self.clients.dynamodb, name, keys)
        for bucket in ("manifests", JOBS_BUCKET):
            self.clients.s3.create_bucket(Bucket=bucket)
        self.clients.s3.put_object(Bucket="manifests", Key="july.csv", Body=b"archive,a\n")
        self.machine = self.clients.stepfunctions.create_state_machine(
            name="thaw-create-job",
            definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/thaw-create-job",
        )["stateMachineArn"]
        self.states = JobStates(self.clients.dynamodb, "jobs", lambda _: None)

    def update_job_status(self, **request: Any) -> None:
        """As S3 Control's client has it."""
        self.cancelled.append(request)

    def service(self) -> JobService:
        stack = JobStack(RULES, ACCOUNT, "jobs", "rollups", JOBS_BUCKET, self.machine)
        return job_service(stack, self.clients, now=lambda: datetime.now(UTC), pause=self._pause)

    def executions(self) -> list[str]:
        answer = self.clients.stepfunctions.list_executions(stateMachineArn=self.machine)
        return sorted(execution["name"] for execution in answer["executions"])

    def _pause(self, _seconds: float) -> None:
        self.states.update(self.states.list(1).states[0].job_id, restoring)


def _create_table(client: Any, name: str, keys: tuple[str, str]) -> None:
    indexes = INDEXES if name == "jobs" else {}
    names = {*keys, *(each for index in indexes.values() for each in index)}
    described = [
        {"IndexName": index, "KeySchema": _schema(pair), "Projection": {"ProjectionType": "ALL"}}
        for index, pair in indexes.items()
    ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(keys),
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in sorted(names)],
        **({"GlobalSecondaryIndexes": described} if described else {}),
    )


def _schema(pair: tuple[str, str]) -> list[dict[str, str]]:
    kinds = zip(pair, ("HASH", "RANGE"), strict=True)
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "x")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            yield Deployed()


def test_a_job_is_created_shown_listed_and_cancelled(deployed: Deployed) -> None:
    service = deployed.service()
    state, outcome = service.create({**ASKED, "job_id": "july"})
    assert outcome is Outcome.STARTED
    assert "july-1" in deployed.executions()
    assert service.show("july").progress is None
    job = Job("july", state.created_at, "Bulk", Totals(2, 3000))
    register_job(deployed.clients.dynamodb, "rollups", job)
    progress = service.show("july").progress
    assert progress is not None
    assert progress.job == job
    assert [each.job_id for each in service.list(100).states if each.job_id == "july"] == ["july"]
    waves = (
        Wave(1, 1, 1, "k", batch_job_id="b-1", batch_status="Complete"),
        Wave(2, 1, 1, "k", batch_job_id="b-2", batch_status="Active"),
    )
    deployed.states.update("july", lambda state: replace(state, waves=waves))
    service.cancel("july")
    assert [(each["AccountId"], each["JobId"]) for each in deployed.cancelled] == [(ACCOUNT, "b-2")]


def test_a_name_of_an_execution_that_is_used_up_is_passed_over(deployed: Deployed) -> None:
    service = deployed.service()
    job_id = service.create(KEYED).state.job_id
    stopped = deployed.states.read(job_id)
    deployed.clients.stepfunctions.stop_execution(executionArn=stopped.execution_arn)
    deployed.states.delete(job_id)
    assert service.create(KEYED).state.run == 2
    assert {f"{job_id}-1", f"{job_id}-2"} <= set(deployed.executions())


def test_a_job_that_was_asked_for_twice_at_once_is_one(deployed: Deployed) -> None:
    service = deployed.service()
    request = {**ASKED, "idempotency_key": "twice"}
    first, second = service.create(request), service.create(request)
    assert second.outcome is Outcome.REPEATED
    assert first.state.execution_arn == second.state.execution_arn


def test_a_manifest_that_is_not_there_or_empty_is_refused(deployed: Deployed) -> None:
    deployed.clients.s3.put_object(Bucket="manifests", Key="empty.csv", Body=b"")
    for key, sentence in {"missing.csv": "There is no manifest", "empty.csv": "is empty"}.items():
        with pytest.raises(JobRefusedError, match=sentence):
            deployed.service().create({**ASKED, "key": key})
