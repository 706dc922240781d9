"""Tables in memory with records in them, and the two counts that must always agree."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, FakeDynamoDB
from thaw.core.history import NOTHING, History
from thaw.core.keys import NO_VERSION, ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.rollups import CounterKey, Counters, contributions
from thaw.core.targets import Target
from thaw.store.items import REVISION, SINCE, history_attributes, key_of, to_record
from thaw.store.writer import RecordWriter

JOB = "job-1"
BUCKET = "archive"
REQUESTED = "2026-11-21T03:00:00.000Z"
COMPLETED = "2026-11-21T07:30:00.000Z"
EXPIRES = "2026-11-28T00:00:00.000Z"
COPIED = "2026-11-21T08:00:00.250Z"

TOTALS = "left#totals"

REQUEST = History(restore_requested_at=REQUESTED)
COMPLETION = History(restore_completed_at=COMPLETED, restore_expires_at=EXPIRES)
COPY = History(copied_at=COPIED)


def record(
    key: str, version_id: str = NO_VERSION, history: History = NOTHING, *, job_id: str = JOB, size: int = 1000
) -> ObjectRecord:
    """A record as the manifest import leaves it, or with a history."""
    entry = ManifestEntry(job_id, BUCKET, key, size, "GLACIER", "Bulk")
    return ObjectRecord(
        ObjectId(object_path(BUCKET, key), version_id), entry, history, int(history != NOTHING)
    )


def target(key: str, version_id: str = NO_VERSION) -> Target:
    """Where to look for one exact record."""
    return Target((ObjectId(object_path(BUCKET, key), version_id),))


def copy_target(key: str, copied_at: str = COPIED) -> Target:
    """Where to look for the source of a copy in place."""
    path = object_path(BUCKET, key)
    return Target((ObjectId(path, NO_VERSION),), (path,), copied_at)


def item_of(record: ObjectRecord) -> dict[str, Any]:
    """A record as an item, written as the manifest's import and the writer would."""
    entry = record.entry
    texts = {
        "job_id": entry.job_id,
        "bucket": entry.bucket,
        "key": entry.key,
        "storage_class": entry.storage_class,
        "tier": entry.tier,
    }
    numbers = {"size_bytes": entry.size_bytes, REVISION: record.revision or None}
    return {
        **key_of(record.id),
        **{name: {"S": text} for name, text in texts.items() if text},
        **{name: {"N": str(number)} for name, number in numbers.items() if number is not None},
        **history_attributes(record.history),
        **({SINCE: {"S": record.since}} if record.since else {}),
    }


def tables(records: Iterable[ObjectRecord]) -> FakeDynamoDB:
    """Tables that hold `records`, and the counters that belong to them."""
    fake = FakeDynamoDB()
    for one in records:
        fake.tables[OBJECTS][one.id] = item_of(one)
    for (job_id, metric, attribute), amount in recomputed(fake).items():
        row = {"job_id": {"S": job_id}, "metric": {"S": f"{metric}#0"}}
        fake.tables[ROLLUPS].setdefault((job_id, f"{metric}#0"), row)[attribute] = {"N": str(amount)}
    return fake


def writer(
    fake: FakeDynamoDB, pauses: list[float] | None = None, slot: Callable[[], int] = lambda: 0
) -> RecordWriter:
    """A writer on `fake` that notes its pauses instead of waiting."""
    pauses = [] if pauses is None else pauses
    return RecordWriter(fake.client, OBJECTS, ROLLUPS, slot=slot, pause=pauses.append)


def stored(fake: FakeDynamoDB) -> dict[ObjectId, ObjectRecord]:
    """All records in the table."""
    return {one.id: one for one in map(to_record, fake.items(OBJECTS))}


def history_of(fake: FakeDynamoDB, key: str, version_id: str = NO_VERSION) -> History:
    return stored(fake)[ObjectId(object_path(BUCKET, key), version_id)].history


def recomputed(fake: FakeDynamoDB) -> Counters:
    """What the counters must be, from the records."""
    total: Counters = Counter()
    for one in stored(fake).values():
        total.update(contributions(one))
    return Counter({key: amount for key, amount in total.items() if amount})


def counted(fake: FakeDynamoDB) -> Counters:
    """What the counters are, all slots added up."""
    total: Counters = Counter()
    for row in fake.items(ROLLUPS):
        if "#" in row["metric"]["S"]:
            total.update(_amounts(row, "metric"))
    return Counter({key: amount for key, amount in total.items() if amount})


def noted(fake: FakeDynamoDB, prefix: str) -> Counters:
    """What the rows of the jobs table that begin with `prefix` say, all slots added up."""
    total: Counters = Counter()
    for row in fake.items(JOBS):
        if row["item"]["S"].startswith(prefix):
            total.update(_amounts(row, "item"))
    return Counter({key: amount for key, amount in total.items() if amount})


def left(fake: FakeDynamoDB) -> Counters:
    """What records had added to counters of jobs that they have left."""
    rows = noted(fake, "left#").items()
    return Counter(
        {key._replace(metric=key.metric.removeprefix("left#")): n for key, n in rows if key.metric != TOTALS}
    )


def _amounts(row: Mapping[str, Any], sort_key: str) -> dict[CounterKey, int]:
    name, _, _ = row[sort_key]["S"].rpartition("#")
    return {
        CounterKey(row["job_id"]["S"], name, attribute): int(value["N"])
        for attribute, value in row.items()
        if attribute not in ("job_id", sort_key)
    }


def assert_exact(fake: FakeDynamoDB) -> None:
    """Counters equal what the records say, and those that left; every stored status is the derived one."""
    assert counted(fake) == recomputed(fake) + left(fake), "the counters drifted from the records"
    for item in fake.items(OBJECTS):
        assert item.get("status", {"S": "PENDING"})["S"] == to_record(item).status, "a stale status is stored"
