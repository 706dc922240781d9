"""What a listing proves when an event was lost."""

import pytest

from tests.store.tables import record
from thaw.core.history import NOTHING, Failure, History, Observation, Status, merge, status
from thaw.core.keys import ObjectId
from thaw.core.listing import Listed, lost_news

JOB_BEGAN = "2026-11-21T00:00:00.500Z"
REQUESTED = "2026-11-21T03:00:00.000Z"
COMPLETED = "2026-11-21T07:30:00.000Z"
LISTED_AT = "2026-11-21T09:00:00.123Z"
EXPIRES = "2026-11-28T00:00:00.000Z"
LATER = "2026-12-05T00:00:00.000Z"
LAPSED = "2026-11-21T08:00:00.000Z"

REQUEST = History(restore_requested_at=REQUESTED)
RESTORED = merge(REQUEST, History(restore_completed_at=COMPLETED, restore_expires_at=EXPIRES))

SEEN_RESTORING = History(observation=Observation("2026-11-21T07:30:01.000Z", "RESTORING"))


def listed(
    *,
    in_progress: bool = False,
    expires_at: str = "",
    storage_class: str = "GLACIER",
    size: int = 1000,
    last_modified: str = "2019-07-01T12:00:00.000Z",
    path: str = "archive/key",
    version_id: str = "null",
    is_latest: bool = True,
) -> Listed:
    bucket, _, key = path.partition("/")
    object_id = ObjectId(path, version_id)
    return Listed(
        object_id,
        bucket,
        key,
        is_latest,
        size,
        storage_class,
        last_modified,
        in_progress,
        expires_at,
        LISTED_AT,
    )


def healed(history: History, seen: Listed, version_id: str = "null") -> Status:
    before = record("key", version_id, history)
    return status(merge(history, lost_news(before, seen, JOB_BEGAN)))


@pytest.mark.parametrize(
    ("history", "seen", "becomes"),
    [
        (NOTHING, listed(in_progress=True), Status.RESTORING),
        (NOTHING, listed(expires_at=EXPIRES), Status.RESTORED),
        (REQUEST, listed(expires_at=EXPIRES), Status.RESTORED),
        (RESTORED._replace(restore_expires_at=LAPSED), listed(), Status.EXPIRED),
        (merge(RESTORED, SEEN_RESTORING), listed(expires_at=EXPIRES), Status.RESTORED),
        (merge(RESTORED, History(restore_expired_at=LAPSED)), listed(expires_at=LATER), Status.RESTORED),
        (
            merge(REQUEST, History(failure=Failure(COMPLETED, "E", "m"))),
            listed(in_progress=True),
            Status.RESTORING,
        ),
    ],
)
def test_a_lost_event_is_healed_by_the_listing(history: History, seen: Listed, becomes: Status) -> None:
    assert healed(history, seen) is becomes


@pytest.mark.parametrize(
    ("history", "seen"),
    [
        (NOTHING, listed()),
        (REQUEST, listed(in_progress=True)),
        (RESTORED, listed(expires_at=EXPIRES)),
        (RESTORED, listed(in_progress=True)),
        (merge(RESTORED, History(copied_at=LAPSED)), listed()),
        (merge(RESTORED, History(failure=Failure(LAPSED, "AccessDenied", "m"))), listed(expires_at=EXPIRES)),
        (RESTORED, listed(expires_at=EXPIRES, path="archive/other")),
    ],
)
def test_a_listing_that_tells_nothing_new_changes_nothing(history: History, seen: Listed) -> None:
    assert lost_news(record("key", "null", history), seen, JOB_BEGAN) == NOTHING


def test_a_completion_seen_only_in_a_listing_has_no_duration() -> None:
    lost = lost_news(record("key", "null", REQUEST), listed(expires_at=EXPIRES), JOB_BEGAN)
    assert lost.restore_completed_at == "", "nobody knows when it completed"
    assert lost.observation == Observation(LISTED_AT, "RESTORED")


def test_a_lost_extension_moves_the_expiry_and_nothing_else() -> None:
    lost = lost_news(record("key", "null", RESTORED), listed(expires_at=LATER), JOB_BEGAN)
    assert lost == History(restore_expires_at=LATER)


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        (listed(storage_class="STANDARD", last_modified=LAPSED), True),
        (listed(storage_class="STANDARD", last_modified=LAPSED, path="live/key"), True),
        (listed(storage_class="DEEP_ARCHIVE", last_modified=LAPSED), True),
        (listed(storage_class="STANDARD", last_modified=LAPSED, size=999), False),
        (listed(storage_class="STANDARD", last_modified="2026-11-20T23:59:59.000Z"), False),
    ],
)
def test_a_copy_is_of_the_same_size_and_made_since_the_job_began(copy: Listed, found: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    lost = lost_news(record("key", "null", RESTORED), copy, JOB_BEGAN)
    assert lost == (History(copied_at=LAPSED) if found else NOTHING)


def test_a_copy_is_found_even_if_nobody_saw_the_restore() -> None:
    copy = listed(storage_class="STANDARD", last_modified=LAPSED)
    assert healed(NOTHING, copy) is Status.COPIED


def test_a_manifest_without_versions_matches_the_listed_version() -> None:
    assert healed(NOTHING, listed(expires_at=EXPIRES, version_id="v1")) is Status.RESTORED


def test_a_noncurrent_version_tells_nothing_of_a_manifest_without_versions() -> None:
    seen = listed(expires_at=EXPIRES, version_id="v0", is_latest=False)
    assert lost_news(record("key", "null", NOTHING), seen, JOB_BEGAN) == NOTHING


def test_another_version_tells_nothing_of_this_one() -> None:
    seen = listed(expires_at=EXPIRES, version_id="v1")
    assert lost_news(record("key", "v2", NOTHING), seen, JOB_BEGAN) == NOTHING
