"""Whether a sweep has to look at a job's objects at all, and what it does with each that it sees."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import histories
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.keys import ObjectId
from thaw.core.listing import Listed
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.rollups import contributions
from thaw.core.sweeping import Action, Moment, Needs, action, needs
from thaw.core.times import to_iso

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
MOMENT = Moment.of(NOW, 24)
NOTHING = Needs(lapsing=False, waiting=False, lapsed=False)
EVERYTHING = Needs(lapsing=True, waiting=True, lapsed=True)


def at(hours: float) -> str:
    """So many hours from now."""
    return to_iso(NOW + timedelta(hours=hours))


def record(history: History, storage_class: str = "GLACIER") -> ObjectRecord:
    entry = ManifestEntry("job", "archive", "k", 1000, storage_class, "Bulk")
    return ObjectRecord(ObjectId("archive/k", "null"), entry, history, 1)


def readable(completed: float, expires: float) -> History:
    return History(
        restore_requested_at=at(completed - 5),
        restore_completed_at=at(completed),
        restore_expires_at=at(expires),
    )


def counters(*histories_of: History) -> Counter[tuple[str, str]]:
    total = Counter[tuple[str, str]]()
    for history in histories_of:
        for key, amount in contributions(record(history)).items():
            total[key.metric, key.attribute] += amount
    return total


def listed(
    expires: float | None = None, *, in_progress: bool = False, storage_class: str = "GLACIER"
) -> Listed:
    return Listed(
        id=ObjectId("archive/k", "null"),
        bucket="archive",
        key="k",
        is_latest=True,
        size_bytes=1000,
        storage_class=storage_class,
        last_modified=at(-9000),
        restore_in_progress=in_progress,
        restore_expires_at="" if expires is None else at(expires),
        listed_at=at(0),
    )


COPIED = readable(-100, 10)._replace(copied_at=at(-90))
EXPIRED = readable(-200, -20)._replace(restore_expired_at=at(-20))
RESTORING = History(restore_requested_at=at(-3))


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ([], NOTHING),
        ([RESTORING, COPIED], NOTHING),
        ([readable(-0.1, 160)], NOTHING),
        ([readable(-0.1, 160), COPIED], NOTHING._replace(lapsing=True)),
        ([readable(-30, 60), readable(-0.1, 160)], NOTHING._replace(waiting=True)),
        ([readable(-150, 20)], NOTHING._replace(lapsing=True, waiting=True)),
        ([EXPIRED], NOTHING._replace(lapsed=True)),
        ([readable(-0.1, 160), readable(-300, -100)._replace(copied_at=at(-290))], NOTHING),
    ],
    ids=[
        "empty",
        "none readable",
        "just restored",
        "may be the one",
        "waits",
        "lapses soon",
        "lapsed",
        "long copied",
    ],
)
def test_the_counters_tell_whether_to_look(job: list[History], expected: Needs) -> None:
    assert needs(counters(*job), MOMENT, at(-12)) == expected


@given(st.lists(histories(), max_size=6))
def test_an_object_that_lapses_uncopied_is_never_overlooked(job: list[History]) -> None:
    """Whatever happened: if a readable, uncopied object expires within the margin, the counters say so."""
    found = needs(counters(*job), MOMENT, at(-12))
    for history in job:
        one = record(history)
        if one.status is Status.EXPIRED:
            assert found.lapsed
        soon = MOMENT.now <= history.restore_expires_at <= MOMENT.until
        counted = any(key.metric.startswith("storage#") for key in contributions(one))
        if one.status is Status.RESTORED and soon and counted:
            assert found.lapsing


@pytest.mark.parametrize(
    ("history", "item", "expected"),
    [
        (readable(-150, 20), listed(20), Action.EXTEND),
        (readable(-150, 20), listed(150), Action.SEND),
        (readable(-0.5, 150), listed(150), None),
        (readable(-150, 150), listed(150), Action.SEND),
        (readable(-150, -1), listed(), Action.REQUEST),
        (readable(-150, 20), listed(), None),
        (readable(-150, 20), listed(in_progress=True), None),
        (EXPIRED, listed(), Action.REQUEST),
        (readable(-9, 20)._replace(restore_expired_at=at(-1)), listed(), Action.REQUEST),
        (EXPIRED, listed(in_progress=True), None),
        (EXPIRED, listed(20), Action.EXTEND),
        (RESTORING, listed(20), None),
        (RESTORING, listed(), None),
        (COPIED, listed(20), None),
        (History(), listed(), None),
        (readable(-150, 20)._replace(failure=Failure(at(-1))), listed(20), None),
    ],
)
def test_what_is_done_with_an_object(history: History, item: Listed, expected: Action | None) -> None:
    assert action(record(history), item, MOMENT, EVERYTHING) is expected


def test_messages_are_sent_again_only_if_they_may_have_been_lost() -> None:
    assert action(record(readable(-150, 150)), listed(150), MOMENT, NOTHING) is None


def test_an_object_of_intelligent_tiering_never_lapses() -> None:
    history = History(observation=Observation(at(-150), Status.RESTORED))
    item = listed(storage_class="INTELLIGENT_TIERING")
    assert action(record(history, "INTELLIGENT_TIERING"), item, MOMENT, EVERYTHING) is Action.SEND


def test_nothing_is_done_with_the_copy_in_place() -> None:
    item = listed(storage_class="STANDARD")
    assert action(record(readable(-0.5, 20)), item, MOMENT, EVERYTHING) is None


LATE = History(restore_requested_at=at(-20))
READABLE_BEFORE = History(restore_expires_at=at(90), observation=Observation(at(-21), Status.RESTORED))


@pytest.mark.parametrize(
    ("job", "overdue"),
    [
        ([RESTORING], False),
        ([LATE], True),
        ([LATE, RESTORING], True),
        ([LATE, COPIED, COPIED], True),
        ([LATE, RESTORING, *[readable(-1, 160)._replace(restore_requested_at=at(-3))] * 2], False),
        ([LATE, *[READABLE_BEFORE] * 2], True),
        ([COPIED, EXPIRED], False),
        ([History()], False),
    ],
)
def test_what_should_have_been_restored_long_since_is_looked_at(job: list[History], overdue: bool) -> None:  # noqa: FBT001 a parameter
    assert needs(counters(*job), MOMENT, at(-12)).overdue is overdue


def test_what_is_readable_and_was_told_by_nobody_is_healed() -> None:
    overdue = NOTHING._replace(overdue=True)
    for history in (LATE, RESTORING, History()):
        assert action(record(history), listed(20), MOMENT, overdue) is Action.HEAL
    for item in (listed(), listed(in_progress=True), listed(storage_class="STANDARD")):
        assert action(record(LATE), item, MOMENT, overdue) is None
    assert action(record(COPIED), listed(20), MOMENT, overdue) is None
