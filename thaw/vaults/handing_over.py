"""Hands an archive that is too large for one function's time to an execution of `transfer-large`."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.archives import Pointer
from thaw.vaults.errors import TransfersBusyError
from thaw.vaults.tasks import Place

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

MAX_RUNNING = 20
"""Executions at a time: each calls up to 20 functions, of the 1,000 that all of an account's share."""

_HOUR = len("2026-11-21T03")


@dataclass(frozen=True)
class HandingOver:
    """Starts executions of the state machine `transfer-large`."""

    make_client: "Callable[[], SFNClient]"
    machine_arn: str

    def start(self, place: Place, retrieval_job_id: str, now: str) -> str:
        """Starts the transfer of one archive, or finds it started: one execution in each run of its job,
        which goes on with whatever is retrieved last. Where that has ended without an object (its name is
        used, and a running one would be found), one for each retrieval, and then one an hour.

        Returns the execution's name. Raises TransfersBusyError where MAX_RUNNING run, ClientError.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        told = [str(place.state.run), place.archive.archive_id]
        names = [
            execution_name(place.pointer, *told),
            execution_name(place.pointer, *told, retrieval_job_id),
            execution_name(place.pointer, *told, retrieval_job_id, now[:_HOUR]),
        ]
        running = self._running()
        found = next((name for name in names if name in running), "")
        if found:
            return found
        if len(running) >= MAX_RUNNING:
            raise TransfersBusyError(
                f"{MAX_RUNNING} large archives are transferred now; {place.archive.archive_id} follows."
            )
        return next((name for name in names if self._runs(name, place.pointer)), names[-1])

    def _running(self) -> set[str]:
        """The names of executions that run, of at most MAX_RUNNING.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
        """
        answer = self.make_client().list_executions(
            stateMachineArn=self.machine_arn, statusFilter="RUNNING", maxResults=MAX_RUNNING
        )
        return {execution["name"] for execution in answer["executions"]}

    def _runs(self, name: str, pointer: Pointer) -> bool:
        """Starts the execution unless it has ended; whether it runs then."""
        client = self.make_client()
        try:
            client.start_execution(
                stateMachineArn=self.machine_arn, name=name, input=json.dumps(pointer._asdict())
            )
        except client.exceptions.ExecutionAlreadyExists:
            return False
        return True


def execution_name(pointer: Pointer, *told: str) -> str:
    """The same for the same archive in the same run of a job, and what else is `told`."""
    identity = json.dumps([*pointer, *told]).encode()
    return f"transfer-{hashlib.sha256(identity).hexdigest()[:40]}"
