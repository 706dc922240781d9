"""Jobs that load into tables in memory: asked, begun, ended; and the totals that must add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, FakeDynamoDB
from tests.store.tables import TOTALS, noted, record, stored
from thaw.core.history import NOTHING, History
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_states import JobState, JobStatus
from thaw.core.records import UNKNOWN, ObjectRecord
from thaw.core.rollups import CounterKey, Counters
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables
from thaw.store.loading import Load, LoadedObject, Loader

TABLES = Tables(OBJECTS, ROLLUPS, JOBS)
CREATED = "2026-11-21T00:00:00.000Z"
NOW = "2026-11-22T00:00:00.500Z"
REQUEST_OF_JOB = JobRequest("archive", "Bulk", manifest="s3://archive/manifest.csv", expiration_days=7)


def job_state(job_id: str, *, copies: bool = False, status: JobStatus = JobStatus.LOADING) -> JobState:
    """A job as its load finds it."""
    request = replace(REQUEST_OF_JOB, copy=CopyRequest() if copies else None)
    return JobState(job_id, request, status, CREATED)


def states(fake: FakeDynamoDB) -> JobStates:
    return JobStates(fake.client, JOBS, lambda _: None)


def begin(fake: FakeDynamoDB, *job_ids: str, copies: bool = False) -> None:
    """These jobs are under way."""
    for job_id in job_ids:
        states(fake).create(job_state(job_id, copies=copies))


def turn(fake: FakeDynamoDB, job_id: str, status: JobStatus) -> None:
    """The job is as `status` says."""
    states(fake).update(job_id, lambda state: replace(state, status=status))


def loader(fake: FakeDynamoDB, slot: int = 0) -> Loader:
    return Loader(fake.client, TABLES, slot=lambda: slot, pause=lambda _: None)


def asked(job_id: str, *keys: str, history: History = NOTHING) -> list[ObjectRecord]:
    """Records of a job's import part."""
    return [record(key, history=history, job_id=job_id)._replace(revision=0) for key in keys]


def load(
    fake: FakeDynamoDB, records: Iterable[ObjectRecord], *, run: int = 1, now: str = NOW
) -> list[LoadedObject]:
    """Loads records, all of one job."""
    records = list(records)
    return list(loader(fake).load(Load(records[0].entry.job_id, run, now), records))


def assert_totals(fake: FakeDynamoDB) -> None:
    """What was loaded into every job is what its records are, and those that left it."""
    here: Counters = Counter()
    for one in stored(fake).values():
        storage_class = one.entry.storage_class or UNKNOWN
        here[CounterKey(one.entry.job_id, "loaded", f"{storage_class}_objects")] += 1
        here[CounterKey(one.entry.job_id, "loaded", f"{storage_class}_bytes")] += one.entry.size_bytes or 0
    for key, amount in noted(fake, TOTALS).items():
        here[key._replace(metric="loaded")] += amount
    assert noted(fake, "loaded#") == Counter({key: n for key, n in here.items() if n})
