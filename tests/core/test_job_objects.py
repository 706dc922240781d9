"""Which objects a job takes, and which it refuses."""

from dataclasses import replace

import pytest

from thaw.core.history import Status, status
from thaw.core.job_objects import check_class, chosen, seen, why_not
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import JobRequest, Selection
from thaw.core.keys import ObjectId
from thaw.core.listing import Listed

REQUEST = JobRequest("photos", "Bulk", expiration_days=7)
LISTED = Listed(
    ObjectId("photos/k", "null"),
    "photos",
    "k",
    is_latest=True,
    size_bytes=10,
    storage_class="GLACIER",
    last_modified="2020-06-01T00:00:00.000Z",
    restore_in_progress=False,
    restore_expires_at="",
    listed_at="2026-11-21T00:00:00.000Z",
)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), True),
        (Selection(storage_classes=("GLACIER",)), True),
        (Selection(storage_classes=("DEEP_ARCHIVE",)), False),
        (Selection(min_size_bytes=10, max_size_bytes=10), True),
        (Selection(min_size_bytes=11), False),
        (Selection(max_size_bytes=9), False),
        (Selection(max_size_bytes=0), False),
        (Selection(modified_from="2020-06-01T00:00:00.000Z"), True),
        (Selection(modified_from="2020-06-01T00:00:00.001Z"), False),
        (Selection(modified_before="2020-06-01T00:00:00.000Z"), False),
        (Selection(modified_before="2020-06-01T00:00:00.001Z"), True),
    ],
)
def test_a_selection_chooses_by_class_size_and_time(selection: Selection, *, expected: bool) -> None:
    assert chosen(selection, LISTED) is expected


@pytest.mark.parametrize("storage_class", ["STANDARD", "GLACIER_IR", "INTELLIGENT_TIERING"])
def test_without_classes_a_selection_chooses_the_archived_ones(storage_class: str) -> None:
    listed = LISTED._replace(storage_class=storage_class)
    assert not chosen(Selection(), listed)
    assert chosen(Selection(storage_classes=(storage_class,)), listed)


def test_an_older_version_is_never_chosen() -> None:
    assert not chosen(Selection(), LISTED._replace(is_latest=False))


def test_what_is_not_archived_says_so_and_what_is_unknown_may_be() -> None:
    assert why_not("GLACIER_IR") == "the object is not archived: its storage class is GLACIER_IR"
    assert {why_not(name) for name in ("", "GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING")} == {""}


@pytest.mark.parametrize(
    ("storage_class", "days", "tier", "refused"),
    [
        ("GLACIER", 7, "Expedited", False),
        ("GLACIER", None, "Bulk", True),
        ("DEEP_ARCHIVE", 7, "Bulk", False),
        ("DEEP_ARCHIVE", 7, "Expedited", True),
        ("INTELLIGENT_TIERING", None, "Expedited", False),
        ("INTELLIGENT_TIERING", 7, "Bulk", True),
        ("", None, "Expedited", False),
    ],
)
def test_what_s3_would_refuse_is_refused_before_it_is_asked(
    storage_class: str, days: int | None, tier: str, *, refused: bool
) -> None:
    request = replace(REQUEST, expiration_days=days, tier=tier)
    if not refused:
        check_class(request, storage_class, "photos/k")
        return
    with pytest.raises(JobRefusedError, match=f"photos/k is in {storage_class}, ") as raised:
        check_class(request, storage_class, "photos/k")
    assert raised.value.status == 422


def test_a_listing_tells_of_restores_under_way_and_readable_copies() -> None:
    assert status(seen(LISTED)) is Status.PENDING
    under_way = seen(LISTED._replace(restore_in_progress=True))
    assert status(under_way) is Status.RESTORING
    assert under_way.observation.at == LISTED.listed_at
    readable = seen(LISTED._replace(restore_expires_at="2026-12-01T00:00:00.000Z"))
    assert status(readable) is Status.RESTORED
    assert readable.restore_expires_at == "2026-12-01T00:00:00.000Z"
