"""An event finds the record it is about: its own version, the unversioned record, or a copy's source."""

import pytest

from thaw.core.copies import CopyRule
from thaw.core.errors import KeySpellingError
from thaw.core.events import EventKind, ObjectEvent
from thaw.core.history import NOTHING, History, Observation, Status
from thaw.core.keys import NO_VERSION, ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.targets import Target, copied_versions, target_of

ENTRY = ManifestEntry("job-1", "archive", "a.bin", 1, "GLACIER", "Bulk")
AT = "2026-11-21T06:00:00.000Z"
BEFORE = "2026-11-21T05:00:00.000Z"
AFTER = "2026-11-21T07:00:00.000Z"
READABLE = History(restore_completed_at=BEFORE)
COPIED = History(copied_at=AT)


def event(kind: EventKind, bucket: str, key: str, version_id: str) -> ObjectEvent:
    return ObjectEvent(kind, bucket, key, version_id, NOTHING)


def versions(*histories: History) -> list[ObjectRecord]:
    return [
        ObjectRecord(ObjectId("archive/a.bin", f"v{number}"), ENTRY, history, 0)
        for number, history in enumerate(histories)
    ]


@pytest.mark.parametrize(
    "kind", [EventKind.REQUESTED, EventKind.COMPLETED, EventKind.EXPIRED, EventKind.FAILED]
)
def test_a_restore_event_is_about_its_version_else_the_unversioned_record(kind: EventKind) -> None:
    exact, unversioned = ObjectId("archive/a.bin", "v1"), ObjectId("archive/a.bin", NO_VERSION)
    assert target_of(event(kind, "archive", "a.bin", "v1"), ()) == Target((exact, unversioned))
    assert target_of(event(kind, "archive", "a.bin", NO_VERSION), ()) == Target((unversioned,))


def test_a_copy_is_about_the_sources_its_rules_name_whatever_its_own_version() -> None:
    rules = (CopyRule("archive", "", "working", "restored/"),)
    paths = ("archive/a.bin", "working/restored/a.bin")
    copy = event(EventKind.COPIED, "working", "restored/a.bin", "new")._replace(history=COPIED)
    assert target_of(copy, rules) == Target(tuple(ObjectId(path, NO_VERSION) for path in paths), paths, AT)


def test_copies_made_at_different_times_are_different_targets() -> None:
    copy = event(EventKind.COPIED, "archive", "a.bin", NO_VERSION)
    first, second = (copy._replace(history=History(copied_at=at)) for at in (BEFORE, AT))
    assert target_of(first, ()) != target_of(second, ())


@pytest.mark.parametrize("bucket", ["", "a/b", "b" * 256, "büro"])
@pytest.mark.parametrize("kind", [EventKind.REQUESTED, EventKind.COPIED])
def test_an_event_of_an_impossible_bucket_is_refused(bucket: str, kind: EventKind) -> None:
    with pytest.raises(KeySpellingError, match="is no bucket name"):
        target_of(event(kind, bucket, "a.bin", NO_VERSION), ())


@pytest.mark.parametrize("version_id", ["v" * 1025, "vé"])
def test_an_event_of_an_impossible_version_is_refused(version_id: str) -> None:
    with pytest.raises(KeySpellingError, match="S3 version ids have at most 1024, all of them ASCII"):
        target_of(event(EventKind.REQUESTED, "archive", "a.bin", version_id), ())


def test_the_longest_bucket_and_version_are_taken() -> None:
    found = target_of(event(EventKind.REQUESTED, "b" * 255, "a.bin", "v" * 1024), ())
    assert found.ids[0] == ObjectId("b" * 255 + "/a.bin", "v" * 1024)


@pytest.mark.parametrize(
    ("histories", "copied"),
    [
        ([], []),
        ([NOTHING], [0]),
        ([COPIED], [0]),
        ([NOTHING, READABLE], [1]),
        ([History(restore_completed_at=AFTER), READABLE], [1]),
        ([READABLE, History(observation=Observation(BEFORE, Status.RESTORED))], [0, 1]),
        ([READABLE, COPIED], [1]),
        ([READABLE, History(copied_at="2026-11-21T06:00:00.999Z")], [1]),
        ([READABLE, READABLE._replace(copied_at=BEFORE)], [0]),
        ([READABLE._replace(restore_expired_at=AT), READABLE], [1]),
        ([READABLE._replace(restore_expired_at=AFTER), NOTHING], [0]),
        ([READABLE, READABLE], [0, 1]),
        ([NOTHING, NOTHING], [0, 1]),
    ],
)
def test_a_copy_is_of_the_version_that_was_readable(histories: list[History], copied: list[int]) -> None:
    tracked = versions(*histories)
    assert copied_versions(tracked, AT) == [tracked[number] for number in copied]
