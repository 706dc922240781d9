"""Whatever happens to workers, queue and tables: the records tell the truth and the counters are exact."""

import contextlib
import io
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.track_events.handler import TrackEvents
from lambdas.track_events.settings import Settings
from tests.chaos.jobs import Job, draw_job
from tests.chaos.workers import Killed, Turns, drawn_faults
from tests.fakes.dynamodb import OBJECTS, Call, FakeDynamoDB, Fault
from tests.fakes.sqs import FakeSQS
from tests.lambdas.messages import sqs_event
from tests.lambdas.track_events.test_settings import ENVIRONMENT
from tests.store.tables import assert_exact, stored, tables, writer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CONTEXT = cast("LambdaContext", SimpleNamespace(aws_request_id="request-1"))
LOGGER = Logger(service="chaos", stream=io.StringIO(), level="CRITICAL")


@pytest.fixture(autouse=True)
def no_metrics_on_the_screen() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):
        yield


class Deployment:
    """The tables, the queue with a job's messages in it, and functions that take them."""

    def __init__(self, job: Job, rng: random.Random) -> None:
        self.job = job
        self.rng = rng
        self.fake: FakeDynamoDB = tables(job.records)
        self.dead = FakeSQS()
        self.queue = list(job.messages)

    def work(self) -> None:
        """Takes batches until the queue is empty; what is not done, or was in hands killed, comes back."""
        while self.queue:
            count = self.rng.randint(1, len(self.queue))
            batch, self.queue = self.queue[:count], self.queue[count:]
            try:
                left = self.handle(batch)
            except Killed:
                left = batch
            self.queue.extend(left)

    def handle(self, batch: list[str]) -> list[str]:
        """One invocation with a batch of messages; the ids of those to be tried again."""
        function = TrackEvents(
            Settings.from_environment(ENVIRONMENT),
            writer(self.fake, slot=lambda: self.rng.randrange(3)),
            self.dead.client,
            LOGGER,
            Metrics(namespace="Thaw", service="chaos"),
        )
        bodies = {message_id: self.job.messages[message_id] for message_id in batch}
        failed = function.handle(sqs_event(bodies), CONTEXT)["batchItemFailures"]
        return [str(failure["itemIdentifier"]) for failure in failed]

    def assert_truth(self) -> None:
        """Nothing lost, nothing phantom, every number exact, and only poison in the dead-letter queue."""
        found = {one.id: one.history for one in stored(self.fake).values()}
        assert found == self.job.truth
        assert_exact(self.fake)
        buried = {message["MessageAttributes"]["MessageId"]["StringValue"] for message in self.dead.sent}
        assert buried == self.job.poison


@pytest.mark.parametrize("seed", range(40))
def test_workers_in_any_order_on_faulty_tables_end_in_the_truth(seed: int) -> None:
    rng = random.Random(seed)
    deployment = Deployment(draw_job(rng, objects=8, events=60), rng)
    deployment.queue += rng.choices(deployment.queue, k=30)
    rng.shuffle(deployment.queue)
    turns = Turns(rng, between=lambda: assert_exact(deployment.fake))
    faults = drawn_faults(rng, budget=25, calm=0.5)

    def on_call(call: Call) -> Fault | None:
        turns.switch()
        return faults(call)

    deployment.fake.on_call = on_call
    turns.run([deployment.work] * 4)
    deployment.assert_truth()


def test_the_chaos_is_real() -> None:
    """Workers do run into each other, and faults do strike: else the test above proves nothing."""
    rng = random.Random(0)
    deployment = Deployment(draw_job(rng, objects=8, events=60), rng)
    turns = Turns(rng, between=lambda: None)
    refused: list[str] = []
    deployment.fake.on_call = lambda _: turns.switch()
    transact = deployment.fake.transact_write_items

    def watched(**request: object) -> object:
        try:
            return transact(**request)
        except deployment.fake.exceptions.TransactionCanceledException as exc:
            refused.append(str(exc))
            raise

    deployment.fake.transact_write_items = watched  # pyright: ignore[reportAttributeAccessIssue] - a wrapper
    turns.run([deployment.work] * 4)
    assert any("ConditionalCheckFailed" in text for text in refused)
    deployment.assert_truth()


def _calls_of_one_batch() -> int:
    deployment = Deployment(draw_job(random.Random(7), objects=60, events=150), random.Random(7))
    deployment.handle(deployment.queue)
    return len(deployment.fake.calls)


CALLS = _calls_of_one_batch()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(CALLS))
def test_a_worker_killed_at_any_call_leaves_work_that_the_next_one_finishes(number: int, when: str) -> None:
    deployment = Deployment(draw_job(random.Random(7), objects=60, events=150), random.Random(7))

    def kill(_: Call) -> Fault | None:
        at_it = len(deployment.fake.calls) == number
        if not at_it:
            return None
        return Fault(before=Killed()) if when == "before" else Fault(after=Killed())

    deployment.fake.on_call = kill
    with pytest.raises(Killed):
        deployment.handle(deployment.queue)
    assert_exact(deployment.fake)
    assert deployment.handle(deployment.queue) == []
    deployment.assert_truth()


@pytest.mark.parametrize("seed", range(10))
def test_the_end_is_the_same_in_any_order_and_any_batches(seed: int) -> None:
    job = draw_job(random.Random(3), objects=10, events=80)
    rng = random.Random(seed)
    deployment = Deployment(job, rng)
    rng.shuffle(deployment.queue)
    deployment.work()
    deployment.assert_truth()


def test_messages_told_again_write_nothing() -> None:
    deployment = Deployment(draw_job(random.Random(5), objects=20, events=100), random.Random(5))
    deployment.handle(deployment.queue)
    before = deployment.fake.items(OBJECTS)
    deployment.fake.calls.clear()
    deployment.handle(deployment.queue)
    assert deployment.fake.count("TransactWriteItems") == 0
    assert deployment.fake.items(OBJECTS) == before
