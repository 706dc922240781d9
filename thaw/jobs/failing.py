"""Ends a job that cannot go on: undoes what was done before anything was asked of S3, or stops what was."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from thaw.core import job_files
from thaw.core.failure_reasons import reason_of
from thaw.core.job_requests import Way
from thaw.core.job_states import JobState, JobStatus
from thaw.jobs.batch_operations import BatchOperations, cancel_open_waves
from thaw.jobs.changes import with_wave
from thaw.jobs.folder import JobFolder
from thaw.jobs.loading import PartLoader
from thaw.jobs.wave_orders import describe_wave
from thaw.manifests.s3 import S3Uri, list_keys
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables
from thaw.store.registration import unregister_loaded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

RESERVE_SECONDS = 300.0
"""Time that must be left to unload one more part."""


@dataclass(frozen=True)
class JobFailer:
    """Ends jobs. `announce(state)` tells people of the end, once however often it is called; `now()` is
    fixed-width ISO-8601."""

    states: JobStates
    batch: BatchOperations
    loader: PartLoader
    dynamodb: "DynamoDBClient"
    tables: Tables
    s3: "S3Client"
    jobs_bucket: str
    announce: Callable[[JobState], None]
    now: Callable[[], str]

    def fail(self, job_id: str, error: Mapping[str, Any], remaining: Callable[[], float]) -> bool:
        """Ends the job Failed (Cancelled, where somebody asked for that) with the reason that a step noted,
        or that `error` has, which is as Step Functions gives it: {"Error", "Cause"}.

        False: there is more to undo than can be done in `remaining()` seconds, call again.
        The reason is written first: a function that still loads takes back itself what it loads from then on.
        A job that has ended, or that nobody knows, stays as it is, and so does a transfer of a vault that has
        begun: it goes on without its workflow. Of a refused one only the caller is told.
        """
        state = self.states.find(job_id)
        if state is None or state.ended or _goes_on(state):
            return True
        state = self._with_lost_wave(state)
        reason = state.reason or reason_of(error)
        self.states.update(job_id, lambda state: replace(state, reason=state.reason or reason))
        if _requested(state):
            cancel_open_waves(self.batch, state, reason)
        elif not self._undo(state, remaining):
            return False
        if not state.refusal:
            self.announce(self._ended(state, reason))
        self.states.update(job_id, lambda state: state if state.ended else self._ended(state, reason))
        return True

    def _with_lost_wave(self, state: JobState) -> JobState:
        """The state with a Batch Operations job that was created, but whose id nobody could write down."""
        wave = next((wave for wave in state.waves if not wave.batch_job_id), None)
        batch_job_id = self.batch.find(describe_wave(state, wave)) if wave else None
        if wave is None or batch_job_id is None:
            return state
        found = replace(wave, batch_job_id=batch_job_id, created_at=self.now())
        return self.states.update(state.job_id, lambda state: with_wave(state, found))

    def _undo(self, state: JobState, remaining: Callable[[], float]) -> bool:
        """Takes the run's records out again, a part after the other; False when time is short."""
        folder, progress = JobFolder(self.s3, self.jobs_bucket), job_files.undo_file(state.job_id)
        done = json.loads(folder.find(progress) or "{}").get(str(state.run), "")
        parts = S3Uri(self.jobs_bucket, job_files.import_folder(state.job_id))
        for key in sorted(key for key in list_keys(self.s3, parts) if key > done):
            if remaining() < RESERVE_SECONDS:
                return False
            self.loader.unload(state.job_id, key)
            folder.write(progress, json.dumps({str(state.run): key}).encode())
        unregister_loaded(self.dynamodb, self.tables.rollups, self.tables.jobs, state.job_id)
        return True

    def _ended(self, state: JobState, reason: str) -> JobState:
        status = JobStatus.CANCELLED if state.cancel_requested_at else JobStatus.FAILED
        return replace(state, status=status, reason=reason, ended_at=self.now())


def _goes_on(state: JobState) -> bool:
    return state.request.way is Way.VAULT and bool(state.started_at)


def _requested(state: JobState) -> bool:
    """Whether anything was asked of S3 in this run."""
    if state.request.way is Way.REQUESTS:
        return bool(state.started_at)
    return any(wave.batch_job_id for wave in state.waves)
