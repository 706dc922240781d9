"""Hands an object that would not be copied in a function's time to an execution of its own."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.copy_messages import CopyMessage
from thaw.core.history import restored_at
from thaw.core.records import ObjectRecord

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class HandingOver:
    """Starts executions of the state machine `copy-large`."""

    make_client: "Callable[[], SFNClient]"
    machine_arn: str

    def start(self, message: CopyMessage, record: ObjectRecord, readable_until: str) -> str:
        """Starts the copy of one object version, or finds it started: one execution for each restore of the
        object, however often that is extended while it runs. Where that has ended without a copy (its name is
        used, and a running one would be found), one for each expiry of the temporary copy.

        Returns the execution's name. Raises ClientError.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        first, later = execution_name(message, record), execution_name(message, record, readable_until)
        if self._runs(first, message):
            return first
        self._runs(later, message)
        return later

    def _runs(self, name: str, message: CopyMessage) -> bool:
        """Starts the execution unless it has ended; whether it runs then."""
        client = self.make_client()
        try:
            client.start_execution(stateMachineArn=self.machine_arn, name=name, input=_input(message))
        except client.exceptions.ExecutionAlreadyExists:
            return False
        return True


def execution_name(message: CopyMessage, record: ObjectRecord, readable_until: str = "") -> str:
    """The same for the same object version of a job from one restore, or one new life, to the next."""
    began = [record.since, restored_at(record.history)]
    identity = [message.job_id, message.bucket, message.key, message.version_id, *began, readable_until]
    return f"copy-{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:40]}"


def _input(message: CopyMessage) -> str:
    named = {name: value for name, value in message._asdict().items() if name != "size_bytes"}
    return json.dumps(named)
