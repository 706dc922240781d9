"""The same chaos on a DynamoDB of its own process: real threads, real races."""

import random
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from benchmarks.tables import create_tables
from lambdas.track_events.tracker import Message, track
from local.emulator import Emulator
from tests.chaos.jobs import Job, draw_job
from tests.fakes.dynamodb import JOBS, KEYS, OBJECTS, ROLLUPS, FakeDynamoDB
from tests.store.loads import NOW, asked, job_state
from tests.store.tables import assert_exact, item_of, stored
from thaw.core.lives import Place
from thaw.store.job_states import JobStates
from thaw.store.ledgers import Tables, read_loaded
from thaw.store.loading import Load, Loader
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WORKERS = 4


@pytest.fixture(scope="module")
def client() -> "Iterator[DynamoDBClient]":
    with Emulator() as emulator:
        client = emulator.client("dynamodb")
        create_tables(client)
        yield client


def _work(client: "DynamoDBClient", job: Job, seed: int, outcomes: list[str]) -> None:
    """Takes all messages of the job in an order and in batches of its own."""
    rng = random.Random(seed)
    writer = RecordWriter(client, OBJECTS, ROLLUPS, slot=lambda: rng.randrange(2), pause=time.sleep)
    messages = [Message(*pair) for pair in job.messages.items()]
    rng.shuffle(messages)
    while messages:
        count = rng.randint(1, 60)
        batch, messages = messages[:count], messages[count:]
        tracked = track(batch, (), writer)
        outcomes += [name for name, count in tracked.counts.items() if count]
        messages += [message for message in batch if message.message_id in tracked.failed]


@pytest.mark.emulator
def test_workers_in_parallel_end_in_the_truth(client: "DynamoDBClient") -> None:
    job = draw_job(random.Random(1), objects=30, events=300)
    for one in job.records:
        client.put_item(TableName=OBJECTS, Item=item_of(one))
    outcomes: list[str] = []
    threads = [threading.Thread(target=_work, args=(client, job, seed, outcomes)) for seed in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {"AppliedEvents", "UnchangedEvents", "UntrackedEvents"} <= set(outcomes)
    fake = _as_fake(client)
    assert {one.id: one.history for one in stored(fake).values()} == job.truth
    assert_exact(fake)


@pytest.mark.emulator
def test_jobs_that_load_the_same_objects_in_parallel_share_them(client: "DynamoDBClient") -> None:
    keys = [f"shared/{number}" for number in range(300)]
    for job_id in ("one", "two"):
        JobStates(client, JOBS).create(job_state(job_id))
    loaded: dict[str, list[Place]] = {}

    def load(job_id: str) -> None:
        loader = Loader(client, Tables(OBJECTS, ROLLUPS, JOBS), slot=lambda: 0, pause=time.sleep)
        records = asked(job_id, *keys)
        loaded[job_id] = [each.place for each in loader.load(Load(job_id, 1, NOW), records)]

    threads = [threading.Thread(target=load, args=(job_id,)) for job_id in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    places = list(zip(loaded["one"], loaded["two"], strict=True))
    assert all(set(pair) == {Place.REQUESTS, Place.ELSEWHERE} for pair in places)
    for job_id in ("one", "two"):
        totals = sum(part.objects for part in read_loaded(client, JOBS, job_id).values())
        assert totals == loaded[job_id].count(Place.REQUESTS)


def _as_fake(client: "DynamoDBClient") -> FakeDynamoDB:
    """What the tables hold, where it is counted more easily."""
    fake = FakeDynamoDB()
    for table in KEYS:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                fake.put_item(TableName=table, Item=item)
    return fake
