"""A whole deployment of vault transfers in one process: what the functions are told, called by, and call.

Functions and state machines are the deployed ones; S3 and DynamoDB are moto's, Glacier is the stand-in of
local/, queues and executions are in memory. Time passes when the test says so. A function may die before or
after any of its calls; then SQS, Step Functions and the Scheduler do what they do.
"""

import contextlib
import io
import json
import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import boto3
import botocore.session
from moto import mock_aws

from benchmarks.tables import create_tables
from infra import names
from infra.state_machines.definitions import VAULT_MACHINES, definition
from tests.lambdas.job_api.deployed import proxied
from tests.vault_world import glacier, small_parts
from tests.vault_world.clocks import Clock, told_by
from tests.vault_world.crashes import Crashes, Killed, Place, Strike
from tests.vault_world.functions import NAMES as FUNCTIONS
from tests.vault_world.functions import Functions, module_of
from tests.vault_world.machines import Hands, Machine, StateError
from tests.vault_world.services import ANSWERED, Execution, Message, Services
from tests.vault_world.uploads import Uploads
from tests.vaults.moto_mends import mended
from thaw.core.job_rules import Destination, JobRules
from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.vault_runs import vault_job_id
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_progress
from thaw.store.verify import Verification, verify

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

REGION, ACCOUNT = "us-east-1", "123456789012"
VAULT, OTHER_VAULT, WARM, JOBS_BUCKET = "photos", "films", "warm", "thaw-jobs-bucket"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/thaw-archives"
MAX_RECEIVES = 5
MINUTE = 60.0
LOOK_SECONDS = 30 * MINUTE
"""Between two looks of the watchers: longer than a retrieval takes here."""

NAMES = names.Names("thaw")
PLACE = names.Place("aws", REGION, ACCOUNT)
RULES = JobRules(
    region=REGION,
    vaults=(VAULT, OTHER_VAULT),
    copy_destinations=(Destination(WARM),),
    vault_requests_per_second=1000,
)


