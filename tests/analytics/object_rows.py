"""Object records as a migration leaves them, and the tables that reports are made from."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import duckdb

from analytics.engines import DuckDbEngine
from analytics.reports import Source
from analytics.rollup_relations import load_rollups
from analytics.schema import OBJECT_COLUMNS, Kind, Origin
from analytics.statements import Parameters, Times
from tests.strategies import AWKWARD_KEYS
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.jobs import Job, Totals
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.rollups import contributions
from thaw.core.times import to_iso
from thaw.store.jobs import JobCounters

JOBS = ("leap-2024", "o'neill's \"job\"; --", "größe 日本")
ALL_FAILED = "all failed"
BEGIN = datetime(2024, 2, 27, 21, tzinfo=UTC)
END = datetime(2024, 3, 4, 5, 6, 7, 891000, UTC)
"""No event of `records` is later, but for expiries yet to come."""

UNCOUNTED = ("waiting_byte_seconds", "idle_byte_seconds")
"""Columns that no counter tells of."""

HOURS = {"GLACIER": (5, 12), "DEEP_ARCHIVE": (20, 48), "GLACIER_VAULT": (4, 11)}
SIZES = (0, 1, 4096, 7_340_032, 123_456_789_012, 50 * 2**40, None)


def records(count: int, seed: int = 7) -> Iterator[ObjectRecord]:
    """`count` records of JOBS, a tenth as many of ALL_FAILED; temporary copies end at midnight, as in S3."""
    chance = random.Random(seed)
    for number in range(count):
        storage_class = chance.choice(tuple(HOURS))
        history = _life(chance, *HOURS[storage_class])
        yield _record(chance, chance.choice(JOBS), number, storage_class, history)
    for number in range(count // 10):
        failed = to_iso(BEGIN + timedelta(minutes=number, milliseconds=number))
        yield _record(chance, ALL_FAILED, number, "", History(failure=Failure(failed, "AccessDenied", "no")))


def create_objects(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[ObjectRecord], times: Times = Times.TYPED
) -> None:
    """The table `objects`, what is not known being null."""
    kinds = [Kind.TEXT if times is Times.TEXT and kind is Kind.TIME else kind for _, kind in OBJECT_COLUMNS]
    names = [name for name, _ in OBJECT_COLUMNS]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    connection.execute(f"CREATE OR REPLACE TABLE objects ({columns})")
    values = [_values(row) for row in rows]
    lists = ", ".join(f"CAST(unnest(?::varchar[]) AS {kind})" for kind in kinds)
    by_column = [[row[place] for row in values] for place in range(len(names))]
    connection.execute(f"INSERT INTO objects SELECT {lists}", by_column)


def registered(rows: Iterable[ObjectRecord]) -> list[tuple[Job, JobCounters]]:
    """The jobs of `rows` with their counters, as the tables of a stack hold them."""
    counters: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        sizes[row.entry.job_id].append(row.entry.size_bytes or 0)
        for key, amount in contributions(row).items():
            counters[key.job_id][key.metric, key.attribute] += amount
    return [
        (Job(job_id, to_iso(BEGIN), "Bulk", Totals(len(parts), sum(parts))), counters[job_id])
        for job_id, parts in sizes.items()
    ]


def source_of(connection: duckdb.DuckDBPyConnection, rows: Sequence[ObjectRecord], origin: Origin) -> Source:
    """The records as a source that has tables of `origin` alone."""
    if origin is Origin.OBJECTS:
        create_objects(connection, rows)
    else:
        load_rollups(connection, registered(rows))
    return Source(DuckDbEngine(connection), frozenset({origin}))


def at(as_of: datetime, job_id: str | None = None) -> Parameters:
    return Parameters(as_of, 0.023, job_id)


def _life(chance: random.Random, shortest: float, longest: float) -> History:
    fate = chance.random()
    requested = BEGIN + timedelta(hours=3 * chance.random())
    completed = requested + timedelta(hours=chance.uniform(shortest, longest))
    midnight = completed.replace(hour=0, minute=0, second=0, microsecond=0)
    expires = midnight + timedelta(days=chance.choice((2, 3, 30)))
    copied = completed + timedelta(hours=chance.expovariate(0.1))
    if fate < 0.05:
        return History()
    if fate < 0.15:
        return History(to_iso(requested))
    if fate < 0.18:
        return History(to_iso(requested), failure=Failure(to_iso(completed), "InternalError", "no"))
    if fate < 0.2:
        return History(copied_at=to_iso(min(copied, END)))
    if fate < 0.25:
        seen = Observation(to_iso(completed), Status.RESTORED if fate < 0.22 else Status.RESTORING)
        return History(restore_expires_at=to_iso(expires) if fate < 0.22 else "", observation=seen)
    return History(
        to_iso(requested),
        to_iso(completed),
        to_iso(expires),
        to_iso(expires) if expires < END and chance.random() < 0.8 else "",
        to_iso(copied) if copied < min(expires, END) and fate < 0.8 else "",
        Failure(to_iso(completed), "AccessDenied", "no") if fate > 0.98 else Failure(),
    )


def _record(
    chance: random.Random, job_id: str, number: int, storage_class: str, history: History
) -> ObjectRecord:
    key = f"{chance.choice(AWKWARD_KEYS)[:200]}{number}"
    entry = ManifestEntry(
        job_id, "cold", key, chance.choice(SIZES), storage_class, "Bulk" if storage_class else ""
    )
    return ObjectRecord(ObjectId(object_path("cold", key), "null"), entry, history, 1)


def _values(record: ObjectRecord) -> list[str | None]:
    entry, history = record.entry, record.history
    texts = (
        *(entry.storage_class, entry.tier),
        *history[:5],
        *history.failure,
        *history.observation,
        str(record.status),
    )
    size = None if entry.size_bytes is None else str(entry.size_bytes)
    named = (entry.job_id, entry.bucket, entry.key, record.id.version_id, size)
    return [*named, *(text or None for text in texts)]
