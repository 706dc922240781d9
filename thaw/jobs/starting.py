"""Starts the workflow of a job, once, and waits a little to see how it begins."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, JobStatus
from thaw.jobs.errors import RunsUsedUpError
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PAUSES = (0.25, 0.25, 0.5, *(1.0,) * 19)
"""Seconds between two looks: 20 in sum, within the 29 that API Gateway waits for an answer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

MAX_RUNS = 1000
"""A job's id is given up after so many names of executions that are used up."""

BEGINNING = (JobStatus.PREPARING, JobStatus.LOADING)
"""A job that is neither under way nor ended."""


class JobStarter:
    """Starts executions of the state machine `create-job`, for vaults of `transfer-vault` ("" where the stack
    transfers none). `pause(seconds)` waits."""

    def __init__(
        self,
        states: JobStates,
        machines: "SFNClient",
        machine_arn: str,
        pause: Callable[[float], None],
        vault_machine_arn: str = "",
    ) -> None:
        self._states = states
        self._machines = machines
        self._machine_arn = machine_arn
        self._vault_machine_arn = vault_machine_arn
        self._pause = pause

    def start(self, state: JobState) -> JobState:
        """The state of the job once its workflow runs; repeated, it is the same execution.

        A name that an ended execution had cannot be used for 90 days; the job then takes its next run.
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        job_id, arn = state.job_id, ""
        while not arn:
            if state.run > MAX_RUNS:
                raise RunsUsedUpError(
                    f"Job {job_id} was started {MAX_RUNS} times in 90 days; choose another job id."
                )
            try:
                arn = self._execution(state)
            except self._machines.exceptions.ExecutionAlreadyExists:
                state = self._states.update(job_id, _next_run(state.run))
        return self._states.update(job_id, lambda now: replace(now, execution_arn=arn))

    def wait(self, job_id: str, is_good: Callable[[JobState], bool] = lambda _: False) -> JobState:
        """The job's state when it restores or has ended, or as it is after the PAUSES.

        `is_good` tells of one that is still prepared whether there is nothing more to wait for.
        """
        state = self._states.read(job_id)
        for seconds in PAUSES:
            if state.status not in BEGINNING or is_good(state):
                return state
            self._pause(seconds)
            state = self._states.read(job_id)
        return state

    def _execution(self, state: JobState) -> str:
        of_vault = state.request.way is Way.VAULT
        return self._machines.start_execution(
            stateMachineArn=self._vault_machine_arn if of_vault else self._machine_arn,
            name=f"{state.job_id}-{state.run}",
            input=json.dumps({"job_id": state.job_id}),
        )["executionArn"]


def _next_run(used: int) -> Callable[[JobState], JobState]:
    """Takes the run after `used`, unless somebody took it already."""
    return lambda state: replace(state, run=max(state.run, used + 1))
