"""Step Functions in memory: executions by name, a name used once; what they do is up to the test.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import json
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class ExecutionAlreadyExists(ClientError):  # noqa: N818 - AWS's spelling
    """As the client's own exception of this name."""


class _Exceptions:
    ExecutionAlreadyExists = ExecutionAlreadyExists


class FakeMachines:
    """One state machine. `running` and `ended` are names of executions, `started` what was ever started."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.running: dict[str, str] = {}
        self.ended: set[str] = set()
        self.started: list[str] = []

    @property
    def client(self) -> "SFNClient":
        return cast("SFNClient", self)

    def end(self, name: str) -> None:
        """An execution ends; its name stays used."""
        del self.running[name]
        self.ended.add(name)

    def list_executions(self, *, stateMachineArn: str, statusFilter: str, maxResults: int) -> dict[str, Any]:  # noqa: N803
        """Those that run."""
        assert stateMachineArn
        assert statusFilter == "RUNNING"
        return {"executions": [{"name": name} for name in sorted(self.running)[:maxResults]]}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803
        if name in self.ended or self.running.get(name, input) != input:
            raise ExecutionAlreadyExists(
                {"Error": {"Code": "ExecutionAlreadyExists", "Message": name}}, "StartExecution"
            )
        if name not in self.running:
            json.loads(input)
            self.running[name] = input
            self.started.append(name)
        return {"executionArn": f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"}
