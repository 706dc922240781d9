"""Histories merge to the same whatever the order, and the status that follows is that of the rules."""

from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import HOUR, START, event_lists, failures, histories, timestamps
from thaw.core import times
from thaw.core.history import (
    NOTHING,
    Failure,
    History,
    Observation,
    Status,
    known_at,
    merge,
    news_since,
    restored_at,
    status,
)


def hour(number: int, ms: int = 0) -> str:
    return times.from_millis(START + number * HOUR + ms)


def requested(at: int, ms: int = 0) -> History:
    return History(restore_requested_at=hour(at, ms))


def completed(at: int, expires: int | None = None) -> History:
    return History(restore_completed_at=hour(at), restore_expires_at="" if expires is None else hour(expires))


def expired(at: int) -> History:
    return History(restore_expired_at=hour(at))


def copied(at: int) -> History:
    return History(copied_at=hour(at))


def failed(at: int, code: str = "AccessDenied") -> History:
    return History(failure=Failure(hour(at), code, "no"))


def listed(at: int, seen: Status, expires: int | None = None) -> History:
    return History(
        restore_expires_at="" if expires is None else hour(expires),
        observation=Observation(hour(at), seen),
    )


RULES: dict[str, tuple[list[History], Status]] = {
    "nothing known": ([], Status.PENDING),
    "requested": ([requested(1)], Status.RESTORING),
    "restored": ([requested(1), completed(5, 29)], Status.RESTORED),
    "restored, its request lost": ([completed(5, 29)], Status.RESTORED),
    "restored for good (Intelligent-Tiering)": ([requested(1), completed(5)], Status.RESTORED),
    "archived again by Intelligent-Tiering, requested again": (
        [requested(1), completed(5), requested(90)],
        Status.RESTORING,
    ),
    "expired": ([requested(1), completed(5, 29), expired(30)], Status.EXPIRED),
    "only its expiry seen": ([expired(30)], Status.EXPIRED),
    "restoring again after expiry": (
        [requested(1), completed(5, 29), expired(30), requested(40)],
        Status.RESTORING,
    ),
    "restoring again, its expiry lost": ([requested(1), completed(5, 29), requested(40)], Status.RESTORING),
    "restored again after expiry": (
        [requested(1), completed(5, 29), expired(30), requested(40), completed(45, 60)],
        Status.RESTORED,
    ),
    "expired again": (
        [requested(1), completed(5, 29), requested(40), completed(45, 60), expired(61)],
        Status.EXPIRED,
    ),
    "expired before the listed expiry, requested again": (
        [requested(1), completed(5, 29), expired(10), requested(20)],
        Status.RESTORING,
    ),
    "request during a live copy": ([requested(1), completed(5, 29), requested(20)], Status.RESTORED),
    "request at the moment of restore": ([completed(5, 29), requested(5)], Status.RESTORED),
    "request one millisecond before expiry": ([completed(5, 29), requested(28, HOUR - 1)], Status.RESTORED),
    "request at the moment of expiry": ([completed(5, 29), requested(29)], Status.RESTORING),
    "extended expiry, told by a second completion": (
        [requested(1), completed(5, 29), requested(20), completed(20, 90)],
        Status.RESTORED,
    ),
    "extended expiry, then expired": (
        [requested(1), completed(5, 29), requested(20), completed(20, 90), expired(91)],
        Status.EXPIRED,
    ),
    "request during the second restore's live copy": (
        [completed(5, 29), expired(30), requested(40), completed(45, 90), requested(50)],
        Status.RESTORED,
    ),
    "copied": ([requested(1), completed(5, 29), copied(6)], Status.COPIED),
    "a copy seen before its restore": ([copied(6)], Status.COPIED),
    "copied, then expired": ([completed(5, 29), copied(6), expired(30)], Status.COPIED),
    "copied, then requested again": ([completed(5, 29), copied(6), requested(40)], Status.COPIED),
    "copied, then a failure": ([completed(5, 29), copied(6), failed(7)], Status.COPIED),
    "request failed": ([requested(1), failed(2)], Status.FAILED),
    "request refused, so no request event": ([failed(2)], Status.FAILED),
    "failed, then requested again": ([requested(1), failed(2), requested(3)], Status.RESTORING),
    "a failure followed by a restore": ([failed(2), requested(3), completed(5, 29)], Status.RESTORED),
    "a failure followed by a copy": ([completed(5, 29), failed(6), copied(7)], Status.COPIED),
    "copy failure after restore": ([requested(1), completed(5, 29), failed(6)], Status.FAILED),
    "copy failure, then the expiry extended": (
        [requested(1), completed(5, 29), failed(6), requested(7)],
        Status.FAILED,
    ),
    "copy failure, then expired": ([completed(5, 29), failed(6), expired(30)], Status.EXPIRED),
    "listed as restoring, its request lost": ([listed(3, Status.RESTORING)], Status.RESTORING),
    "listed as restored, its completion lost": (
        [requested(1), listed(6, Status.RESTORED, 29)],
        Status.RESTORED,
    ),
    "listed as restored, then expired": ([listed(6, Status.RESTORED, 29), expired(30)], Status.EXPIRED),
    "listed as restored, its expiry extended": (
        [listed(6, Status.RESTORED, 29), requested(20)],
        Status.RESTORED,
    ),
    "listed as restoring, then completed": ([listed(3, Status.RESTORING), completed(5, 29)], Status.RESTORED),
    "listed as restoring again, its expiry lost": (
        [completed(5, 29), listed(40, Status.RESTORING)],
        Status.RESTORING,
    ),
    "listed as restored again after expiry": (
        [completed(5, 29), expired(30), listed(50, Status.RESTORED, 90)],
        Status.RESTORED,
    ),
    "listed as restored again, then its expiry extended": (
        [completed(5, 29), expired(30), listed(50, Status.RESTORED, 90), requested(60)],
        Status.RESTORED,
    ),
    "failed, but listed as restored": ([failed(2), listed(6, Status.RESTORED, 29)], Status.RESTORED),
    "listed as restored, then the copy failed": ([listed(6, Status.RESTORED, 29), failed(7)], Status.FAILED),
    "copied, then listed as restored": ([copied(6), listed(7, Status.RESTORED, 29)], Status.COPIED),
    "tie: request and failure": ([requested(1), failed(1)], Status.FAILED),
    "tie: request and completion": ([requested(1), completed(1, 29)], Status.RESTORED),
    "tie: request and listing": ([requested(1), listed(1, Status.RESTORED, 29)], Status.RESTORED),
    "tie: failure and listing": ([failed(1), listed(1, Status.RESTORING)], Status.RESTORING),
    "tie: failure and completion": ([failed(5), completed(5, 29)], Status.RESTORED),
    "tie: listed as restoring and completion": (
        [listed(5, Status.RESTORING), completed(5, 29)],
        Status.RESTORED,
    ),
    "tie: listed as restored and expiry": ([listed(5, Status.RESTORED), expired(5)], Status.EXPIRED),
    "tie: completion and expiry": ([completed(5, 5), expired(5)], Status.EXPIRED),
    "tie: expiry and a new request": ([completed(5, 29), expired(30), requested(30)], Status.EXPIRED),
    "tie: copy and failure": ([copied(6), failed(6)], Status.COPIED),
}


