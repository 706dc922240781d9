"""Queues, executions, functions and topics in memory, answering real clients before anything is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import botocore.session

from tests.vault_world.clocks import Clock

PREFIX = "arn:aws:states:us-east-1:123456789012"
ANSWERED = ("sqs", "sfn", "sns", "eventbridge", "lambda")
"""By the names that botocore's events have for them."""

_PARAMETERS = "thaw parameters"


class Answer(NamedTuple):
    """Of a call, as botocore takes it from an event."""

    status_code: int


class RefusedError(Exception):
    """A service's error: its code."""


@dataclass
class Message:
    """Of a queue; `receives` counts how often it was handed out."""

    id: str
    body: str
    receives: int = 0


@dataclass
class Queue:
    """Messages that wait, and those that were tried too often."""

    waiting: list[Message] = field(default_factory=list[Message])
    dead: list[Message] = field(default_factory=list[Message])
    sent: int = 0

    def put(self, body: str) -> str:
        """Gives the message's id."""
        self.sent += 1
        message = Message(f"message-{self.sent}", body)
        self.waiting.append(message)
        return message.id


@dataclass
class Execution:
    """Of a state machine; `status` as Step Functions has it, "" before anybody ran it."""

    machine: str
    name: str
    input: str
    started: datetime
    status: str = "RUNNING"
    begun: bool = False

    @property
    def arn(self) -> str:
        return f"{PREFIX}:execution:{self.machine}:{self.name}"


class Services:
    """What is not S3, DynamoDB or Glacier. `published` are the messages of topics, `invoked` the functions
    called without waiting, `tokens` the answers to steps that wait for one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.queues: dict[str, Queue] = {}
        self.executions: dict[str, Execution] = {}
        self.published: list[str] = []
        self.invoked: list[tuple[str, str]] = []
        self.tokens: dict[str, str | None] = {}

    def answer(self, session: botocore.session.Session) -> None:
        """Clients made of this session from now on are answered here."""
        events: Any = session.get_component("event_emitter")
        for service in ANSWERED:
            events.register(f"before-parameter-build.{service}", self._remember)
            events.register(f"before-call.{service}", self._answer)

    def queue(self, url: str) -> Queue:
        return self.queues.setdefault(url, Queue())

    def unended(self) -> list[Execution]:
        """Executions that nobody has run to their end."""
        return [each for each in self.executions.values() if each.status == "RUNNING"]

    def _remember(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context[_PARAMETERS] = params

    def _answer(self, model: Any, context: Mapping[str, Any], **_: object) -> tuple[Answer, dict[str, Any]]:
        try:
            made: dict[str, Any] = getattr(self, model.name)(context[_PARAMETERS])
        except RefusedError as refusal:
            error = {"Code": str(refusal), "Message": f"{model.name} was refused"}
            return Answer(400), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return Answer(200), {**made, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def SendMessage(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's names, here and below
        return {"MessageId": self.queue(given["QueueUrl"]).put(given["MessageBody"])}

    def SendMessageBatch(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        queue = self.queue(given["QueueUrl"])
        done = [{"Id": each["Id"], "MessageId": queue.put(each["MessageBody"])} for each in given["Entries"]]
        return {"Successful": done}

    def GetQueueAttributes(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        waiting = str(len(self.queue(given["QueueUrl"]).waiting))
        none = {"ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0"}
        return {"Attributes": {"ApproximateNumberOfMessages": waiting, **none}}

    def StartExecution(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        """A name is used once, and a running execution of the same input is the same one."""
        machine = given["stateMachineArn"].rpartition(":")[2]
        made = Execution(machine, given["name"], given["input"], self._clock.now())
        there = self.executions.setdefault(made.arn, made)
        if there.status != "RUNNING" or there.input != made.input:
            raise RefusedError("ExecutionAlreadyExists")
        return {"executionArn": there.arn, "startDate": there.started}

    def DescribeExecution(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = self.executions.get(given["executionArn"])
        if found is None:
            raise RefusedError("ExecutionDoesNotExist")
        told = {"name": found.name, "status": found.status, "input": found.input}
        return {"executionArn": found.arn, "startDate": found.started, **told}

    def ListExecutions(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Those of a machine, by their status."""
        machine = given["stateMachineArn"].rpartition(":")[2]
        found = [each for each in self.executions.values() if each.machine == machine]
        names = [{"name": each.name} for each in found if each.status == given["statusFilter"]]
        return {"executions": names[: given["maxResults"]]}

    def StopExecution(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.executions[given["executionArn"]].status = "ABORTED"
        return {}

    def SendTaskSuccess(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.tokens.get(given["taskToken"], "") is not None:
            raise RefusedError("TaskTimedOut")
        self.tokens[given["taskToken"]] = given["output"]
        return {}

    def Publish(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.published.append(given["Message"])
        return {"MessageId": f"published-{len(self.published)}"}

    def PutEvents(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        entries = [{"EventId": str(number)} for number, _ in enumerate(given["Entries"])]
        return {"FailedEntryCount": 0, "Entries": entries}

    def Invoke(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        payload = given["Payload"]
        text = payload.decode() if isinstance(payload, bytes) else str(payload)
        self.invoked.append((given["FunctionName"], text))
        return {"StatusCode": 202}


def envelope(topic_arn: str, message: str) -> str:
    """As SNS puts a message into a queue that did not ask for raw ones."""
    return json.dumps({"Type": "Notification", "TopicArn": topic_arn, "Message": message})
