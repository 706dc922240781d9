"""Every order and every tie of three times: SQL derives the status and the expiry that the core derives."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product

import duckdb
import pandas as pd
import pytest

from analytics.engines import DuckDbEngine
from analytics.reports import Source, run_report
from analytics.schema import Origin
from tests.analytics.object_rows import at, create_objects
from thaw.core.history import Failure, History, Observation, Status, known_at, status
from thaw.core.keys import ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.times import to_iso

TIMES = ("2024-02-29T01:00:00.000Z", "2024-02-29T02:00:00.000Z", "2024-02-29T03:00:00.000Z")
SEEN = [Observation(), *(Observation(*pair) for pair in product(TIMES, (Status.RESTORING, Status.RESTORED)))]
EVER = ("", *TIMES)
HISTORIES = [
    History(
        requested,
        completed,
        expires,
        expired,
        copied,
        Failure(failed, "no", "no") if failed else Failure(),
        seen,
    )
    for requested, completed, expires, expired, failed, copied, seen in product(
        EVER, EVER, EVER, EVER, EVER, ("", TIMES[1]), SEEN
    )
]


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    """Each history as the one object of a job of its own."""
    with duckdb.connect() as connection:
        records = (
            ObjectRecord(
                ObjectId("cold/key", "null"),
                ManifestEntry(str(number), "cold", "key", 1, "GLACIER", "Bulk"),
                history,
                1,
            )
            for number, history in enumerate(HISTORIES)
        )
        create_objects(connection, records)
        yield Source(DuckDbEngine(connection), frozenset({Origin.OBJECTS}))


@pytest.mark.parametrize("as_of", TIMES)
def test_the_status_is_that_of_the_core(source: Source, as_of: str) -> None:
    found = run_report("progress", source, at(datetime.fromisoformat(as_of)))
    there = found[found["objects"] == 1]
    derived = {str(number): status(known_at(history, as_of)) for number, history in enumerate(HISTORIES)}
    told = dict(zip(there["job_id"], there["status"], strict=True))
    assert [(HISTORIES[int(job)], told[job]) for job in derived if told[job] != derived[job]] == []


@pytest.mark.parametrize("as_of", TIMES)
def test_the_expiry_is_that_of_the_core(source: Source, as_of: str) -> None:
    found = run_report("attention", source, at(datetime.fromisoformat(as_of)))
    wrong: list[tuple[History, object]] = []
    for job_id, expires_at in zip(found["job_id"], found["expires_at"], strict=True):
        history = HISTORIES[int(job_id)]
        told = "" if pd.isna(expires_at) else to_iso(expires_at)
        if told != known_at(history, as_of).restore_expires_at:
            wrong.append((history, told))
    assert wrong == []
    assert len(found) > len(HISTORIES) / 9
