"""Hands an object that would not be copied in a function's time to an execution of its own."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.copy_messages import CopyMessage

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class HandingOver:
    """Starts executions of the state machine `copy-large`."""

    make_client: "Callable[[], SFNClient]"
    machine_arn: str

    def start(self, message: CopyMessage, readable_until: str) -> str:
        """Starts the copy of one object version, or finds it started: one execution for each time that the
        object is readable. Returns the execution's name. Raises ClientError.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        client = self.make_client()
        name = execution_name(message, readable_until)
        try:
            client.start_execution(stateMachineArn=self.machine_arn, name=name, input=_input(message))
        except client.exceptions.ExecutionAlreadyExists:
            return name
        return name


def execution_name(message: CopyMessage, readable_until: str) -> str:
    """The same for the same object version of a job, as long as its temporary copy has the same expiry."""
    identity = [message.job_id, message.bucket, message.key, message.version_id, readable_until]
    return f"copy-{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:40]}"


def _input(message: CopyMessage) -> str:
    named = {name: value for name, value in message._asdict().items() if name != "size_bytes"}
    return json.dumps(named)
