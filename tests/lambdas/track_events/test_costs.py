"""What following an object costs: writes of records and of counter rows, and requests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import pytest

from lambdas.track_events.tracker import Message, track
from tests.fakes.dynamodb import OBJECTS, ROLLUPS, FakeDynamoDB
from tests.lambdas.messages import S3Record, body
from tests.store.tables import assert_exact, record, tables, writer
from thaw.core.times import from_millis, to_millis

OBJECTS_OF_THE_JOB = 1000
START = to_millis("2026-11-21T03:10:00.000Z")
MINUTE = 60_000
EXPIRES = "2026-11-29T00:00:00.000Z"


@dataclass(frozen=True)
class Cost:
    """What a batch of events cost."""

    events: int
    record_writes: int
    counter_writes: int
    requests: int


def _job() -> FakeDynamoDB:
    """Two jobs at once, of three storage classes."""
    classes = ("GLACIER", "DEEP_ARCHIVE", "GLACIER")
    records = [record(str(number), job_id=f"job-{number % 2}") for number in range(OBJECTS_OF_THE_JOB)]
    return tables(
        one._replace(entry=one.entry._replace(storage_class=classes[number % 3]))
        for number, one in enumerate(records)
    )


def _events(name: str, begin: int, minutes: int) -> list[S3Record]:
    """One event of every object, in any order, within some minutes."""
    rng = Random(name)
    events = [
        S3Record(name, from_millis(begin + rng.randrange(minutes * MINUTE)), str(number), expires_at=EXPIRES)
        for number in range(OBJECTS_OF_THE_JOB)
    ]
    rng.shuffle(events)
    return events


def _cost(fake: FakeDynamoDB, events: Sequence[S3Record]) -> Cost:
    fake.calls.clear()
    messages = [Message(str(number), body(event)) for number, event in enumerate(events)]
    tracked = track(messages, (), writer(fake))
    assert tracked.counts["AppliedEvents"] == len(events)
    writes = Counter(
        item["Update"]["TableName"] for call in fake.calls for item in call.request.get("TransactItems", ())
    )
    return Cost(len(events), writes[OBJECTS], writes[ROLLUPS], len(fake.calls))


@pytest.fixture(scope="module")
def costs() -> list[Cost]:
    """Of the requests, the completions and the copies of a job, each in a full batch of their own."""
    fake = _job()
    lives = [
        _events("ObjectRestore:Post", START, minutes=5),
        _events("ObjectRestore:Completed", START + 5 * 60 * MINUTE, minutes=20),
        _events("ObjectCreated:Copy", START + 6 * 60 * MINUTE, minutes=20),
    ]
    found = [_cost(fake, events) for events in lives]
    assert_exact(fake)
    return found


def test_an_object_s_life_is_three_record_writes(costs: list[Cost]) -> None:
    assert [cost.record_writes for cost in costs] == [OBJECTS_OF_THE_JOB] * 3


def test_counter_rows_are_at_most_three_for_ten_events(costs: list[Cost]) -> None:
    assert all(cost.counter_writes <= 0.3 * cost.events for cost in costs), costs


def test_requests_are_few(costs: list[Cost]) -> None:
    """A read and a transaction for about a hundred events."""
    assert all(cost.requests <= 0.025 * cost.events for cost in costs), costs
