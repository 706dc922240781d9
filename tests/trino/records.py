"""Object records on which engines could disagree: ties, edges of buckets, nulls, odd text, large numbers."""

import random
from collections.abc import Iterator

from tests.strategies import AWKWARD_KEYS
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.keys import NO_VERSION, ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import from_millis, to_millis

JOBS = (
    "november",
    "o'brien's \"job\"; -- /* ",
    "größe 日本 \U0001f9ca",
    "all-failed",
    "nothing-known",
    "leap",
)
HOUR = 3_600_000
DAY = 24 * HOUR

KEYS = tuple(key for key in AWKWARD_KEYS if "\0" not in key)
"""Trino's JSON protocol and SQL text carry any character but this one."""

MOMENTS = tuple(
    map(
        to_millis,
        (
            "2023-12-31T23:59:59.999Z",
            "2024-01-01T00:00:00.000Z",
            "2024-02-28T23:59:59.999Z",
            "2024-02-29T00:00:00.000Z",
            "2024-02-29T12:34:56.789Z",
            "2024-03-01T00:00:00.000Z",
            "2024-12-31T23:00:00.000Z",
        ),
    )
)
"""Requests are made at one of these or a millisecond off, so that events tie."""

DURATIONS = (
    0,
    1,
    127,
    128,
    129,
    255,
    256,
    257,
    HOUR - 1,
    HOUR,
    5 * HOUR,
    12 * HOUR,
    48 * HOUR,
    1 << 31,
    1 << 42,
)
"""Milliseconds: edges of the histogram's buckets and of AWS's guidance."""

SIZES = (None, 0, 1, 1023, 50 * 2**40, 123_456_789_012)
CLASSES = ("", "GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING", "STANDARD")
TIERS = ("", "Expedited", "Standard", "Bulk")
HALF = 0.5


def records(count: int, seed: int = 3) -> Iterator[ObjectRecord]:
    """`count` records of JOBS, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        job = chance.choice(JOBS)
        key = f"{chance.choice(KEYS)[:200]}{number}"
        version = chance.choice((NO_VERSION, f"v'{number}"))
        entry = ManifestEntry(
            job, "cold", key, chance.choice(SIZES), chance.choice(CLASSES), chance.choice(TIERS)
        )
        yield ObjectRecord(ObjectId(object_path("cold", key), version), entry, _history(chance, job), 1)


def _history(chance: random.Random, job: str) -> History:
    requested = chance.choice(MOMENTS) + chance.choice((-1, 0, 0, 1))
    completed = requested + chance.choice((*DURATIONS, -1))
    expires = completed - completed % DAY + chance.choice((0, 1, 2, 30)) * DAY
    near = (requested, completed, completed + 1, expires, expires + HOUR)
    if job == "nothing-known":
        return History()
    if job == "all-failed":
        return History(from_millis(requested), failure=Failure(from_millis(completed), "AccessDenied", "no"))

    def sometimes(moment: int) -> str:
        return from_millis(moment) if chance.random() < HALF else ""

    observed = sometimes(chance.choice(near))
    failed = sometimes(chance.choice(near))
    return History(
        from_millis(requested) if chance.random() < 0.9 else "",
        from_millis(completed) if chance.random() < 0.8 else "",
        sometimes(expires),
        sometimes(chance.choice(near)),
        sometimes(chance.choice(near)),
        Failure(failed, "NoSuchKey", "it's gone") if failed else Failure(),
        Observation(observed, chance.choice((Status.RESTORING, Status.RESTORED)))
        if observed
        else Observation(),
    )
