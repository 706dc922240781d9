"""S3 Batch Operations jobs as they run: from status to status, object after object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
"""

import asyncio
import contextvars
import time
from collections.abc import Callable, Mapping
from typing import Any

import batch_tasks
from batch_files import Task
from batch_tasks import Job, JobError

ENDED = frozenset({"Complete", "Cancelled", "Failed"})
_THRESHOLD_TASKS, _THRESHOLD_SHARE = 1000, 0.5
_TASKS_AT_ONCE = 100


class Runner:
    """Runs jobs on the emulator's own loop, where its handlers take turns.

    THAW_LOCAL_BATCH_STATUS_SECONDS: how long a job is New, Preparing, Ready and Completing (0.05).
    THAW_LOCAL_BATCH_TASKS_PER_SECOND: how fast it works (as fast as it can).
    """

    def __init__(self, s3: Any, environ: Mapping[str, str]) -> None:
        self._s3 = s3
        self._status_seconds = float(environ.get("THAW_LOCAL_BATCH_STATUS_SECONDS", "0.05"))
        self._rate = float(environ.get("THAW_LOCAL_BATCH_TASKS_PER_SECOND", "0"))

    async def run(self, job: Job) -> None:
        """Takes a job from New to its end."""
        try:
            await self._step(job, "Preparing")
            tasks = batch_tasks.prepare(self._s3, job)
            await self._confirmation(job)
            await self._step(job, "Ready")
            await self._step(job, "Active")
            job.activated = time.time()
            await self._work(job, tasks)
            await self._step(job, "Completing")
            await asyncio.sleep(self._status_seconds)
        except JobError as exc:
            job.reasons.append({"FailureCode": exc.code, "FailureReason": str(exc)[:256]})
            job.status = "Failing"
        batch_tasks.report(self._s3, job)
        job.ended = time.time()
        job.status = {"Cancelling": "Cancelled", "Failing": "Failed"}.get(job.status, "Complete")

    async def _step(self, job: Job, status: str) -> None:
        """The next status after a while, unless somebody cancelled meanwhile."""
        if job.status != "Cancelling":
            await asyncio.sleep(self._status_seconds)
        if job.status != "Cancelling":
            job.status = status

    async def _confirmation(self, job: Job) -> None:
        if job.request.get("ConfirmationRequired") and job.status != "Cancelling":
            job.status, job.suspended = "Suspended", time.time()
        while job.status == "Suspended":
            await asyncio.sleep(self._status_seconds)

    async def _work(self, job: Job, tasks: list[Task]) -> None:
        """Restores one object after the other, until the job is cancelled or fails too often."""
        started = time.time()
        for number, task in enumerate(tasks):
            if self._rate:
                await asyncio.sleep(max(0.0, started + number / self._rate - time.time()))
            elif number % _TASKS_AT_ONCE == 0:
                await asyncio.sleep(0)
            if job.status != "Active":
                return
            result = contextvars.copy_context().run(batch_tasks.restore, self._s3, job, task)
            job.results.append(result)
            job.failed += bool(result.error_code)
            if number + 1 >= _THRESHOLD_TASKS and job.failed > _THRESHOLD_SHARE * (number + 1):
                raise JobError("JobFailureThreshold", "More than 50% of the tasks of the job have failed")


def start(runner: Runner, job: Job, keep: Callable[[asyncio.Task[None]], None]) -> None:
    """Begins a job in the account and Region of the request under way."""
    keep(asyncio.get_running_loop().create_task(runner.run(job)))
