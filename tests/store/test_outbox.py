"""Progress events are sent once: whoever looks, retries or dies."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.jobs.watched import JOBS, jobs_table
from thaw.core.progress_events import ProgressEvent
from thaw.core.times import from_millis, to_millis
from thaw.store.outbox import LEASE_SECONDS, Channel, Outbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = "2026-11-21T03:00:00.000Z"
EVENT = ProgressEvent("job-1-1-start", "job-1", '{"ProgressPercent":"0"}')


class Killed(BaseException):
    """The function's process ends here: nothing more of it runs, nor reaches the table."""


class Dying:
    """A client of the table whose owner may be killed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        if self.dead:
            raise Killed
        return getattr(self._client, name)


class Wire:
    """A channel that keeps what it published, and fails or kills as it is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.published: list[ProgressEvent] = []
        self.before: Callable[[], None] = lambda: None
        self.behind: Callable[[], None] = lambda: None

    def channel(self) -> Channel:
        return Channel(self.name, self._publish)

    def _publish(self, event: ProgressEvent) -> None:
        self.before()
        self.published.append(event)
        self.behind()


def later(seconds: float) -> str:
    return from_millis(to_millis(NOW) + round(seconds * 1000))


def fail() -> None:
    raise ConnectionError("the topic is away")


@pytest.fixture(scope="module")
def aws() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        yield jobs_table()


@pytest.fixture
def client(aws: "DynamoDBClient") -> "DynamoDBClient":
    forget(aws)
    return aws


def forget(client: "DynamoDBClient") -> None:
    for item in client.scan(TableName=JOBS)["Items"]:
        client.delete_item(TableName=JOBS, Key={"job_id": item["job_id"], "item": item["item"]})


def test_an_event_is_sent_once_over_each_channel(client: "DynamoDBClient") -> None:
    one, two = Wire("sns"), Wire("eventbridge")
    channels = [one.channel(), two.channel()]
    outbox = Outbox(client, JOBS)
    assert outbox.send(EVENT, channels, NOW)
    for seconds in (0, 1, LEASE_SECONDS + 1, 10 * LEASE_SECONDS):
        assert outbox.send(EVENT._replace(body="other"), channels, later(seconds)), "it is out"
    assert one.published == two.published == [EVENT]
    assert outbox.send(EVENT._replace(event_id="job-1-1-end"), channels, NOW)
    assert len(one.published) == 2


def test_while_somebody_else_sends_an_event_it_is_not_out_and_not_sent(client: "DynamoDBClient") -> None:
    wire = Wire("sns")
    outcome: list[bool] = []
    wire.before = lambda: outcome.append(
        Outbox(client, JOBS).send(EVENT, [Wire("sns").channel()], later(LEASE_SECONDS - 1))
    )
    assert Outbox(client, JOBS).send(EVENT, [wire.channel()], NOW)
    assert outcome == [False]


def test_a_channel_that_fails_is_tried_again_at_once_and_no_other(client: "DynamoDBClient") -> None:
    one, two = Wire("sns"), Wire("eventbridge")
    outbox = Outbox(client, JOBS)
    two.before = fail
    with pytest.raises(ConnectionError):
        outbox.send(EVENT, [one.channel(), two.channel()], NOW)
    two.before = lambda: None
    assert outbox.send(EVENT._replace(body="later words"), [one.channel(), two.channel()], later(1))
    assert one.published == two.published == [EVENT], "as it was first said"


def test_a_crash_between_publishing_and_confirming_repeats_the_same_event(client: "DynamoDBClient") -> None:
    dying, wire = Dying(client), Wire("sns")

    def die() -> None:
        dying.dead = True
        raise Killed

    wire.behind = die
    with pytest.raises(Killed):
        Outbox(dying, JOBS).send(EVENT, [wire.channel()], NOW)  # pyright: ignore[reportArgumentType]
    wire.behind = lambda: None
    outbox = Outbox(client, JOBS)
    assert not outbox.send(EVENT, [wire.channel()], later(LEASE_SECONDS - 1)), "the other may be at it still"
    assert outbox.send(EVENT, [wire.channel()], later(LEASE_SECONDS + 1))
    assert wire.published == [EVENT, EVENT]
    assert outbox.send(EVENT, [wire.channel()], later(3 * LEASE_SECONDS))
    assert len(wire.published) == 2


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["well", "fails", "dies before", "dies behind"]),
            st.sampled_from([1.0, LEASE_SECONDS / 2, LEASE_SECONDS + 1.0]),
        ),
        max_size=6,
    )
)
def test_whatever_runs_come_only_those_that_die_behind_publishing_repeat_it(
    aws: "DynamoDBClient", runs: list[tuple[str, float]]
) -> None:
    forget(aws)
    published: list[ProgressEvent] = []
    died_behind, now, out = 0, 0.0, False
    for fate, pause in [*runs, ("well", LEASE_SECONDS + 1.0)]:
        now += pause
        dying, wire = Dying(aws), Wire("sns")
        kill = _killer(dying)
        wire.before = {"fails": fail, "dies before": kill}.get(fate, wire.before)
        wire.behind = kill if fate == "dies behind" else wire.behind
        try:
            out = Outbox(dying, JOBS).send(EVENT, [wire.channel()], later(now))  # pyright: ignore[reportArgumentType]
        except (ConnectionError, Killed):
            out = False
        died_behind += fate == "dies behind" and bool(wire.published)
        published += wire.published
    assert out, "the last run, after every lease, gets it out or finds it so"
    assert 1 <= len(published) <= 1 + died_behind
    assert set(published) == {EVENT}


def _killer(dying: Dying) -> Callable[[], None]:
    def kill() -> None:
        dying.dead = True
        raise Killed

    return kill
