"""A job drawn from a seed: its records, the messages about them, and the truth they must end in."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from tests.lambdas.messages import S3Record, body
from tests.store.tables import record
from thaw.core.history import NOTHING, History, merge
from thaw.core.keys import NO_VERSION, ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.times import from_millis, to_millis

_START = to_millis("2026-11-21T00:00:00.000Z")
_HOUR = 3_600_000
_NAMES = ("ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete", "ObjectCreated:Copy")


@dataclass(frozen=True)
class Job:
    """`messages` holds bodies by message id, in no order; `poison` the ids of those with a bad record."""

    records: list[ObjectRecord]
    messages: Mapping[str, str]
    poison: frozenset[str]
    truth: Mapping[ObjectId, History]


def draw_job(rng: random.Random, objects: int, events: int) -> Job:
    """A job of `objects` records with `events` events, some of them about objects nobody asked for."""
    records = [
        record(
            f"{number}+ é.csv",
            "v1" if number % 3 == 0 else NO_VERSION,
            job_id=f"job-{number % 2}",
            size=rng.randrange(10**12),
        )
        for number in range(objects)
    ]
    told: defaultdict[ObjectId, list[History]] = defaultdict(list)
    messages: dict[str, str] = {}
    poison: set[str] = set()
    for number in range(events):
        event, history = _event(rng, rng.choice(records).entry.key if rng.random() < 0.9 else "unknown")
        message_id = f"m{number}"
        bad = rng.random() < 0.05
        messages[message_id] = body(event, beside=[{"eventName": "nonsense"}] if bad else [])
        poison |= {message_id} if bad else set()
        for one in records:
            if one.entry.key == event.key:
                told[one.id].append(history)
    truth = {one.id: reduce(merge, told[one.id], NOTHING) for one in records}
    return Job(records, messages, frozenset(poison), truth)


def _event(rng: random.Random, key: str) -> tuple[S3Record, History]:
    name = rng.choice(_NAMES)
    at = from_millis(_START + rng.randrange(60) * _HOUR + rng.randrange(1000))
    expires_at = from_millis(_START + rng.randrange(60, 200) * _HOUR)
    history = {
        "ObjectRestore:Post": History(restore_requested_at=at),
        "ObjectRestore:Completed": History(restore_completed_at=at, restore_expires_at=expires_at),
        "ObjectRestore:Delete": History(restore_expired_at=at),
        "ObjectCreated:Copy": History(copied_at=at),
    }[name]
    version_id = "v2" if name == "ObjectCreated:Copy" else "v1"
    return S3Record(name, at, key, version_id, expires_at=expires_at), history
