"""Events dropped at random, then the buckets listed: every status is true again, every counter exact."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from lambdas.track_events.tracker import Message, track
from tests.chaos.lives import BEGAN, END, LIVE, MIDDLE, RULE, Life, draw_lives
from tests.fakes.dynamodb import OBJECTS, FakeDynamoDB
from tests.fakes.s3 import FakeS3
from tests.lambdas.messages import S3Record, body
from tests.store.tables import BUCKET, assert_exact, stored, tables, writer
from thaw.core.history import Status
from thaw.core.keys import ObjectId
from thaw.core.times import to_iso
from thaw.reconcile import Reconciler
from thaw.store.reader import RecordReader

OBJECTS_OF_A_JOB = 30


def deliver(fake: FakeDynamoDB, events: list[S3Record], rng: random.Random) -> None:
    """What is not lost comes in any order and batches, some of it twice."""
    coming = [*events, *rng.sample(events, len(events) // 4)]
    rng.shuffle(coming)
    while coming:
        count = rng.randint(1, 20)
        batch, coming = coming[:count], coming[count:]
        messages = [Message(str(number), body(event)) for number, event in enumerate(batch)]
        tracked = track(messages, [RULE], writer(fake))
        assert not tracked.poison
        assert not tracked.failed


def reconcile(fake: FakeDynamoDB, lives: Iterable[Life], at: datetime) -> int:
    """Lists both buckets as they are `at` that moment; how many objects were healed."""
    shown: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    versioned = False
    for life in lives:
        for bucket, item in life.listed(at):
            shown[bucket].append(item)
            versioned |= "VersionId" in item
    healed = 0
    for bucket in (BUCKET, LIVE):
        pages = {bucket: [shown[bucket][:7], shown[bucket][7:]]}
        s3 = FakeS3(pages, frozenset({bucket}) if versioned else frozenset())
        reader = RecordReader(fake.client, OBJECTS, lambda _: None)
        reconciler = Reconciler(s3.client, reader, writer(fake), [RULE], lambda _: to_iso(BEGAN), lambda: at)
        result = reconciler.run(bucket, "", lambda _: None)
        assert result.errors == {}
        healed += result.healed.total()
    return healed


def statuses(fake: FakeDynamoDB) -> dict[ObjectId, Status]:
    return {one.id: one.status for one in stored(fake).values()}


@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_dropped_is_healed_by_the_listings(seed: int, *, versioned: bool) -> None:
    rng = random.Random(seed)
    lives = draw_lives(rng, OBJECTS_OF_A_JOB, versioned=versioned)
    fake = tables(life.record for life in lives)
    loss = rng.random()
    kept = [event for life in lives for event in life.early() if rng.random() > loss]
    delayed = [event for event in kept if rng.random() < 0.2]
    deliver(fake, [event for event in kept if event not in delayed], rng)
    reconcile(fake, lives, MIDDLE)
    assert_exact(fake)
    late = [event for life in lives for event in life.late() if rng.random() > loss]
    deliver(fake, late + delayed, rng)
    reconcile(fake, lives, END)
    assert statuses(fake) == {life.record.id: life.ends for life in lives}
    assert_exact(fake)
    assert reconcile(fake, lives, END) == 0, "nothing is left to heal"


def test_without_the_listings_the_statuses_are_wrong() -> None:
    """The chaos is real: else the test above proves nothing."""
    rng = random.Random(0)
    lives = draw_lives(rng, OBJECTS_OF_A_JOB, versioned=False)
    fake = tables(life.record for life in lives)
    deliver(fake, [event for life in lives for event in life.early() if rng.random() > 0.5], rng)
    assert statuses(fake) != {life.record.id: life.ends for life in lives}
    assert reconcile(fake, lives, MIDDLE) > 0


def test_a_job_that_loses_nothing_needs_no_healing() -> None:
    rng = random.Random(1)
    lives = draw_lives(rng, OBJECTS_OF_A_JOB, versioned=True)
    fake = tables(life.record for life in lives)
    deliver(fake, [event for life in lives for event in (*life.early(), *life.late())], rng)
    assert statuses(fake) == {life.record.id: life.ends for life in lives}
    assert reconcile(fake, lives, END) == 0
