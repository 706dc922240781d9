"""A copy's event names the new object; its source is found all the same, or the doubt is told."""

import pytest

from tests.fakes.dynamodb import OBJECTS, FakeDynamoDB, Fault, client_error
from tests.store.tables import (
    BUCKET,
    COMPLETION,
    COPIED,
    COPY,
    assert_exact,
    copy_target,
    history_of,
    record,
    tables,
    writer,
)
from thaw.core.copies import CopyRule
from thaw.core.events import EventKind, ObjectEvent
from thaw.core.history import NOTHING, History, Status, merge
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target, target_of
from thaw.store.errors import AmbiguousCopyError
from thaw.store.writer import Outcome, Result

LATER = "2026-11-21T09:00:00.000Z"
RULES = (
    CopyRule(BUCKET, "cold/", "restored", "warm/"),
    CopyRule(BUCKET, "2019/", "restored", ""),
)


def _copied(fake: FakeDynamoDB, target: Target) -> Result:
    result = writer(fake).apply({target: History(copied_at=target.copied_at)})[target]
    assert_exact(fake)
    return result


def _copy(bucket: str, key: str, version_id: str = "null") -> Target:
    return target_of(ObjectEvent(EventKind.COPIED, bucket, key, version_id, COPY), RULES)


def _restored(version_id: str, at: str = "2026-11-21T07:00:00.000Z") -> ObjectRecord:
    return record("a", version_id, COMPLETION._replace(restore_completed_at=at))


def _statuses(fake: FakeDynamoDB) -> dict[str, str]:
    return {item["version_id"]["S"]: item["status"]["S"] for item in fake.items(OBJECTS)}


def test_a_copy_in_place_without_versions_is_its_own_source() -> None:
    fake = tables([record("a", history=COMPLETION)])
    assert _copied(fake, _copy(BUCKET, "a")) is Outcome.APPLIED
    assert history_of(fake, "a") == merge(COMPLETION, COPY)
    assert fake.count("Query") == 0


def test_a_new_version_is_a_copy_of_the_one_version_tracked() -> None:
    fake = tables([record("a", "v1")])
    assert _copied(fake, _copy(BUCKET, "a", "v2")) is Outcome.APPLIED
    assert _statuses(fake) == {"v1": "COPIED"}


def test_a_new_version_is_a_copy_of_the_one_version_that_was_readable() -> None:
    fake = tables([record("a", "v1"), _restored("v2"), _restored("v3", at=LATER), _restored("v4")])
    assert isinstance(_copied(fake, copy_target("a")), AmbiguousCopyError)
    fake = tables([record("a", "v1"), _restored("v2"), _restored("v3", at=LATER)])
    assert _copied(fake, copy_target("a")) is Outcome.APPLIED
    assert _statuses(fake) == {"v1": "PENDING", "v2": "COPIED", "v3": "RESTORED"}


def test_a_version_whose_temporary_copy_had_lapsed_was_not_readable() -> None:
    lapsed = merge(COMPLETION, History(restore_expired_at="2026-11-21T07:59:00.000Z"))
    fake = tables([record("a", "v1", lapsed), _restored("v2")])
    assert _copied(fake, copy_target("a")) is Outcome.APPLIED
    assert _statuses(fake) == {"v1": "EXPIRED", "v2": "COPIED"}


def test_a_version_found_readable_by_a_listing_counts_as_readable() -> None:
    seen = History()._replace(observation=History().observation._replace(at=LATER, status=Status.RESTORED))
    fake = tables([record("a", "v1"), record("a", "v2", seen)])
    assert _copied(fake, copy_target("a", "2026-11-21T10:00:00.000Z")) is Outcome.APPLIED
    assert _statuses(fake) == {"v1": "PENDING", "v2": "COPIED"}


def test_the_next_copy_is_of_the_other_version() -> None:
    fake = tables([_restored("v1"), _restored("v2", at="2026-11-21T08:30:00.000Z")])
    assert _copied(fake, copy_target("a")) is Outcome.APPLIED
    assert _copied(fake, copy_target("a", LATER)) is Outcome.APPLIED
    assert (history_of(fake, "a", "v1").copied_at, history_of(fake, "a", "v2").copied_at) == (COPIED, LATER)


