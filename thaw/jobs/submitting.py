"""Sends a loaded job to S3: its waves' manifests are written, and its Batch Operations jobs created.

Every step can be repeated: manifests are written once and recorded, and a Batch Operations job is created
under a token that is always the same for a wave, so that it is one job however often it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Wave
from thaw.core.waves import NO_LIMIT, has_room, pacing_limit
from thaw.jobs.batch_operations import BatchOperations
from thaw.jobs.changes import refuse_cancelled, with_wave
from thaw.jobs.errors import LostRequestsError
from thaw.jobs.listening import Listener
from thaw.jobs.request_files import request_keys
from thaw.jobs.wave_manifests import WaveManifests
from thaw.jobs.wave_orders import wave_order
from thaw.store.job_states import JobStates

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Now = Callable[[], str]
"""The time, fixed-width ISO-8601."""


class Submitted(NamedTuple):
    """How a job goes on: by which way, in how many parts (way REQUESTS; 0: nothing to request) and with how
    many of them at once."""

    way: Way
    parts: int
    concurrency: int


@dataclass(frozen=True)
class Submitter:
    """Where jobs are sent from. `concurrency` is how many functions may send requests at once."""

    states: JobStates
    batch: BatchOperations
    s3: "S3Client"
    jobs_bucket: str
    rules: JobRules
    listener: Listener
    concurrency: int
    now: Now

    def submit(self, job_id: str) -> Submitted:
        """Creates the first wave, or says how many parts there are to request.

        Raises CancelledError, UnheardEventsError, TooManyWavesError, LostRequestsError.
        """
        state = self.states.read(job_id)
        refuse_cancelled(state)
        if state.request.way is Way.REQUESTS:
            return self._requests(state)
        if not state.waves:
            state = self._record_waves(state)
        if state.waves and not state.waves[0].batch_job_id:
            _create(self.states, self.batch, self.jobs_bucket, state, state.waves[0], self.now())
        elif not state.waves:
            self.states.update(job_id, lambda state: _started(state, self.now(), requested=True))
        return Submitted(Way.BATCH_OPERATIONS, 0, 1)

    def _requests(self, state: JobState) -> Submitted:
        needed = state.loaded is not None and state.loaded.requests
        parts = len(request_keys(self.s3, self.jobs_bucket, state.job_id)) if needed else 0
        paced = pacing_limit(state.request, self.rules) != NO_LIMIT
        self.states.update(
            state.job_id, lambda state: _started(state, self.now(), requested=state.requested or not parts)
        )
        return Submitted(Way.REQUESTS, parts, 1 if paced else self.concurrency)

    def _record_waves(self, state: JobState) -> JobState:
        """Writes the manifests, and what they are into the state, before anything is asked of S3."""
        request = state.request
        heard = self.listener.heard(request.bucket, self.rules)
        manifests = WaveManifests(self.s3, self.jobs_bucket, state.job_id, request.bucket)
        waves = manifests.write(
            pacing_limit(request, self.rules), lambda key: any(part.passes(key) for part in heard)
        )
        _check_complete(state, sum(wave.objects for wave in waves))
        return self.states.update(state.job_id, lambda state: replace(state, waves=tuple(waves)))


def start_next_wave(
    states: JobStates,
    batch: BatchOperations,
    job_id: str,
    uncopied_bytes: int,
    *,
    jobs_bucket: str,
    rules: JobRules,
    now: Now,
) -> Wave | None:
    """Creates the Batch Operations job of a job's next wave, if there is room for it (see thaw.core.waves).

    None: every wave is created, there is no room, or the job is cancelled or has ended. Whoever else starts
    the same wave at the same time creates the same Batch Operations job.
    """
    state = states.read(job_id)
    wave = next((wave for wave in state.waves if not wave.batch_job_id), None)
    if wave is None or state.ended or state.cancel_requested_at:
        return None
    if not has_room(wave.size_bytes, uncopied_bytes, pacing_limit(state.request, rules)):
        return None
    return _create(states, batch, jobs_bucket, state, wave, now())


def _create(
    states: JobStates, batch: BatchOperations, jobs_bucket: str, state: JobState, wave: Wave, now: str
) -> Wave:
    batch_job_id = batch.create(wave_order(state, wave, jobs_bucket))
    created = replace(wave, batch_job_id=batch_job_id, created_at=now)
    written = states.update(state.job_id, lambda state: _with_created(state, created, now))
    if written.ended or written.cancel_requested_at:
        batch.cancel(batch_job_id, f"Job {state.job_id} was ended while this was created.")
    return created


def _with_created(state: JobState, wave: Wave, now: str) -> JobState:
    """The state with a wave that was created; the first to say so is believed about the time."""
    known = next(each for each in state.waves if each.number == wave.number)
    changed = state if known.batch_job_id else with_wave(state, wave)
    return _started(changed, now, requested=all(each.batch_job_id for each in changed.waves))


def _started(state: JobState, now: str, *, requested: bool) -> JobState:
    begins = state.status in (JobStatus.PREPARING, JobStatus.LOADING)
    status = JobStatus.RESTORING if begins else state.status
    return replace(state, status=status, started_at=state.started_at or now, requested=requested)


def _check_complete(state: JobState, objects: int) -> None:
    expected = state.loaded.requests if state.loaded else 0
    if objects != expected:
        raise LostRequestsError(
            f"Job {state.job_id} has {expected} objects to request and {objects} in its requests/ files:"
            " load it again."
        )
