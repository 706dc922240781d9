"""The watch_jobs function against the emulator: real tables, a real Batch Operations job, real messages."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.job_settings import JobSettings
from lambdas.watch_jobs.clients import Clients, make_watcher
from lambdas.watch_jobs.handler import WatchJobs
from local.emulator import Emulator
from tests.core.watched import START, after, job, wave
from tests.lambdas.job_functions import ENVIRONMENT, context
from tests.local.batch import JOBS, SOURCE, create, ended, make_role, submitted
from tests.local.lambdas import make_function
from tests.waiting import eventually
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Job, Totals
from thaw.jobs.errors import WatchError
from thaw.store.job_states import JobStates
from thaw.store.jobs import register_job
from thaw.store.ledgers import Tables

pytestmark = pytest.mark.emulator

TRUST: Any = {
    "Effect": "Allow",
    "Principal": {"Service": "states.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
PASS = json.dumps({"StartAt": "Read", "States": {"Read": {"Type": "Pass", "End": True}}})
TABLES = {"thaw-jobs": ("job_id", "item"), "thaw-rollups": ("job_id", "metric")}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(restore_seconds=600, batch_status_seconds=0.02) as running:
        for bucket in (SOURCE, JOBS):
            running.client("s3").create_bucket(Bucket=bucket)
        for name, keys in TABLES.items():
            _make_table(running, name, *keys)
        yield running


def _make_table(emulator: Emulator, name: str, partition: str, sort: str) -> None:
    names = [partition, sort, *(("active",) if sort == "item" else ())]
    index: Any = {
        "IndexName": "active",
        "KeySchema": [
            {"AttributeName": "active", "KeyType": "HASH"},
            {"AttributeName": "job_id", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    more: Any = {"GlobalSecondaryIndexes": [index]} if sort == "item" else {}
    emulator.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
        KeySchema=[
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        **more,
    )


@pytest.fixture(scope="module")
def settings(emulator: Emulator) -> JobSettings:
    """The stack's names, as far as the emulator chooses them."""
    machines = emulator.client("stepfunctions")
    role = make_role(emulator, "machines", trust=TRUST)
    arns = [
        machines.create_state_machine(name=f"thaw-{name}", definition=PASS, roleArn=role)["stateMachineArn"]
        for name in ("create-job", "read-report")
    ]
    topic = emulator.client("sns").create_topic(Name="thaw-progress")["TopicArn"]
    made = JobSettings.from_environment(ENVIRONMENT)
    return replace(
        made,
        tables=Tables("none", "thaw-rollups", "thaw-jobs"),
        account_id=emulator.account,
        create_job_machine_arn=arns[0],
        read_report_machine_arn=arns[1],
        progress_topic_arn=topic,
    )


@pytest.fixture(scope="module")
def queues(emulator: Emulator, settings: JobSettings) -> list[str]:
    """Queues that get what the topic and EventBridge tell."""
    sqs, events = emulator.client("sqs"), emulator.client("events")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("by-sns", "by-eventbridge")]
    arns = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for url in urls
    ]
    emulator.client("sns").subscribe(
        TopicArn=settings.progress_topic_arn,
        Protocol="sqs",
        Endpoint=arns[0],
        Attributes={"RawMessageDelivery": "true"},
    )
    pattern = {"source": ["thaw"], "detail-type": ["Job Progress"]}
    events.put_rule(Name="progress", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="progress", Targets=[{"Id": "queue", "Arn": arns[1]}])
    return urls


def function(emulator: Emulator, settings: JobSettings, now: str) -> WatchJobs:
    clients = Clients(
        dynamodb=emulator.client("dynamodb"),
        s3control=emulator.client("s3control"),
        stepfunctions=emulator.client("stepfunctions"),
        sns=emulator.client("sns"),
        events=emulator.client("events"),
        functions=emulator.client("lambda"),
    )
    watcher = make_watcher(settings, clients, lambda: now, pause=lambda _: None)
    return WatchJobs(watcher, Logger(service="watch_jobs"), Metrics(namespace="thaw", service="watch_jobs"))


def run(emulator: Emulator, settings: JobSettings, now: str) -> dict[str, int]:
    return function(emulator, settings, now).handle(context())


def received(emulator: Emulator, url: str, number: int) -> list[dict[str, Any]]:
    """The bodies of so many messages of a queue, in their order of events."""
    found: list[dict[str, Any]] = []

    def all_there() -> bool:
        answer = emulator.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            body = json.loads(message.get("Body", ""))
            found.append(body.get("detail", body))
        return len(found) >= number

    eventually(all_there)
    return sorted(found, key=lambda body: body["Time"])