def test_two_copies_in_one_batch_are_not_taken_for_one() -> None:
    fake = tables([_restored("v1"), _restored("v2", at="2026-11-21T08:30:00.000Z")])
    first, second = copy_target("a"), copy_target("a", LATER)
    news = {target: History(copied_at=target.copied_at) for target in (first, second)}
    results = writer(fake).apply(news)
    assert results[first] is Outcome.APPLIED
    assert isinstance(results[second], AmbiguousCopyError), "both were readable when the batch was read"
    assert writer(fake).apply(news) == {first: Outcome.UNCHANGED, second: Outcome.APPLIED}
    assert (history_of(fake, "a", "v1").copied_at, history_of(fake, "a", "v2").copied_at) == (COPIED, LATER)


@pytest.mark.parametrize("at", [COPIED, "2026-11-21T08:00:00.000Z"], ids=["the same", "to the second"])
def test_a_copy_told_again_marks_no_second_version(at: str) -> None:
    fake = tables([record("a", "v1", merge(COMPLETION, COPY)), _restored("v2")])
    assert _copied(fake, copy_target("a", at)) is Outcome.UNCHANGED
    assert _statuses(fake) == {"v1": "COPIED", "v2": "RESTORED"}


@pytest.mark.parametrize("history", [COMPLETION, NOTHING], ids=["all readable", "none readable"])
def test_a_copy_of_nobody_knows_which_version_is_an_error_that_names_them(history: History) -> None:
    fake = tables([record("a", "v1", history), record("a", "v2", history)])
    error = _copied(fake, copy_target("a"))
    assert isinstance(error, AmbiguousCopyError)
    assert str(error) == (
        "A copy of archive/a may come from any of its tracked versions v1, v2, and S3 does not tell which."
    )
    assert set(_statuses(fake).values()) <= {"RESTORED", "PENDING"}


@pytest.mark.parametrize(
    ("key", "source"), [("warm/x/y.csv", "cold/x/y.csv"), ("x.csv", "2019/x.csv"), ("warm/z", "2019/warm/z")]
)
def test_a_copy_elsewhere_is_led_back_by_its_rule(key: str, source: str) -> None:
    fake = tables([record(source, history=COMPLETION)])
    assert _copied(fake, _copy("restored", key)) is Outcome.APPLIED
    assert history_of(fake, source) == merge(COMPLETION, COPY)


def test_a_copy_elsewhere_finds_a_version_of_its_source() -> None:
    fake = tables([record("cold/x", "v1", COMPLETION)])
    assert _copied(fake, _copy("restored", "warm/x", "v9")) is Outcome.APPLIED
    assert history_of(fake, "cold/x", "v1") == merge(COMPLETION, COPY)


def test_a_copy_of_nothing_tracked_is_untracked() -> None:
    fake = tables([record("b", "v1")])
    assert _copied(fake, _copy("restored", "warm/x", "v9")) is Outcome.UNTRACKED
    assert len(fake.items(OBJECTS)) == 1


def test_all_pages_of_versions_are_read() -> None:
    fake = tables([record("a", f"v{number}") for number in range(6)] + [_restored("v6")])
    assert _copied(fake, copy_target("a")) is Outcome.APPLIED
    assert history_of(fake, "a", "v6").copied_at == COPIED
    assert fake.count("Query") == 4


def test_an_error_of_the_search_for_a_source_concerns_that_copy_alone() -> None:
    fake = tables([_restored("v1"), record("b")])
    error = client_error("Query", "ThrottlingException")
    fake.on_call = lambda call: Fault(before=error) if call.operation == "Query" else None
    results = writer(fake).apply({copy_target("a"): COPY, copy_target("b"): COPY})
    assert results == {copy_target("a"): error, copy_target("b"): Outcome.APPLIED}
