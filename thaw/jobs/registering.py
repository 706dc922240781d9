"""Registers a loaded job: what loading came to into its state, its totals into the rollups table."""

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from thaw.core import job_files
from thaw.core.job_request_errors import CONFLICT
from thaw.core.job_states import JobState, Loaded
from thaw.core.jobs import Job, Totals
from thaw.core.loaded_parts import loaded_from_json, sum_loaded
from thaw.jobs.changes import refuse_cancelled
from thaw.jobs.errors import LostObjectsError, NothingToDoError
from thaw.manifests.s3 import S3Uri, list_keys, read_object
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables
from thaw.store.registration import register_loaded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


def register(
    states: JobStates,
    dynamodb: "DynamoDBClient",
    tables: Tables,
    s3: "S3Client",
    jobs_bucket: str,
    job_id: str,
) -> JobState:
    """Adds up the loaded/ files, and registers the totals that the loading has counted.

    Registering again changes nothing. Raises CancelledError, NothingToDoError, LostObjectsError.
    """
    state = states.read(job_id)
    refuse_cancelled(state)
    keys = sorted(list_keys(s3, S3Uri(jobs_bucket, job_files.loaded_folder(job_id))))
    loaded = sum_loaded(loaded_from_json(read_object(s3, S3Uri(jobs_bucket, key))) for key in keys)
    _check(state, loaded)
    request = state.request
    job = Job(job_id, state.created_at, request.tier, Totals(0, 0), buckets=(request.bucket,))
    registered = register_loaded(dynamodb, tables.rollups, tables.jobs, job)
    if not registered.totals.objects:
        _refuse(states, job_id, loaded)
    return states.update(job_id, lambda state: replace(state, loaded=loaded))


def _check(state: JobState, loaded: Loaded) -> None:
    expected = state.validated.objects if state.validated else 0
    found = loaded.objects + loaded.elsewhere
    if found != expected:
        raise LostObjectsError(
            f"Job {state.job_id} was found to have {expected} objects, and {found} were loaded:"
            " start it again."
        )


def _refuse(states: JobStates, job_id: str, loaded: Loaded) -> NoReturn:
    """A job without any object is refused; a later run may load none, if what there was to do is done."""
    if not loaded.elsewhere:
        raise NothingToDoError("Nothing is to be restored: no archived object was found and chosen.")
    others = ", ".join(f"{name} ({count})" for name, count in loaded.elsewhere_jobs.items())
    reason = (
        f"There is nothing to do: all of its {loaded.elsewhere} objects are in other jobs that are under way:"
        f" {others}. Wait until these have ended, or cancel them."
    )
    states.update(job_id, lambda state: replace(state, refusal=CONFLICT, reason=reason))
    raise NothingToDoError(reason)
