"""The real program with jobs in an emulator, and somebody who calls its API."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.api import Answer, call
from local.deployer import deploy
from local.emulator import Emulator
from tests.deployed.stack import AT_ONCE, Stack
from tests.waiting import eventually
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Progress
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_progress
from thaw.store.verify import Verification, verify

COLD, WARM, MANIFESTS = "cold", "warm", "manifests"

CONFIG: Mapping[str, Any] = {
    **AT_ONCE,
    "restore_buckets": [{"name": COLD}],
    "manifest_buckets": [MANIFESTS],
    "copy_destinations": [{"bucket": WARM}, {"bucket": COLD}],
    "watch_schedule": "rate(365 days)",
    "sweep_schedule": "",
    "api_requests_per_second": 100,
    "api_burst": 100,
    "max_concurrency": 2,
    "copy_max_concurrency": 4,
}
"""The watcher comes when it is called, and the workers are as many as a small machine takes."""


@dataclass
class JobStack(Stack):
    """A deployed program that runs jobs; `look_seconds` is how often its watcher looks, when it is to."""

    look_seconds: float = 0.25
    heard: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Calls the API, signed with the test credentials."""
        return call(self.emulator, f"{self.outputs['job_api_url']}{path}", method, body)

    def create(self, **body: Any) -> dict[str, Any]:
        """Begins a job that must begin; gives what the API answers."""
        answer = self.call("POST", "/create-job", body)
        assert answer.status == 201, answer
        return answer.body

    @property
    def states(self) -> JobStates:
        return JobStates(self.emulator.client("dynamodb"), self.outputs["jobs_table"])

    def state(self, job_id: str) -> JobState:
        return self.states.read(job_id)

    def progress(self, job_id: str) -> Progress:
        client = self.emulator.client("dynamodb")
        return read_progress(client, self.outputs["rollups_table"], job_id, lambda _: None)

    def objects(self, job_id: str) -> dict[str, int]:
        """Objects of a job by their status, without those of none."""
        by_status = self.progress(job_id).by_status
        return {status.value: part.objects for status, part in by_status.items() if part.objects}

    def watch(self) -> None:
        """One look of the watcher, and the news of it."""
        answer = self.emulator.client("lambda").invoke(FunctionName="thaw-watch-jobs", Payload="{}")
        assert "FunctionError" not in answer, answer["Payload"].read()
        self.listen()

    def hear(self) -> None:
        """Has the progress events kept from now on."""
        sqs, topic = self.emulator.client("sqs"), self.outputs["progress_topic_arn"]
        url = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns = {"Service": "sns.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": sns, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def listen(self) -> None:
        """Notes the progress events that have come."""
        sqs, queue = self.emulator.client("sqs"), "heard"
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                self.heard.append(json.loads(json.loads(message.get("Body", ""))["Message"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message.get("ReceiptHandle", ""))

    def watch_until(self, condition: Callable[[], Any], seconds: float = 60.0) -> None:
        """Looks again and again until something is so."""

        def look() -> Any:
            time.sleep(self.look_seconds)
            self.watch()
            return condition()

        eventually(look, seconds)

    def watch_until_ended(self, job_id: str, seconds: float = 60.0) -> JobStatus:
        self.watch_until(lambda: self.state(job_id).ended, seconds)
        return self.state(job_id).status

    def events(self, job_id: str) -> list[dict[str, Any]]:
        """The progress events of a job, in the order in which they came."""
        return [event for event in self.heard if event["JobId"] == job_id]

    def run(self, output: str, given: Any, seconds: float = 60.0) -> Any:
        """An execution of a state machine, named by the stack's output, at its end."""
        client = self.emulator.client("stepfunctions")
        started = client.start_execution(stateMachineArn=self.outputs[output], input=json.dumps(given))
        arn = started["executionArn"]
        return eventually(lambda: _ended(client.describe_execution(executionArn=arn)), seconds)

    def executions(self, purpose: str) -> list[Any]:
        """The executions of a machine, newest first."""
        arn = f"arn:aws:states:{self.emulator.region}:{self.emulator.account}:stateMachine:thaw-{purpose}"
        return list(self.emulator.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"])

    def proven(self, *job_ids: str) -> list[Verification]:
        """What recounting the records of jobs comes to."""
        client = self.emulator.client("dynamodb")
        return list(verify(client, "thaw-objects", "thaw-rollups", list(job_ids), lambda _: None).jobs)

    def files(self, job_id: str) -> list[str]:
        """The keys in the jobs bucket that are of a job."""
        bucket, prefix = self.outputs["jobs_bucket"], f"jobs/{job_id}/"
        listed = self.emulator.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [item.get("Key", "") for item in listed.get("Contents", [])]


def job_stack(emulator: Emulator, **config: Any) -> JobStack:
    """The program in an emulator that has its buckets, with a queue that hears the progress events."""
    for bucket in (COLD, WARM, MANIFESTS):
        emulator.client("s3").create_bucket(Bucket=bucket)
    deployment = deploy({**CONFIG, **config}, emulator)
    stack = JobStack(deployment)
    stack.hear()
    return stack


def put_manifest(emulator: Emulator, key: str, rows: Sequence[Sequence[str]]) -> None:
    """A CSV manifest of S3 Batch Operations; keys as they are spelled there."""
    body = "".join(",".join(row) + "\n" for row in rows)
    emulator.client("s3").put_object(Bucket=MANIFESTS, Key=key, Body=body.encode())


def _ended(described: Any) -> Any:
    return described if described["status"] != "RUNNING" else None
