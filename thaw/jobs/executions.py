"""The executions of our state machines that a job depends on: how they go, and those that read reports."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, Wave
from thaw.core.times import to_millis
from thaw.core.watch_states import MISSING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

MAX_NAME = 80
"""Characters of an execution's name.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html"""

SKEW_SECONDS = 10.0
"""By which the clock of who created a job may be ahead of that of Step Functions."""


@dataclass(frozen=True)
class Executions:
    """Executions of `create-job`, `read-report` and `transfer-vault`, by the ARNs of these machines."""

    client: "SFNClient"
    create_job_arn: str
    read_report_arn: str
    transfer_vault_arn: str = ""

    def of_workflow(self, state: JobState) -> str:
        """The status of the execution that creates the job, MISSING if there is none.

        One that is older than the job is of another that had its id, and was refused.
        """
        machine = self.transfer_vault_arn if state.request.way is Way.VAULT else self.create_job_arn
        arn = state.execution_arn or _arn(machine, f"{state.job_id}-{state.run}")
        return self._status(arn, to_millis(state.created_at) / 1000 - SKEW_SECONDS)

    def of_reading(self, wave: Wave) -> str:
        """The status of the execution that reads the wave's completion report."""
        return self._status(wave.report_execution, 0)

    def _status(self, execution_arn: str, earliest: float) -> str:
        """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html"""
        try:
            answer = self.client.describe_execution(executionArn=execution_arn)
        except self.client.exceptions.ExecutionDoesNotExist:
            return MISSING
        return answer["status"] if answer["startDate"].timestamp() >= earliest else MISSING

    def read_report(self, state: JobState, wave: Wave) -> str:
        """Starts the next attempt to read a wave's report, once however often it is asked for; its ARN."""
        attempt = f"-{state.run}-{wave.number}-{wave.report_attempts + 1}"
        name = state.job_id[: MAX_NAME - len(attempt)] + attempt
        try:
            return self.client.start_execution(
                stateMachineArn=self.read_report_arn,
                name=name,
                input=json.dumps({"job_id": state.job_id, "wave": wave.number}),
            )["executionArn"]
        except self.client.exceptions.ExecutionAlreadyExists:
            return _arn(self.read_report_arn, name)


def _arn(machine_arn: str, name: str) -> str:
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