def merged(events: list[History]) -> History:
    return reduce(merge, events, NOTHING)


@pytest.mark.parametrize("rule", RULES)
def test_the_status_follows_the_rule(rule: str) -> None:
    events, expected = RULES[rule]
    assert status(merged(events)) is expected
    assert status(merged(events[::-1])) is expected, "the order in which events arrive does not matter"
    assert status(merged(events * 2)) is expected, "nor do duplicates"


def test_every_status_has_a_rule() -> None:
    assert {expected for _, expected in RULES.values()} == set(Status)


@given(histories(), histories())
def test_merging_is_commutative(one: History, other: History) -> None:
    assert merge(one, other) == merge(other, one)


@given(histories(), histories(), histories())
def test_merging_is_associative(one: History, two: History, three: History) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(histories(), histories())
def test_merging_again_changes_nothing(one: History, other: History) -> None:
    both = merge(one, other)
    assert merge(both, one) == merge(both, both) == merge(both, NOTHING) == both


@given(event_lists(), st.data(), st.randoms(use_true_random=False))
def test_any_order_duplication_and_split_gives_the_same_history(
    events: list[History], data: st.DataObject, random: Random
) -> None:
    repeated = events + (data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else [])
    random.shuffle(repeated)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(repeated)), max_size=4)))
    batches = [repeated[a:b] for a, b in zip([0, *cuts], [*cuts, len(repeated)], strict=True)]
    in_batches = reduce(merge, map(merged, batches), NOTHING)
    assert in_batches == merged(events)
    assert status(in_batches) is status(merged(events))


@given(event_lists())
def test_the_latest_time_of_each_kind_is_kept(events: list[History]) -> None:
    whole = merged(events)
    for field in ("restore_requested_at", "restore_completed_at", "restore_expired_at", "copied_at"):
        assert getattr(whole, field) == max((getattr(event, field) for event in events), default="")
    assert whole.failure.at == max((event.failure.at for event in events), default="")
    assert whole.observation.at == max((event.observation.at for event in events), default="")


@given(failures(), failures())
def test_an_error_stays_with_its_failure(one: Failure, other: Failure) -> None:
    kept = merge(History(failure=one), History(failure=other)).failure
    assert kept in (one, other)
    assert kept.at == max(one.at, other.at)


@given(histories(), timestamps())
def test_a_copy_is_final(history: History, at: str) -> None:
    assert status(merge(history, History(copied_at=at))) is Status.COPIED


