"""Requests and capacity units per object life, counted from the real items, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from benchmarks.bodies import s3_body
from benchmarks.capacity import PRICES, dollars, item_bytes, read_units, transactional_write_units
from benchmarks.counters import SLOTS, rows_of, totals_of
from benchmarks.lives import BACKLOG, BUCKET, BUSY, COPY_RULES, DESTINATION, WHOLE_JOB, Life, Pace, lives
from lambdas.track_events.tracker import Message, track
from tests.fakes.dynamodb import KEYS, OBJECTS, ROLLUPS, FakeDynamoDB
from thaw.core.copies import CopyRule
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class _Case:
    """What is tracked, and how it arrives."""

    name: str
    batch: int
    pace: Pace = BUSY
    copy_rules: tuple[CopyRule, ...] = ()
    versioned: bool = False


class _Metered:
    """A client on tables in memory that counts what its calls would cost."""

    def __init__(self, fake: FakeDynamoDB) -> None:
        self.fake = fake
        self.exceptions = fake.exceptions
        self.requests = self.read_units = self.record_units = self.counter_units = 0
        self.records = self.counter_rows = 0

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.requests += 1
        for table, asked in request["RequestItems"].items():
            self.read_units += sum(read_units(item_bytes(self._item(table, key))) for key in asked["Keys"])
        return self.fake.batch_get_item(**request)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        self.requests += 1
        updates = [write["Update"] for write in request["TransactItems"]]
        places = [(update["TableName"], update["Key"]) for update in updates]
        before = [self._item(*place) for place in places]
        answer = self.fake.transact_write_items(**request)
        for place, old in zip(places, before, strict=True):
            self._wrote(place[0], transactional_write_units(old, self._item(*place)))
        return answer

    def get_paginator(self, operation: str) -> "_Metered":
        assert operation == "query"
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        """Items of one object: always a single page."""
        self.requests += 1
        item_lists = [page["Items"] for page in self.fake.get_paginator("query").paginate(**request)]
        items = [item for page in item_lists for item in page]
        self.read_units += read_units(sum(map(item_bytes, items)))
        return [{"Items": items}]

    def _wrote(self, table: str, units: int) -> None:
        if table == OBJECTS:
            self.records += 1
            self.record_units += units
        else:
            self.counter_rows += 1
            self.counter_units += units

    def _item(self, table: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
        place = cast("tuple[str, str]", tuple(key[name]["S"] for name in KEYS[table]))
        return dict(self.fake.tables[table].get(place, {}))


def main(objects: int = 1000, job_objects: int = 50_000) -> None:
    """Prints one line a case; the counter rows already hold a job of `job_objects`."""
    rows = list(rows_of(totals_of(lives(job_objects, WHOLE_JOB))[1]))
    cases = (
        _Case(f"full batches of {objects}", objects),
        _Case(f"batches of {min(objects, 100)} (the default)", min(objects, 100)),
        _Case(f"{objects}, drained backlog", objects, pace=BACKLOG),
        _Case(f"{objects}, copies elsewhere", objects, copy_rules=COPY_RULES),
        _Case(f"{objects}, versioned, in place", objects, versioned=True),
    )
    print(
        f"{objects} objects: requested, completed, copied in separate batches; counters of {job_objects} more"
    )
    print(f"prices: {PRICES}")
    print(
        f"{'per object life':<28} {'requests':>9} {'record writes':>14} {'counter rows/event':>19}"
        f" {'write units':>12} {'read units':>11} {'$/million':>10}"
    )
    for case in cases:
        _print(case.name, objects, _lived(case, objects, rows))
    print("expected, in full batches: 3 record writes, at most 0.3 counter rows per event")


def _print(name: str, objects: int, metered: _Metered) -> None:
    write_units = metered.record_units + metered.counter_units
    print(
        f"{name:<28} {metered.requests / objects:>9.3f} {metered.records / objects:>14.2f}"
        f" {metered.counter_rows / objects / 3:>19.3f} {write_units / objects:>12.2f}"
        f" {metered.read_units / objects:>11.2f}"
        f" {dollars(metered.read_units, write_units) / objects * 1e6:>10.2f}"
    )


def _lived(case: _Case, objects: int, rows: list[dict[str, Any]]) -> _Metered:
    fake = FakeDynamoDB()
    tracked = list(lives(objects, case.pace, versioned=case.versioned))
    fake.tables[OBJECTS].update({life.id: life.item() for life in tracked})
    fake.tables[ROLLUPS].update({(row["job_id"]["S"], row["metric"]["S"]): row for row in rows})
    metered = _Metered(fake)
    slots = count()
    pauses: list[float] = []
    writer = RecordWriter(
        cast("DynamoDBClient", metered),
        OBJECTS,
        ROLLUPS,
        slot=lambda: next(slots) % SLOTS,
        pause=pauses.append,
    )
    for bodies in _stages(case, tracked):
        for at in range(0, len(bodies), case.batch):
            messages = [
                Message(str(number), body) for number, body in enumerate(bodies[at : at + case.batch])
            ]
            counts = track(messages, case.copy_rules, writer).counts
            assert counts["AppliedEvents"] == len(messages), counts
    return metered


def _stages(case: _Case, tracked: list[Life]) -> list[list[str]]:
    """The messages of each stage, in the order of their events."""
    bucket = DESTINATION if case.copy_rules else BUCKET
    new_version = "bNewVersionOfTheCopy0123456789ab" if case.versioned else "null"
    return [
        [s3_body(life.requested()) for life in sorted(tracked, key=lambda life: life.requested_at)],
        [s3_body(life.completed()) for life in sorted(tracked, key=lambda life: life.completed_at)],
        [
            s3_body(life.copied(bucket, new_version))
            for life in sorted(tracked, key=lambda life: life.copied_at)
        ],
    ]
