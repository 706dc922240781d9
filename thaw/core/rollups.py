"""What an object record adds to its job's counters, and how a change of the record changes them.

The counters of a job are the sum of `contributions` over its records: nothing else ever changes them,
so recomputing them from the records must give the same numbers (`thaw verify`).
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from thaw.core.archives import VAULT_CLASS
from thaw.core.histogram import bucket_of
from thaw.core.history import History, Status, restored_at, status
from thaw.core.records import UNKNOWN, ManifestEntry, ObjectRecord
from thaw.core.times import to_millis

STATUS = "status"
HOUR = "hour"
DURATION = "duration"
STORAGE = "storage"
SEPARATOR = "#"

_HOUR_WIDTH = len("2026-11-21T03")
_DAY_WIDTH = len("2026-11-21")
_HOUR_MILLIS = 3_600_000
_DAY_MILLIS = 24 * _HOUR_MILLIS


class CounterKey(NamedTuple):
    """One number: a job, the counter row (`status`, `hour#2026-11-21T03`, ...) and its attribute."""

    job_id: str
    metric: str
    attribute: str


Counters = Counter[CounterKey]


def contributions(record: ObjectRecord) -> Counters:
    """All that `record` adds to the counters of its job: objects, bytes, milliseconds, byte-milliseconds."""
    return _contributions(record.entry, record.history)


def deltas(entry: ManifestEntry, old: History, new: History) -> Counters:
    """What changes in the counters when a record of `entry` goes from `old` to `new`; no zeros."""
    if old == new:
        return Counter()
    change = _contributions(entry, new)
    change.subtract(_contributions(entry, old))
    return Counter({key: amount for key, amount in change.items() if amount})


def _contributions(entry: ManifestEntry, history: History) -> Counters:
    counters: Counters = Counter()
    for metric, attribute, amount in _amounts(entry, history):
        counters[CounterKey(entry.job_id, metric, attribute)] += amount
    return counters


def _amounts(entry: ManifestEntry, history: History) -> Iterator[tuple[str, str, int]]:
    size = entry.size_bytes or 0
    yield from _status_amounts(history, size)
    yield from _hour_amounts(history, size)
    yield from _duration_amounts(entry, history, size)
    if entry.storage_class != VAULT_CLASS:
        yield from _storage_amounts(history, size)


def _status_amounts(history: History, size: int) -> Iterator[tuple[str, str, int]]:
    now = status(history)
    if now is not Status.PENDING:
        yield STATUS, f"{now.lower()}_objects", 1
        yield STATUS, f"{now.lower()}_bytes", size


def _hour_amounts(history: History, size: int) -> Iterator[tuple[str, str, int]]:
    for kind, at in (
        ("requested", history.restore_requested_at),
        ("completed", restored_at(history)),
        ("expired", history.restore_expired_at),
        ("copied", history.copied_at),
        ("failed", history.failure.at),
    ):
        if at:
            metric = f"{HOUR}{SEPARATOR}{at[:_HOUR_WIDTH]}"
            yield metric, f"{kind}_objects", 1
            yield metric, f"{kind}_bytes", size


def _duration_amounts(entry: ManifestEntry, history: History, size: int) -> Iterator[tuple[str, str, int]]:
    requested, completed = history.restore_requested_at, history.restore_completed_at
    if not requested or completed < requested:
        return
    duration = to_millis(completed) - to_millis(requested)
    metric = duration_metric(entry.storage_class, entry.tier)
    yield metric, "objects", 1
    yield metric, "size_bytes", size
    yield metric, "duration_ms", duration
    yield metric, f"b{bucket_of(duration)}", 1


def duration_metric(storage_class: str, tier: str) -> str:
    """The counter row of the restore durations of a storage class and retrieval tier."""
    return SEPARATOR.join((DURATION, storage_class or UNKNOWN, tier or UNKNOWN))


def _storage_amounts(history: History, size: int) -> Iterator[tuple[str, str, int]]:
    """The temporary copy's life, as bytes by completion hour and expiry day, and bytes x time into each.

    The output of a vault's retrieval job is none: it is not billed, and always there for a day.
    """
    start, end = restored_at(history), history.restore_expires_at
    if not start or end <= start:
        return
    metric = SEPARATOR.join((STORAGE, start[:_HOUR_WIDTH], end[:_DAY_WIDTH]))
    yield metric, "objects", 1
    yield metric, "size_bytes", size
    yield metric, "start_byte_ms", size * (to_millis(start) % _HOUR_MILLIS)
    yield metric, "end_byte_ms", size * (to_millis(end) % _DAY_MILLIS)
