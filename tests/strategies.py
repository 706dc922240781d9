"""What Hypothesis draws for the tests of Thaw: keys, times, histories of events, records."""

from datetime import UTC, datetime
from functools import reduce

from hypothesis import strategies as st

from thaw.core import times
from thaw.core.history import NOTHING, Failure, History, Observation, Status, merge
from thaw.core.keys import MAX_KEY_BYTES, NO_VERSION, ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord

AWKWARD_KEYS = (
    "plain.txt",
    "with space.txt",
    " leading and trailing ",
    "a+b=c&d.txt",
    "100%25 sure%.txt",
    "%2F",
    "%",
    "+",
    "\"quoted\" and 'single'",
    "comma,semi;colon.csv",
    "line\nbreak\r\n.txt",
    "tab\there",
    "/leading/slash",
    "//double//slash/",
    "back\\slash",
    "#hash?query",
    "bell\x07 and nul\x00",
    "日本語/写真.jpg",
    "e\u0301 is not \u00e9",
    "emoji \U0001f9ca",
    "../up/./here",
    "k" * MAX_KEY_BYTES,
    "é" * (MAX_KEY_BYTES // 2),
)
"""Keys that S3 allows and somebody mangles."""

HOUR = 3_600_000
START = times.to_millis("2026-11-21T00:00:00.000Z")


def keys() -> st.SearchStrategy[str]:
    """Canonical keys: any Unicode text of 1 to 1,024 bytes."""
    anything = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
    troublesome = st.text(st.sampled_from(" +%/2Ff,\"'\n\\é&=0aZ~*"), min_size=1, max_size=30)
    long = anything.map(lambda text: (text * MAX_KEY_BYTES).encode()[:MAX_KEY_BYTES].decode(errors="ignore"))
    return st.one_of(anything, troublesome, st.sampled_from(AWKWARD_KEYS), long)


def moments() -> st.SearchStrategy[datetime]:
    """UTC datetimes of whole milliseconds."""
    return st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC)).map(  # noqa: DTZ001 # st.datetimes adds the zone
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    )


def timestamps() -> st.SearchStrategy[str]:
    """Fixed-width times within a few days, often equal, often a millisecond apart."""
    hours, milliseconds = st.integers(0, 4), st.integers(0, 2)
    near = st.tuples(hours, milliseconds).map(lambda drawn: START + drawn[0] * HOUR + drawn[1])
    anywhere = st.integers(START, START + 100 * HOUR)
    return st.one_of(near, anywhere).map(times.from_millis)


def failures() -> st.SearchStrategy[Failure]:
    return st.builds(
        Failure,
        timestamps(),
        st.sampled_from(["AccessDenied", "NoSuchKey"]),
        st.sampled_from(["", "no", "why"]),
    )


def event_histories() -> st.SearchStrategy[History]:
    """One event as a history of its own, of any kind; a listing may tell the expiry too."""
    at_any_time = timestamps()
    expiry = st.one_of(st.just(""), at_any_time)

    def completed(at: str, expires_at: str) -> History:
        return History(restore_completed_at=at, restore_expires_at=expires_at)

    def listed(at: str, expires_at: str) -> History:
        return History(restore_expires_at=expires_at, observation=Observation(at, Status.RESTORED))

    return st.one_of(
        at_any_time.map(lambda at: History(restore_requested_at=at)),
        st.builds(completed, at_any_time, expiry),
        at_any_time.map(lambda at: History(restore_expired_at=at)),
        at_any_time.map(lambda at: History(copied_at=at)),
        failures().map(lambda failure: History(failure=failure)),
        at_any_time.map(lambda at: History(observation=Observation(at, Status.RESTORING))),
        st.builds(listed, at_any_time, expiry),
    )


def event_lists(max_size: int = 8) -> st.SearchStrategy[list[History]]:
    """Some events of one object, in any order."""
    return st.lists(event_histories(), max_size=max_size)


def histories() -> st.SearchStrategy[History]:
    """What is known after some events."""
    return event_lists().map(lambda events: reduce(merge, events, NOTHING))


def manifest_entries() -> st.SearchStrategy[ManifestEntry]:
    """What a manifest says of an object; size, class and tier may be unknown."""
    return st.builds(
        ManifestEntry,
        job_id=st.sampled_from(["job-1", "job-2"]),
        bucket=st.sampled_from(["archive", "archive-2"]),
        key=keys(),
        size_bytes=st.one_of(st.none(), st.integers(0, 50 * 1024**4)),
        storage_class=st.sampled_from(
            ["GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING", "GLACIER_VAULT", ""]
        ),
        tier=st.sampled_from(["Expedited", "Standard", "Bulk", ""]),
    )


def records() -> st.SearchStrategy[ObjectRecord]:
    """Records as a table may hold them."""

    def record(entry: ManifestEntry, version_id: str, history: History, revision: int) -> ObjectRecord:
        return ObjectRecord(
            ObjectId(object_path(entry.bucket, entry.key), version_id), entry, history, revision
        )

    versions = st.sampled_from([NO_VERSION, "096fKKXTRTtl3on89fVO.nfljtsv6qko", "v2"])
    return st.builds(record, manifest_entries(), versions, histories(), st.integers(0, 9))
