"""Loads that die at any call; loads, events and undoings at once: nothing is lost, every number adds up."""

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count

import pytest

from lambdas.track_events.tracker import Message, track
from tests.chaos.workers import Killed, Turns, drawn_faults
from tests.fakes.bucket_s3 import BucketS3
from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, Call, FakeDynamoDB, Fault
from tests.fakes.sqs import FakeSQS
from tests.lambdas.messages import body, completed, copied, requested
from tests.store.loads import NOW, TABLES, asked, assert_totals, begin, load, loader, turn
from tests.store.tables import COMPLETION, COPY, REQUEST, assert_exact, stored, target, writer
from thaw.core.history import NOTHING, Failure, History, Status, merge
from thaw.core.job_states import JobStatus
from thaw.core.jobs import Job, Totals
from thaw.core.times import from_millis, to_millis
from thaw.jobs.copy_queue import CopyQueue, CopyQueueError
from thaw.jobs.import_lines import import_file
from thaw.jobs.loading import PartLoader
from thaw.store.registration import register_loaded
from thaw.store.verify import verify

BUCKET = "jobs-bucket"
PART = "jobs/new/import/part-00000.json.gz"
FAILED = History(failure=Failure("2026-11-21T09:00:00.000Z", "AccessDenied", "no"))
RESTORED = merge(REQUEST, COMPLETION)
Kill = Callable[[], Fault | None]


