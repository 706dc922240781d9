"""Who needs attention, why, since when, and in which order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from analytics.reports import attention
from analytics.schema import ATTENTION_REASONS, Origin
from analytics.statements import Parameters
from tests.analytics.object_rows import source_of
from thaw.core.archives import VAULT_CLASS
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.keys import ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.retrieval import TYPICAL_HOURS
from thaw.core.times import to_iso

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def ago(hours: float) -> str:
    return to_iso(NOW - timedelta(hours=hours))


def ahead(hours: float) -> str:
    return ago(-hours)


def failed(hours: float) -> Failure:
    return Failure(ago(hours), "AccessDenied", "no")


def seen(hours: float, status: Status) -> Observation:
    return Observation(ago(hours), status)


def record(
    history: History, storage_class: str = "GLACIER", tier: str = "Bulk", key: str = "key"
) -> ObjectRecord:
    entry = ManifestEntry("job", "cold", key, 7, storage_class, tier)
    return ObjectRecord(ObjectId(object_path("cold", key), "null"), entry, history, 1)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def listed(
    connection: duckdb.DuckDBPyConnection, *records: ObjectRecord, attention_hours: float = 24
) -> pd.DataFrame:
    source = source_of(connection, records, Origin.OBJECTS)
    return attention(source, Parameters(NOW, 0.023, attention_hours=attention_hours))


CASES: dict[str, tuple[History, tuple[str, str] | None]] = {
    "expired": (History(ago(99), ago(90), ago(30), ago(29)), ("expired_uncopied", ago(29))),
    "only its expiry was seen": (History(restore_expired_at=ago(29)), ("expired_uncopied", ago(29))),
    "its expiry passed, and no event told so": (
        History(ago(99), ago(90), ago(3)),
        ("expired_uncopied", ago(3)),
    ),
    "it expires this very moment": (History(ago(99), ago(90), ago(0)), ("expired_uncopied", ago(0))),
    "its copy failed, then it expired unseen": (
        History(ago(99), ago(90), ago(3), failure=failed(50)),
        ("expired_uncopied", ago(3)),
    ),
    "copied, then expired": (History(ago(99), ago(90), ago(30), ago(29), ago(80)), None),
    "expired, and requested again": (History(ago(3), ago(90), ago(30), ago(29)), None),
    "requested again after an unseen expiry": (History(ago(3), ago(90), ago(30)), None),
    "its request failed": (History(ago(9), failure=failed(8)), ("failed", ago(8))),
    "its second restore failed": (History(ago(9), ago(90), ago(30), failure=failed(8)), ("failed", ago(8))),
    "its copy failed, and it expires soon": (
        History(ago(99), ago(90), ahead(3), failure=failed(50)),
        ("failed", ago(50)),
    ),
    "failed, then copied": (History(ago(99), ago(90), ahead(99), "", ago(9), failed(10)), None),
    "it expires within a day": (History(ago(99), ago(90), ahead(20)), ("expiring_uncopied", ago(4))),
    "it expires in exactly a day": (History(ago(99), ago(90), ahead(24)), ("expiring_uncopied", ago(0))),
    "it expires a millisecond after that": (
        History(ago(99), ago(90), to_iso(NOW + timedelta(hours=24) + MS)),
        None,
    ),
    "it was restored for less than a day": (History(ago(9), ago(2), ahead(3)), ("expiring_uncopied", ago(2))),
    "a listing showed it readable, and it expires soon": (
        History(restore_expires_at=ahead(20), observation=seen(50, Status.RESTORED)),
        ("expiring_uncopied", ago(4)),
    ),
    "restored for good": (History(ago(99), ago(90)), None),
    "requested longer ago than the guidance": (History(ago(13)), ("restore_overdue", ago(1))),
    "requested as long ago as the guidance": (History(ago(12)), None),
    "requested again after it expired, longer ago than the guidance": (
        History(ago(13), ago(90), ago(30), ago(29)),
        ("restore_overdue", ago(1)),
    ),
    "extended while it was readable": (History(ago(13), ago(90), ahead(99)), None),
    "a listing showed it being restored longer ago": (
        History(observation=seen(13, Status.RESTORING)),
        ("restore_overdue", ago(1)),
    ),
    "its first request is long ago, its second was only listed": (
        History(ago(99), ago(90), ago(30), ago(29), observation=seen(13, Status.RESTORING)),
        ("restore_overdue", ago(1)),
    ),
    "its second request was only listed, of late": (
        History(ago(99), ago(90), ago(30), ago(29), observation=seen(3, Status.RESTORING)),
        None,
    ),
    "copied, and nobody saw it restored": (History(copied_at=ago(5)), ("untracked_copy", ago(5))),
    "copied while it was being restored": (History(ago(9), copied_at=ago(5)), ("untracked_copy", ago(5))),
    "copied, its request unseen": (History("", ago(9), ahead(99), "", ago(5)), None),
    "copied, its completion only listed": (
        History(copied_at=ago(5), observation=seen(9, Status.RESTORED)),
        None,
    ),
    "copied before its latest restore": (History(ago(4), ago(3), ahead(99), "", ago(5)), None),
    "nothing known": (History(), None),
}


@pytest.mark.parametrize(("history", "expected"), CASES.values(), ids=CASES)
def test_the_reason_and_since_when(
    connection: duckdb.DuckDBPyConnection, history: History, expected: tuple[str, str] | None
) -> None:
    found = listed(connection, record(history))
    rows = [(row["reason"], to_iso(row["since"])) for row in found.to_dict("records")]
    assert rows == ([expected] if expected else [])


@pytest.mark.parametrize(("storage_class", "tier"), TYPICAL_HOURS)
def test_a_restore_is_overdue_by_the_guidance_of_its_class_and_tier(
    connection: duckdb.DuckDBPyConnection, storage_class: str, tier: str
) -> None:
    guidance = timedelta(hours=TYPICAL_HOURS[storage_class, tier])
    for late, expected in ((MS, ["restore_overdue"]), (timedelta(0), [])):
        requested = History(to_iso(NOW - guidance - late))
        found = listed(connection, record(requested, storage_class, tier))
        assert found["reason"].tolist() == expected


@pytest.mark.parametrize(
    ("storage_class", "tier"), [("DEEP_ARCHIVE", "Expedited"), ("", ""), ("STANDARD", "Bulk")]
)
def test_without_guidance_no_restore_is_overdue(
    connection: duckdb.DuckDBPyConnection, storage_class: str, tier: str
) -> None:
    assert listed(connection, record(History(ago(9999)), storage_class, tier)).empty


@pytest.mark.parametrize(
    ("storage_class", "expected"),
    [
        ("", 1),
        ("GLACIER", 1),
        ("DEEP_ARCHIVE", 1),
        ("STANDARD", 0),
        ("GLACIER_IR", 0),
        ("INTELLIGENT_TIERING", 0),
    ],
)
def test_a_copy_needs_a_restore_only_out_of_an_archive_class(
    connection: duckdb.DuckDBPyConnection, storage_class: str, expected: int
) -> None:
    assert len(listed(connection, record(History(copied_at=ago(5)), storage_class))) == expected


def test_the_hours_before_an_expiry_can_be_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    soon = record(History(ago(99), ago(90), ahead(20)))
    assert listed(connection, soon, attention_hours=19.9).empty
    (row,) = listed(connection, soon, attention_hours=20.5).to_dict("records")
    assert to_iso(row["since"]) == ago(0.5)


def test_an_archive_of_a_vault_is_told_six_hours_before_its_day_is_over(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    def staged(left: float) -> ObjectRecord:
        return record(History(ago(30 - left), ago(24 - left), ago(-left)), VAULT_CLASS)

    assert listed(connection, staged(6.001)).empty, "every archive lapses within a day"
    found = listed(connection, staged(5.999))
    assert list(found["reason"]) == ["expiring_uncopied"]
    assert list(listed(connection, staged(2), attention_hours=1)["reason"]) == [], "asked for less, told less"


def test_an_archive_that_was_in_s3_already_needed_no_retrieval(connection: duckdb.DuckDBPyConnection) -> None:
    assert listed(connection, record(History(copied_at=ago(5)), VAULT_CLASS)).empty


def test_hours_beyond_all_measure_are_57_years(connection: duckdb.DuckDBPyConnection) -> None:
    lives = [record(History(ago(99), ago(90), ahead(years * 365 * 24))) for years in (57, 58)]
    (row,) = listed(connection, *lives, attention_hours=1e12).to_dict("records")
    assert to_iso(row["since"]) == ago(90)


def test_the_most_urgent_come_first_then_the_longest_waiting_then_by_name(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    wanted = [
        ("expired_uncopied", "b", History(ago(99), ago(90), ago(30), ago(29))),
        ("expired_uncopied", "a", History(ago(99), ago(90), ago(30), ago(28))),
        ("failed", "b", History(failure=failed(50))),
        ("expiring_uncopied", "c", History(ago(99), ago(90), ahead(1))),
        ("expiring_uncopied", "B", History(ago(99), ago(90), ahead(2))),
        ("expiring_uncopied", "a", History(ago(99), ago(90), ahead(2))),
        ("expiring_uncopied", "é", History(ago(99), ago(90), ahead(2))),
        ("restore_overdue", "b", History(ago(90))),
        ("untracked_copy", "a", History(copied_at=ago(999))),
    ]
    found = listed(connection, *(record(history, key=key) for _, key, history in reversed(wanted)))
    assert list(zip(found["reason"], found["key"], strict=True)) == [
        (reason, key) for reason, key, _ in wanted
    ]
    assert tuple(dict.fromkeys(found["reason"])) == ATTENTION_REASONS


def test_a_row_tells_all_of_its_object(connection: duckdb.DuckDBPyConnection) -> None:
    history = History(ago(99), ago(90), ahead(3), failure=failed(50))
    (row,) = listed(connection, record(history)).to_dict("records")
    assert row == {
        "job_id": "job",
        "bucket": "cold",
        "key": "key",
        "version_id": "null",
        "reason": "failed",
        "status": "FAILED",
        "since": pd.Timestamp(ago(50)),
        "expires_at": pd.Timestamp(ahead(3)),
        "size_bytes": 7,
        "error_code": "AccessDenied",
    }
