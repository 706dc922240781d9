"""What a record keeps of its former life is what is true of the object; and who may take it over."""

from dataclasses import replace

import pytest
from hypothesis import given

from tests.store.loads import job_state
from tests.store.tables import COMPLETED, COMPLETION, COPY, EXPIRES, REQUEST, REQUESTED, record
from tests.strategies import histories, timestamps
from thaw.core.history import NOTHING, Failure, History, Observation, Status, merge, status
from thaw.core.job_states import ENDED, JobStatus
from thaw.core.lives import Place, is_readable, may_be_taken, new_life, place_of

SOON = "2026-11-21T12:00:00.000Z"
LATE = "2026-12-21T00:00:00.000Z"
RESTORED = merge(REQUEST, COMPLETION)
FAILED = History(failure=Failure("2026-11-21T09:00:00.000Z", "AccessDenied", "no"))
EXPIRED = History(restore_expired_at="2026-11-28T00:10:00.000Z")
SEEN_RESTORING = History(observation=Observation(COMPLETED, Status.RESTORING))
SEEN_RESTORED = History(restore_expires_at=EXPIRES, observation=Observation(COMPLETED, Status.RESTORED))


@pytest.mark.parametrize(
    ("history", "now", "place"),
    [
        (NOTHING, SOON, Place.REQUESTS),
        (REQUEST, SOON, Place.RESTORING),
        (REQUEST, LATE, Place.REQUESTS),
        (SEEN_RESTORING, SOON, Place.RESTORING),
        (SEEN_RESTORED, SOON, Place.READABLE),
        (RESTORED, SOON, Place.READABLE),
        (RESTORED, EXPIRES, Place.REQUESTS),
        (RESTORED, LATE, Place.REQUESTS),
        (COMPLETION._replace(restore_expires_at=""), LATE, Place.READABLE),
        (merge(RESTORED, FAILED), SOON, Place.READABLE),
        (merge(RESTORED, EXPIRED), LATE, Place.REQUESTS),
        (FAILED, SOON, Place.REQUESTS),
        (merge(RESTORED, COPY), SOON, Place.COPIED),
    ],
)
def test_an_object_needs_what_its_history_says(history: History, now: str, place: Place) -> None:
    assert place_of(history, now) is place


@pytest.mark.parametrize(
    ("history", "now", "kept"),
    [
        (RESTORED, SOON, RESTORED),
        (merge(RESTORED, FAILED), SOON, RESTORED),
        (merge(RESTORED, COPY), SOON, RESTORED),
        (merge(RESTORED, COPY), LATE, NOTHING),
        (merge(RESTORED, EXPIRED), LATE, NOTHING),
        (merge(REQUEST, FAILED), SOON, NOTHING),
        (REQUEST, SOON, REQUEST),
        (REQUEST, LATE, NOTHING),
        (merge(REQUEST, COPY), SOON, REQUEST),
        (SEEN_RESTORING, SOON, SEEN_RESTORING),
        (SEEN_RESTORED, SOON, SEEN_RESTORED),
        (FAILED, SOON, NOTHING),
        (NOTHING, SOON, NOTHING),
    ],
)
def test_a_new_life_begins_with_what_is_true_of_the_object(history: History, now: str, kept: History) -> None:
    assert new_life(history, now) == kept


def test_a_request_of_an_earlier_restore_is_not_taken_for_the_one_that_a_listing_shows() -> None:
    before = merge(merge(RESTORED, EXPIRED), History(observation=Observation(LATE, Status.RESTORING)))
    assert new_life(before, LATE) == History(observation=Observation(LATE, Status.RESTORING))


@given(histories(), timestamps())
def test_a_new_life_needs_what_the_old_one_did_without_its_copy(history: History, now: str) -> None:
    kept = new_life(history, now)
    assert place_of(kept, now) is place_of(history._replace(copied_at=""), now)
    assert (status(kept) is Status.RESTORED) == is_readable(history, now)
    assert status(kept) in (Status.PENDING, Status.RESTORING, Status.RESTORED)
    assert not kept.copied_at + kept.restore_expired_at + kept.failure.at
    assert new_life(kept, now) == kept
    assert merge(kept, history) == history, "it knows nothing that was not known"


@pytest.mark.parametrize("status_", JobStatus)
@pytest.mark.parametrize("history", [NOTHING, REQUEST, RESTORED, FAILED, merge(RESTORED, COPY)])
def test_a_job_under_way_keeps_its_objects_and_one_that_has_ended_keeps_none(
    status_: JobStatus, history: History
) -> None:
    owner = replace(job_state("job-1"), status=status_)
    assert may_be_taken(record("a", history=history), owner, SOON) == (status_ in ENDED)


@pytest.mark.parametrize(
    ("history", "now", "taken"),
    [
        (NOTHING, SOON, False),
        (REQUEST, LATE, False),
        (RESTORED, SOON, False),
        (RESTORED, LATE, True),
        (FAILED, SOON, True),
        (merge(RESTORED, EXPIRED), SOON, True),
        (merge(RESTORED, COPY), SOON, True),
    ],
)
def test_of_a_job_that_was_imported_only_what_is_over_may_be_taken(
    history: History, now: str, *, taken: bool
) -> None:
    assert may_be_taken(record("a", history=history), None, now) == taken


def test_the_times_of_these_tests_are_in_order() -> None:
    assert REQUESTED < COMPLETED < SOON < EXPIRES < LATE