class _Bucket(BucketS3):
    """The jobs bucket; `before` may raise before a call."""

    before: Callable[[], object] = staticmethod(lambda: None)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 (boto3's names)
        self.before()
        super().put_object(Bucket=Bucket, Key=Key, Body=Body)


class Deployment:
    """Tables where an old job has left objects in every state, and a part that has them and new ones."""

    def __init__(self) -> None:
        self.fake, self.s3, self.sqs = FakeDynamoDB(), _Bucket(BUCKET), FakeSQS()
        begin(self.fake, "old")
        begin(self.fake, "new", copies=True)
        histories = [NOTHING, REQUEST, RESTORED, merge(RESTORED, COPY), FAILED, merge(RESTORED, FAILED)]
        old = [f"old-{number}" for number in range(len(histories))]
        load(self.fake, asked("old", *old), now="2026-11-21T00:00:00.000Z")
        news = {target(key): history for key, history in zip(old, histories, strict=True) if any(history)}
        writer(self.fake).apply({each: history for each, history in news.items() if history != NOTHING})
        turn(self.fake, "old", JobStatus.CANCELLED)
        self.keys = [*old, *map(str, range(200))]
        self.s3.files[BUCKET, PART] = import_file(asked("new", *self.keys))

    def part_loader(self) -> PartLoader:
        queue = CopyQueue(self.sqs.client, "https://sqs/copies")
        return PartLoader(
            self.fake.client, self.s3.client, TABLES, BUCKET, queue, lambda: 0, lambda _: None, lambda: NOW
        )

    def load(self) -> None:
        self.part_loader().load("new", PART)

    def unload(self) -> None:
        self.part_loader().unload("new", PART)

    def strike(self, number: int, fault: Fault) -> None:
        """Call number `number` from now on, of tables, bucket and queue, goes so."""
        calls = count()

        def struck() -> Fault | None:
            return fault if next(calls) == number else None

        def before() -> None:
            if struck():
                raise Killed

        self.fake.on_call = lambda _: struck()
        self.s3.before = before  # pyright: ignore[reportAttributeAccessIssue] - a hook of this test
        self.sqs.refuses = lambda _: struck() is not None

    def heal(self) -> None:
        self.strike(-1, Fault())

    def shown(self) -> Mapping[str, object]:
        """All that a load leaves, but for how often the copier was told."""
        return {
            "tables": [self.fake.items(table) for table in (OBJECTS, ROLLUPS, JOBS)],
            "files": self.s3.files,
            "copies": {message["MessageBody"] for message in self.sqs.sent},
        }


def _calls(act: Callable[[Deployment], None], prepared: Callable[[Deployment], None]) -> int:
    """How many calls `act` makes, at most; messages of a batch count each."""
    deployment = Deployment()
    prepared(deployment)
    deployment.fake.calls.clear()
    puts, sent = deployment.s3.calls["PutObject"], len(deployment.sqs.sent)
    act(deployment)
    made = deployment.s3.calls["PutObject"] - puts + len(deployment.sqs.sent) - sent
    return len(deployment.fake.calls) + made


LOAD_CALLS = _calls(Deployment.load, lambda _: None)
UNLOAD_CALLS = _calls(Deployment.unload, Deployment.load)
each_way = pytest.mark.parametrize(
    "fault", [Fault(before=Killed()), Fault(after=Killed())], ids=["before", "after"]
)


@each_way
@pytest.mark.parametrize("number", range(LOAD_CALLS))
def test_a_load_that_died_at_any_call_is_finished_by_the_next_one(number: int, fault: Fault) -> None:
    whole, deployment = Deployment(), Deployment()
    whole.load()
    deployment.strike(number, fault)
    with pytest.raises((Killed, CopyQueueError)):
        deployment.load()
    deployment.heal()
    assert_exact(deployment.fake)
    assert_totals(deployment.fake)
    deployment.load()
    assert deployment.shown() == whole.shown()


@each_way
@pytest.mark.parametrize("number", range(UNLOAD_CALLS))
def test_an_undoing_that_died_at_any_call_is_finished_by_the_next_one(number: int, fault: Fault) -> None:
    deployment = Deployment()
    deployment.load()
    deployment.strike(number, fault)
    with pytest.raises(Killed):
        deployment.unload()
    deployment.heal()
    assert_exact(deployment.fake)
    assert_totals(deployment.fake)
    deployment.unload()
    assert stored(deployment.fake) == {}
    assert_exact(deployment.fake)
    assert_totals(deployment.fake)


class Race:
    """Jobs `one` and `two` load what `old` had and each other's; `gone` is undone; events come for all."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.fake = FakeDynamoDB()
        self.millis = count(to_millis(NOW))
        self.keys = [f"{number}.csv" for number in range(8)]
        begin(self.fake, "old", "gone", "one", "two")
        load(self.fake, asked("old", *self.keys[:4]), now="2026-11-21T00:00:00.000Z")
        load(self.fake, asked("gone", *self.keys[4:6]), now="2026-11-21T00:00:00.001Z")
        turn(self.fake, "old", JobStatus.COMPLETE)
        turn(self.fake, "gone", JobStatus.FAILED)

    def loads(self, job_id: str, keys: list[str]) -> Callable[[], None]:
        def act() -> None:
            load(self.fake, asked(job_id, *keys), now=from_millis(next(self.millis)))

        return lambda: self.until_done(act)

    def unloads(self) -> None:
        ids = [one.id for one in asked("gone", *self.keys)]
        self.until_done(lambda: loader(self.fake, slot=1).unload("gone", 1, ids))

    def tracks(self) -> None:
        events = [make(key) for key in self.keys for make in (requested, completed, copied)] * 2
        self.rng.shuffle(events)
        while events:
            batch, events = events[:6], events[6:]
            messages = [Message(str(number), body(event)) for number, event in enumerate(batch)]
            self.until_done(lambda messages=messages: self.track(messages))

    def track(self, messages: list[Message]) -> None:
        if track(messages, (), writer(self.fake, slot=lambda: self.rng.randrange(3))).failed:
            raise Killed

    def until_done(self, act: Callable[[], object]) -> None:
        """What died, or gave up, is begun again, as the queue and the workflow do it."""
        done = False
        while not done:
            with suppress(Killed, Exception):
                act()
                done = True

    def assert_sums(self) -> None:
        assert_exact(self.fake)
        assert_totals(self.fake)


@pytest.mark.parametrize("seed", range(30))
def test_loads_events_and_an_undoing_at_once_keep_every_number(seed: int) -> None:
    rng = random.Random(seed)
    race = Race(rng)
    turns = Turns(rng, between=race.assert_sums)
    faults = drawn_faults(rng, budget=12, calm=0.7)

    def on_call(call: Call) -> Fault | None:
        turns.switch()
        return faults(call)

    race.fake.on_call = on_call
    turns.run([race.loads("one", race.keys[:6]), race.loads("two", race.keys[2:]), race.unloads, race.tracks])
    race.fake.on_call = lambda _: None
    race.assert_sums()
    owners = {one.entry.key: one.entry.job_id for one in stored(race.fake).values()}
    assert {owners[key] for key in race.keys[:2]} == {"one"}
    assert {owners[key] for key in race.keys[6:]} == {"two"}
    assert set(owners.values()) == {"one", "two"}, "who is over has nothing, who loads has what is free"
    for job_id in ("old", "one", "two"):
        register_loaded(race.fake.client, ROLLUPS, JOBS, Job(job_id, NOW, "Bulk", Totals(0, 0)))
    found = verify(race.fake.client, OBJECTS, ROLLUPS, ["old", "one", "two"], lambda _: None, JOBS)
    assert [each.differences for each in found.jobs] == [[], [], []]


def test_the_races_are_real() -> None:
    """Records are lost to others, and events strike while they move: else the test above proves nothing."""
    seen: set[str] = set()
    for seed in range(10):
        race = Race(random.Random(seed))
        turns = Turns(random.Random(seed), between=lambda: None)
        race.fake.on_call = lambda _, turns=turns: turns.switch()
        turns.run([race.loads("one", race.keys), race.loads("two", race.keys), race.unloads, race.tracks])
        statuses = {one.status for one in stored(race.fake).values()}
        seen |= {one.entry.job_id for one in stored(race.fake).values()} | set(statuses)
    assert seen >= {"one", "two", Status.COPIED}