def registered(emulator: Emulator, state: JobState, objects: int) -> None:
    dynamodb = emulator.client("dynamodb")
    JobStates(dynamodb, "thaw-jobs").create(state)
    totals = Totals(objects, 1000 * objects)
    register_job(dynamodb, "thaw-rollups", Job(state.job_id, START, "Bulk", totals))


def counted(emulator: Emulator, job_id: str, **amounts: int) -> None:
    """The status counters of a job, whole."""
    numbers = {name: {"N": str(amount)} for name, amount in amounts.items()}
    item: Any = {"job_id": {"S": job_id}, "metric": {"S": "status#0"}, **numbers}
    emulator.client("dynamodb").put_item(TableName="thaw-rollups", Item=item)


def test_a_job_is_told_of_from_its_start_to_its_end_on_both_ways(
    emulator: Emulator, settings: JobSettings, queues: list[str]
) -> None:
    emulator.client("s3").put_object(Bucket=SOURCE, Key="a", Body=b"x", StorageClass="GLACIER")
    role = make_role(emulator, "batch")
    batch_job_id = create(emulator, submitted(emulator, role, f"{SOURCE},a\n{SOURCE},none\n"), "watched")
    ended(emulator, batch_job_id)
    waves = (wave(status="Active", reported=False, batch_job_id=batch_job_id),)
    registered(emulator, job(waves=waves), 2)
    states = JobStates(emulator.client("dynamodb"), "thaw-jobs")

    assert run(emulator, settings, after(0)) == {"jobs": 1, "events": 1}
    state = states.read("job-1")
    assert (state.waves[0].batch_status, state.waves[0].failed_tasks) == ("Complete", 1)
    execution = emulator.client("stepfunctions").describe_execution(
        executionArn=state.waves[0].report_execution
    )
    assert json.loads(execution["input"]) == {"job_id": "job-1", "wave": 1}

    states.update("job-1", lambda state: replace(state, waves=(replace(state.waves[0], reported=True),)))
    counted(emulator, "job-1", restored_objects=1, restored_bytes=1000, failed_objects=1, failed_bytes=1000)
    assert run(emulator, settings, after(4)) == {"jobs": 1, "events": 1}
    assert run(emulator, settings, after(5)) == {"jobs": 0, "events": 0}

    by_sns, by_eventbridge = (received(emulator, url, 2) for url in queues)
    assert by_sns == by_eventbridge
    first, last = by_sns
    assert (first["EventId"], first["Status"]) == ("job-1-1-start", "Restoring")
    assert (last["EventId"], last["Status"], last["ProgressPercent"]) == (
        "job-1-1-end",
        "CompleteWithFailures",
        "50",
    )
    assert (last["BatchJobId"], last["FailedBatchFiles"]) == (batch_job_id, "1")


def test_a_job_whose_workflow_died_is_failed_by_start_job(emulator: Emulator, settings: JobSettings) -> None:
    make_function(
        emulator,
        "thaw-start-job",
        "import boto3, json\n"
        "def handler(event, context):\n"
        "    boto3.client('s3').put_object(Bucket='job-files', Key='given-up', Body=json.dumps(event))\n",
    )
    machines = emulator.client("stepfunctions")
    execution = machines.start_execution(stateMachineArn=settings.create_job_machine_arn, name="job-2-1")
    arn = execution["executionArn"]
    eventually(lambda: machines.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    before = "2020-01-01T00:00:00.000Z"
    state = replace(job(status=JobStatus.LOADING), job_id="job-2", execution_arn=arn, created_at=before)
    JobStates(emulator.client("dynamodb"), "thaw-jobs").create(state)
    run(emulator, settings, after(0))
    s3 = emulator.client("s3")
    eventually(lambda: s3.list_objects_v2(Bucket=JOBS, Prefix="given-up").get("KeyCount"))
    event = json.loads(s3.get_object(Bucket=JOBS, Key="given-up")["Body"].read())
    assert (event["action"], event["job_id"], event["error"]["Error"]) == ("fail", "job-2", "WorkflowDied")
    JobStates(emulator.client("dynamodb"), "thaw-jobs").delete("job-2")


def test_a_job_that_cannot_be_looked_at_fails_the_function_after_the_others(
    emulator: Emulator, settings: JobSettings
) -> None:
    lost = replace(job(waves=(wave(status="Active"),)), job_id="job-3")
    fine = replace(job(), job_id="job-4")
    registered(emulator, lost, 1)
    registered(emulator, fine, 1)
    with pytest.raises(WatchError, match=r"Could not look at 1 of 2 running jobs: job-3: .*NoSuchJob"):
        run(emulator, settings, after(0))
    states = JobStates(emulator.client("dynamodb"), "thaw-jobs")
    assert states.read("job-4").announced_run == 1
