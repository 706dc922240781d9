"""The Batch Operations job that a wave is: always the same for the same wave."""

import hashlib

from thaw.core.job_states import JobState, Wave
from thaw.jobs.batch_orders import BatchOrder
from thaw.jobs.wave_manifests import COLUMNS, UNVERSIONED_COLUMNS


def wave_order(state: JobState, wave: Wave, jobs_bucket: str) -> BatchOrder:
    """What is asked of S3 for a wave whose manifest is written."""
    return BatchOrder(
        job_id=state.job_id,
        jobs_bucket=jobs_bucket,
        manifest_key=wave.manifest_key,
        manifest_etag=wave.manifest_etag,
        fields=COLUMNS if wave.versioned else UNVERSIONED_COLUMNS,
        tier=state.request.tier,
        expiration_days=state.request.expiration_days,
        description=describe_wave(state, wave),
        client_tag=state.request.client_tag,
        token=_token(jobs_bucket, state, wave.number),
    )


def describe_wave(state: JobState, wave: Wave) -> str:
    """The description of a wave's Batch Operations job: its own, so that the job can be found by it."""
    run = f", run {state.run}" if state.run > 1 else ""
    tag = f": {state.request.client_tag}" if state.request.client_tag else ""
    return (
        f"Thaw job {state.job_id} of {state.created_at}{run}, wave {wave.number} of {len(state.waves)}{tag}"
    )


def _token(jobs_bucket: str, state: JobState, number: int) -> str:
    """64 characters (S3 takes no more), of no other job, run, stack or wave."""
    parts = (jobs_bucket, state.job_id, state.created_at, str(state.run), str(number))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