LATER = 500


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        (requested(LATER), Status.RESTORING),
        (failed(LATER), Status.FAILED),
        (listed(LATER, Status.RESTORING), Status.RESTORING),
        (listed(LATER, Status.RESTORED, LATER + 9), Status.RESTORED),
        (completed(LATER, LATER + 9), Status.RESTORED),
        (expired(LATER), Status.EXPIRED),
    ],
)
@given(history=histories())
def test_the_latest_event_decides_until_the_object_is_copied(
    history: History, news: History, expected: Status
) -> None:
    assert status(merge(history._replace(copied_at=""), news)) is expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ""),
        ([completed(5, 29)], hour(5)),
        ([completed(5, 29), listed(6, Status.RESTORED, 29)], hour(5)),
        ([listed(6, Status.RESTORED, 29)], hour(6)),
        ([listed(6, Status.RESTORING)], ""),
        ([completed(5, 29), expired(30), listed(50, Status.RESTORED, 90)], hour(50)),
        ([completed(5, 29), expired(30), listed(50, Status.RESTORING)], hour(5)),
        ([completed(5, 29), expired(30), listed(20, Status.RESTORED, 29)], hour(5)),
        ([completed(45, 90), expired(30), listed(50, Status.RESTORED, 90)], hour(45)),
    ],
)
def test_an_object_is_readable_from_its_completion_or_else_from_the_listing_that_shows_it(
    events: list[History], expected: str
) -> None:
    assert restored_at(merged(events)) == expected


@given(events=event_lists(), as_of=timestamps())
def test_what_was_known_at_a_time_has_nothing_later(events: list[History], as_of: str) -> None:
    known = known_at(reduce(merge, events, NOTHING), as_of)
    kinds = (
        known.restore_requested_at,
        known.restore_completed_at,
        known.restore_expired_at,
        known.copied_at,
    )
    assert max(*kinds, known.failure.at, known.observation.at) <= as_of
    assert known_at(known, as_of) == known, "to look twice is to look once"


@given(histories())
def test_after_everything_all_is_known_and_before_everything_nothing(history: History) -> None:
    assert known_at(history, "9999-12-31T23:59:59.999Z") == history
    assert known_at(history, "0001-01-01T00:00:00.000Z") == NOTHING


@given(history=histories(), as_of=timestamps())
def test_an_event_at_the_very_time_has_happened(history: History, as_of: str) -> None:
    for kind in ("restore_requested_at", "restore_completed_at", "restore_expired_at", "copied_at"):
        assert getattr(known_at(history._replace(**{kind: as_of}), as_of), kind) == as_of


@pytest.mark.parametrize(
    ("history", "at", "expected"),
    [
        (completed(5, 29), 5, hour(29)),
        (completed(5, 29), 4, ""),
        (listed(6, Status.RESTORED, 29), 6, hour(29)),
        (listed(6, Status.RESTORED, 29), 5, ""),
        (reduce(merge, [completed(5), expired(30), listed(45, Status.RESTORED, 60)]), 40, ""),
        (reduce(merge, [completed(5), expired(30), listed(45, Status.RESTORED, 60)]), 45, hour(60)),
        (reduce(merge, [listed(6, Status.RESTORED, 29), listed(40, Status.RESTORING)]), 39, ""),
    ],
)
def test_an_expiry_is_known_once_its_restore_is(history: History, at: int, expected: str) -> None:
    assert known_at(history, hour(at)).restore_expires_at == expected


@pytest.mark.parametrize(
    ("at", "expected"), [(0, "PENDING"), (1, "RESTORING"), (2, "RESTORED"), (3, "EXPIRED"), (4, "COPIED")]
)
def test_the_status_at_a_time_is_that_of_what_was_known(at: int, expected: str) -> None:
    history = reduce(merge, [requested(1), completed(2, 3), expired(3), copied(4)])
    assert status(known_at(history, hour(at))) == expected


@given(event_lists(), timestamps())
def test_news_since_a_time_are_those_that_did_not_happen_before(events: list[History], since: str) -> None:
    later = [history for history in events if not _happened_at(history) < since]
    news = news_since(reduce(merge, events, NOTHING), since)
    expected = reduce(merge, later, NOTHING)
    assert news._replace(restore_expires_at="") == expected._replace(restore_expires_at="")
    assert news.restore_expires_at >= expected.restore_expires_at
    assert news_since(news, since) == news


def _happened_at(event: History) -> str:
    """Of one event."""
    times_of = (event.restore_requested_at, event.restore_completed_at, event.restore_expired_at)
    return max(*times_of, event.copied_at, event.failure.at, event.observation.at)


@given(histories())
def test_a_record_that_was_never_taken_over_hears_all_news(history: History) -> None:
    assert news_since(history, "") == history


@pytest.mark.parametrize(
    ("news", "expires"),
    [
        (completed(3, expires=9), ""),
        (completed(4, expires=9), hour(9)),
        (History(restore_expires_at=hour(9)), hour(9)),
        (
            History(restore_expires_at=hour(9), observation=Observation(hour(4), Status.RESTORED)),
            hour(9),
        ),
        (History(restore_expires_at=hour(9), observation=Observation(hour(3), Status.RESTORED)), ""),
    ],
    ids=["before", "at that time", "of the present", "listed", "listed before"],
)
def test_an_expiry_is_news_where_what_told_it_is(news: History, expires: str) -> None:
    assert news_since(news, hour(4)).restore_expires_at == expires