def environment(rules: JobRules = RULES) -> dict[str, str]:
    """As the stack gives it to the functions."""
    machines = {
        f"{purpose.upper().replace('-', '_')}_MACHINE_ARN": PLACE.machine_arn(NAMES.machine(purpose))
        for purpose in ("create-job", "read-report", "copy-large", *VAULT_MACHINES)
    }
    return {
        **machines,
        "OBJECTS_TABLE": "objects",
        "ROLLUPS_TABLE": "rollups",
        "JOBS_TABLE": "jobs",
        "JOBS_BUCKET": JOBS_BUCKET,
        "JOB_RULES": rules.to_json(),
        "ROLLUP_SLOTS": "2",
        "ACCOUNT_ID": ACCOUNT,
        "NAME_PREFIX": "thaw",
        "EVENT_QUEUE_ARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:thaw-events",
        "COPY_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/thaw-copies",
        "PROGRESS_TOPIC_ARN": PLACE.topic_arn(NAMES.progress_topic),
        "BATCH_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/thaw-batch-restore",
        "COPY_MAX_RECEIVE_COUNT": "5",
        "REQUEST_CONCURRENCY": "10",
        "VAULT_TOPIC_ARN": PLACE.topic_arn(NAMES.vault_topic),
        "VAULT_QUEUE_URL": QUEUE_URL,
        "VAULT_MAX_RECEIVE_COUNT": str(MAX_RECEIVES),
        "ATHENA_WORK_GROUP": "thaw",
        "ATHENA_DATABASE": "thaw",
        "POWERTOOLS_METRICS_NAMESPACE": "Thaw",
        "POWERTOOLS_SERVICE_NAME": "thaw",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class World:
    """See the module. `printed` is what the functions wrote to standard output: metrics and logs;
    `failures` what they and the executions raised; executions of `held` machines do not begin."""

    def __init__(self, clock: Clock, crashes: Crashes, services: Services, standin: glacier.StandIn) -> None:
        self.clock, self.crashes, self.services, self.glacier = clock, crashes, services, standin
        self.functions = Functions(crashes)
        self.printed = io.StringIO()
        self.failures: list[str] = []
        self.held: set[str] = set()
        self._tokens = 0

    @cached_property
    def s3(self) -> "S3Client":
        return boto3.client("s3")

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb")

    @property
    def states(self) -> JobStates:
        return JobStates(self.dynamodb, "jobs")

    def state(self, job_id: str) -> JobState:
        return self.states.read(job_id)

    def progress(self, job_id: str) -> Progress:
        return read_progress(self.dynamodb, "rollups", job_id, lambda _: None)

    def counts(self, job_id: str) -> dict[str, int]:
        """Archives by their status, without those of none."""
        by_status = self.progress(job_id).by_status
        return {status.value: part.objects for status, part in by_status.items() if part.objects}

    def verification(self, job_id: str) -> Verification:
        """The counters against the records."""
        (found,) = verify(self.dynamodb, "objects", "rollups", [job_id], lambda _: None, "jobs").jobs
        return found

    def records(self) -> dict[str, dict[str, Any]]:
        """All records, by the archive's id: plain values."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="objects")
        items = [cast("dict[str, dict[str, str]]", item) for page in pages for item in page["Items"]]
        plain = [{name: next(iter(value.values())) for name, value in item.items()} for item in items]
        return {record["key"]: record for record in plain}

    def launch(self, name: str, **asked: Any) -> str:
        """Somebody in the console has the vault moved below `in/`; gives the id of the job."""
        asked = {"vault": VAULT, "destination_bucket": WARM, "destination_prefix": "in/"} | asked
        self.start(name, asked)
        return vault_job_id(asked["vault"], asked["destination_bucket"], asked["destination_prefix"])

    def resume(self, name: str, job_id: str, **asked: Any) -> None:
        """Somebody in the console goes on with a transfer."""
        self.start(name, {"resume": True, "job_id": job_id, **asked})

    def start(self, name: str, asked: Mapping[str, Any]) -> None:
        """An execution of transfer-vault, to its end."""
        machine = PLACE.machine_arn(NAMES.machine("transfer-vault"))
        self.services.StartExecution({"stateMachineArn": machine, "name": name, "input": json.dumps(asked)})
        self.settle()

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Any]:
        """Status and answer of the API, once what it started has come to its end."""
        text = None if body is None else json.dumps(body)
        answer = self.call("job_api", proxied(method, path, text, query))
        self.settle()
        return answer["statusCode"], json.loads(answer["body"])

    def asked_quietly(self, method: str, path: str, body: Any = None) -> int:
        """Status of the API's answer, 500 where its function died."""
        with contextlib.suppress(Killed):
            return self.ask(method, path, body)[0]
        return 500

    def settle(self) -> None:
        """Everything that was started or sent comes to its end, as far as no time has to pass for it."""
        for _ in range(200):
            if not (self._executed() or self._invoked() or self._delivered()):
                return
        raise AssertionError("executions, calls and messages beget one another without end")

    def tick(self, seconds: float = LOOK_SECONDS) -> None:
        """Time passes, the Scheduler calls, and what follows from that happens."""
        self.pass_time(seconds)
        for function in ("watch_vaults", "watch_jobs"):
            with contextlib.suppress(Killed, Exception):
                self.call(function, {})
        self.settle()

    def pass_time(self, seconds: float) -> None:
        """Glacier's jobs go on, and tell of it."""
        self.clock.advance(seconds)
        for message in glacier.notifications(self.glacier):
            self.services.queue(QUEUE_URL).put(message)

    def until_ended(self, job_id: str, most_ticks: int = 80, seconds: float = LOOK_SECONDS) -> JobState:
        """Time passes until the job has ended."""
        for _ in range(most_ticks):
            state = self.state(job_id)
            if state.ended:
                return state
            self.tick(seconds)
        raise AssertionError(
            f"{job_id} does not end: {self.state(job_id)}, {self.counts(job_id)}, {self.failures[-3:]}"
        )

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        """One invocation, its standard output kept. Raises what it raises; that is noted too."""
        try:
            with contextlib.redirect_stdout(self.printed):
                return self.functions.call(function, event)
        except BaseException as exc:
            self.failures.append(f"{function}: {exc!r}")
            raise

    def _executed(self) -> bool:
        unended = self.services.unended()
        waiting = [each for each in unended if not each.begun and each.machine not in self.held]
        for execution in waiting:
            execution.begun = True
            self._run(execution)
        return bool(waiting)

    def _run(self, execution: Execution) -> None:
        purpose = execution.machine.removeprefix("thaw-")
        text = definition(purpose, NAMES, PLACE, JOBS_BUCKET)
        hands = Hands(self._by_arn, self._keys, self._answer_to, self.pass_time, self._new_token)
        try:
            Machine(json.loads(text), hands).run(json.loads(execution.input), execution.arn)
            execution.status = "SUCCEEDED"
        except StateError as exc:
            execution.status = "FAILED"
            self.failures.append(f"{execution.machine}: {exc}")

    def _by_arn(self, function: str, payload: Any) -> Any:
        return self.call(function.rpartition(":")[2].removeprefix("thaw-"), payload)

    def _keys(self, bucket: str, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [item.get("Key", "") for item in listed.get("Contents", [])]

    def _new_token(self) -> str:
        self._tokens += 1
        token = f"token-{self._tokens}"
        self.services.tokens[token] = None
        return token

    def _answer_to(self, token: str, seconds: float) -> str:
        deadline = self.clock.monotonic() + seconds
        while self.clock.monotonic() < deadline:
            if (answer := self.services.tokens[token]) is not None:
                return answer
            self.pass_time(MINUTE)
            self._delivered()
        self.services.tokens[token] = "{}"
        raise StateError("States.Timeout")

    def _invoked(self) -> bool:
        """What was called without waiting is tried three times in all."""
        waiting, self.services.invoked = self.services.invoked, []
        for name, payload in waiting:
            for _ in range(3):
                with contextlib.suppress(Killed, Exception):
                    self._by_arn(name, json.loads(payload))
                    break
        return bool(waiting)

    def _delivered(self) -> bool:
        """One batch of the vaults' queue; what is not done comes back, or is dead."""
        queue = self.services.queue(QUEUE_URL)
        batch, queue.waiting = queue.waiting[:10], queue.waiting[10:]
        if not batch:
            return False
        for message in batch:
            message.receives += 1
        left = self._left_of(batch)
        queue.dead.extend(message for message in left if message.receives >= MAX_RECEIVES)
        queue.waiting.extend(message for message in left if message.receives < MAX_RECEIVES)
        return True

    def _left_of(self, batch: list[Message]) -> list[Message]:
        records = [
            {
                "messageId": message.id,
                "receiptHandle": message.id,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": str(message.receives),
                    "SentTimestamp": str(int(self.clock.timestamp() * 1000)),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:thaw-archives",
                "awsRegion": REGION,
            }
            for message in batch
        ]
        answer = None
        with contextlib.suppress(Killed, Exception):
            answer = self.call("transfer_archives", {"Records": records})
        if answer is None:
            return batch
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        return [message for message in batch if message.id in failed]


@cache
def _models() -> Any:
    """What services are like, read once and not for every world."""
    return botocore.session.Session().get_component("data_loader")


@contextmanager
def world(
    strike: Strike | Place | None = None, rules: JobRules = RULES, group_parts: int = 2
) -> Generator[World]:
    """A new world with tables, buckets and an empty vault; everything of it is gone afterwards."""
    with ExitStack() as stack:
        for function in FUNCTIONS:
            module_of(function)
        clock, crashes = Clock(), Crashes()
        services = Services(clock)
        stack.enter_context(patch.dict(os.environ, {**environment(rules), **glacier.ENVIRONMENT}))
        stack.enter_context(mock_aws())
        stack.enter_context(mended(clock.iso))
        stack.enter_context(small_parts.of_one_mib(group_parts))
        stack.enter_context(told_by(clock))
        standin = glacier.stand_in(clock, VAULT, OTHER_VAULT)
        session = botocore.session.Session()
        session.register_component("data_loader", _models())
        crashes.watch(session, ANSWERED)
        services.answer(session)
        glacier.answer(session, standin)
        Uploads(clock).watch(session)
        boto3.setup_default_session(botocore_session=session)
        made = World(clock, crashes, services, standin)
        made.functions.forget()
        stack.callback(_leave, made)
        create_tables(made.dynamodb)
        made.s3.create_bucket(Bucket=JOBS_BUCKET)
        made.s3.create_bucket(Bucket=WARM)
        versions: Any = {"Status": "Enabled"}
        made.s3.put_bucket_versioning(Bucket=WARM, VersioningConfiguration=versions)
        crashes.arm(strike)
        yield made


def _leave(made: World) -> None:
    made.functions.forget()
    boto3.DEFAULT_SESSION = None
