"""Events through the tracker, against a naive handler on the same tables: one UpdateItem per record."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from botocore.config import Config

from benchmarks.bodies import s3_body
from benchmarks.lives import BUCKET, BUSY, Life, lives
from benchmarks.tables import OBJECTS, ROLLUPS, create_tables, fill
from benchmarks.timing import timed
from lambdas.track_events.handler import CLIENT_CONFIG
from lambdas.track_events.tracker import Message, track
from local.emulator import Emulator
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Handler = Callable[[Sequence[str]], None]
PerEvent = dict[tuple[str, str], list[float]]
"""Seconds an event, of every round, by stage and handler."""

_SLOTS = 8
_NETWORK_SECONDS = 0.003
"""Between a function and DynamoDB, beyond what the emulator takes, which together make the single-digit
milliseconds of https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingLatency.html"""

_NAIVE_SHARE = 4
"""The naive handler takes the same time for every event: a part of them tells it."""

STAGES = ("requested", "completed", "copied")
_NAIVE = {
    "ObjectRestore:Post": ("RESTORING", "restore_requested_at"),
    "ObjectRestore:Completed": ("RESTORED", "restore_completed_at"),
    "ObjectCreated:Copy": ("COPIED", "copied_at"),
}


def main(objects: int = 1000, rounds: int = 5) -> None:
    """Prints events per second of both, and their ratio, bare and with the network of a Region."""
    with Emulator() as emulator:
        create_tables(emulator.client("dynamodb"))
        seconds = {
            delay: _compare(emulator, f"{delay * 1000:.0f}", delay, objects, rounds)
            for delay in (_NETWORK_SECONDS, 0.0)
        }
    print(
        f"batches of {objects} S3 notifications (naive: {objects // _NAIVE_SHARE}), in-place copies,"
        f" medians of {rounds} rounds, MiniStack"
    )
    print(f"with {_NETWORK_SECONDS * 1000:.0f} ms more a request, for the network within a Region:")
    _print(seconds[_NETWORK_SECONDS], " (expected: at least 5)")
    print("with the emulator on the same machine, where a request is nearly free (see docs/benchmarks.md):")
    _print(seconds[0.0], " (expected: at least 5)")


def _compare(emulator: Emulator, prefix: str, delay: float, objects: int, rounds: int) -> PerEvent:
    tracker = _tracker(_client(emulator, CLIENT_CONFIG, delay))
    handlers: dict[str, Handler] = {
        "tracker": tracker,
        "naive": partial(_naive, _client(emulator, Config(), delay)),
    }
    seconds: PerEvent = {}
    for number in range(rounds):
        sizes = {"tracker": objects, "naive": objects // _NAIVE_SHARE}
        batches = {
            name: _batches(emulator.client("dynamodb"), f"{prefix}-{number}-{name}", size)
            for name, size in sizes.items()
        }
        for stage in STAGES:
            for name in sorted(handlers, reverse=bool(number % 2)):
                bodies = batches[name][stage]
                act = partial(handlers[name], bodies)
                seconds.setdefault((stage, name), []).append(timed(act) / len(bodies))
    return seconds


def _print(seconds: PerEvent, expected: str) -> None:
    typical = {side: median(times) for side, times in seconds.items()}
    for stage in STAGES:
        tracker, naive = typical[stage, "tracker"], typical[stage, "naive"]
        print(f"  {stage:<26} {naive / tracker:.1f} x: {1 / tracker:,.0f} events/s against {1 / naive:,.0f}")
    tracker, naive = (sum(typical[stage, name] for stage in STAGES) for name in ("tracker", "naive"))
    print(f"  {'a whole life':<26} {naive / tracker:.1f} x the naive handler{expected}")


def _client(emulator: Emulator, config: Config, delay: float) -> "DynamoDBClient":
    """A client whose every request takes `delay` seconds longer."""
    client = emulator.session().client("dynamodb", config=config)
    if delay:
        client.meta.events.register("before-send.dynamodb", partial(_wait, delay))
    return client


def _wait(delay: float, **_: object) -> None:
    time.sleep(delay)


def _batches(client: "DynamoDBClient", prefix: str, objects: int) -> dict[str, list[str]]:
    """The messages of each stage, in the order of their events, for objects that are in the table."""
    batch = list(lives(objects, BUSY, prefix=prefix))
    fill(client, OBJECTS, (life.item() for life in batch))
    by_time: dict[str, Callable[[Life], str]] = {
        "requested": lambda life: life.requested_at,
        "completed": lambda life: life.completed_at,
        "copied": lambda life: life.copied_at,
    }
    ordered = {stage: sorted(batch, key=time) for stage, time in by_time.items()}
    return {
        "requested": [s3_body(life.requested()) for life in ordered["requested"]],
        "completed": [s3_body(life.completed()) for life in ordered["completed"]],
        "copied": [s3_body(life.copied(BUCKET)) for life in ordered["copied"]],
    }


def _tracker(client: "DynamoDBClient") -> Handler:
    slots = count()
    pauses: list[float] = []
    writer = RecordWriter(client, OBJECTS, ROLLUPS, slot=lambda: next(slots) % _SLOTS, pause=pauses.append)

    def handle(bodies: Sequence[str]) -> None:
        messages = [Message(str(number), body) for number, body in enumerate(bodies)]
        tracked = track(messages, (), writer)
        assert tracked.counts["AppliedEvents"] == len(bodies), tracked
        assert not pauses, "alone on its tables, the tracker never waits"

    return handle


def _naive(client: "DynamoDBClient", bodies: Sequence[str]) -> None:
    """No condition, no counters, no parsing beyond what the update needs."""
    for body in bodies:
        for record in json.loads(body)["Records"]:
            status, attribute = _NAIVE[record["eventName"]]
            key = unquote_plus(record["s3"]["object"]["key"])
            client.update_item(
                TableName=OBJECTS,
                Key={
                    "object_path": {"S": f"{record['s3']['bucket']['name']}/{key}"},
                    "version_id": {"S": record["s3"]["object"].get("versionId", "null")},
                },
                UpdateExpression=f"SET {attribute} = :at, #status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":at": {"S": record["eventTime"]}, ":status": {"S": status}},
            )
