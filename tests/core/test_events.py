"""Each message S3 and Thaw send is read as its events; what is wrong comes back as a typed error."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import keys
from thaw.core.errors import EventError, MalformedEventError, UnknownEventError
from thaw.core.events import MAX_ERROR_TEXT, EventKind, ObjectEvent, ParsedMessage, parse_message
from thaw.core.history import NOTHING, Failure, History
from thaw.core.keys import Spelling, encode_key

SAMPLES = Path(__file__).parent.parent / "events"
BUCKET = "amzn-s3-demo-bucket"
S3_VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"
EVENTBRIDGE_VERSION = "KKsjUC1.6gIjqtvhfg5AdMI0eCePIiT3"
S3_KEY = "reports/2019/year end (1).csv"
EVENTBRIDGE_KEY = "reports/2019/year end (1)+50%.csv"

COMPLETED = ObjectEvent(
    EventKind.COMPLETED,
    BUCKET,
    S3_KEY,
    S3_VERSION,
    History(restore_completed_at="2026-11-21T07:31:22.014Z", restore_expires_at="2026-11-29T00:00:00.000Z"),
)
BRIDGED = COMPLETED._replace(
    key=EVENTBRIDGE_KEY,
    version_id=EVENTBRIDGE_VERSION,
    history=COMPLETED.history._replace(restore_completed_at="2026-11-21T07:31:22.000Z"),
)
CREATED_COPY = ObjectEvent(
    EventKind.COPIED,
    BUCKET,
    "restored/" + EVENTBRIDGE_KEY,
    "null",
    History(copied_at="2026-11-21T08:00:01.000Z"),
)

EXPECTED: dict[str, list[ObjectEvent]] = {
    "s3-restore-post": [
        ObjectEvent(
            EventKind.REQUESTED,
            BUCKET,
            S3_KEY,
            S3_VERSION,
            History(restore_requested_at="2026-11-21T03:04:05.678Z"),
        )
    ],
    "s3-restore-completed": [COMPLETED],
    "s3-restore-completed-intelligent-tiering": [
        ObjectEvent(
            EventKind.COMPLETED,
            BUCKET,
            "tiered/a.bin",
            "null",
            History(restore_completed_at="2026-11-21T07:31:22.014Z"),
        )
    ],
    "s3-restore-delete": [
        ObjectEvent(
            EventKind.EXPIRED,
            BUCKET,
            S3_KEY,
            S3_VERSION,
            History(restore_expired_at="2026-11-29T02:10:00.500Z"),
        )
    ],
    "s3-created-copy": [
        ObjectEvent(
            EventKind.COPIED,
            BUCKET,
            "restored/2019/year end (1).csv",
            "xVoqPsU1hZ2Fq9mLuk3GkYdEXAMPLE",
            History(copied_at="2026-11-21T08:00:01.250Z"),
        )
    ],
    "s3-created-multipart": [
        ObjectEvent(
            EventKind.COPIED,
            BUCKET,
            "restored/2019/scan+6GB.tif",
            "null",
            History(copied_at="2026-11-21T08:05:44.900Z"),
        )
    ],
    "s3-created-put": [ObjectEvent(EventKind.CREATED, BUCKET, "incoming/new%file.txt", "null", NOTHING)],
    "s3-several-records": [
        ObjectEvent(
            EventKind.REQUESTED,
            BUCKET,
            "a.bin",
            "null",
            History(restore_requested_at="2026-11-21T03:04:05.678Z"),
        ),
        COMPLETED._replace(key="写真/b.bin"),
        ObjectEvent(
            EventKind.COPIED,
            BUCKET,
            "restored/c.bin",
            "null",
            History(copied_at="2026-11-21T08:00:01.250Z"),
        ),
    ],
    "s3-test-event": [],
    "eventbridge-restore-initiated": [
        BRIDGED._replace(
            kind=EventKind.REQUESTED, history=History(restore_requested_at="2026-11-21T03:04:05.000Z")
        )
    ],
    "eventbridge-restore-completed": [BRIDGED],
    "eventbridge-restore-completed-intelligent-tiering": [
        ObjectEvent(
            EventKind.COMPLETED,
            BUCKET,
            "tiered/a.bin",
            "null",
            History(restore_completed_at="2026-11-21T07:31:22.000Z"),
        )
    ],
    "eventbridge-restore-expired": [
        BRIDGED._replace(
            kind=EventKind.EXPIRED, history=History(restore_expired_at="2026-11-29T02:10:00.000Z")
        )
    ],
    "eventbridge-created-copy": [CREATED_COPY],
    "eventbridge-created-multipart": [CREATED_COPY],
    "eventbridge-created-put": [CREATED_COPY._replace(kind=EventKind.CREATED, history=NOTHING)],
    "sns-s3-notification": [COMPLETED],
    "sns-eventbridge": [BRIDGED],
    "thaw-restore-failed": [
        ObjectEvent(
            EventKind.FAILED,
            BUCKET,
            EVENTBRIDGE_KEY,
            "null",
            History(
                failure=Failure(
                    "2026-11-21T04:00:00.123Z",
                    "GlacierExpeditedRetrievalNotAvailable",
                    "Glacier expedited retrievals are currently not available, please try again later",
                )
            ),
        )
    ],
    "thaw-copy-failed": [
        BRIDGED._replace(
            kind=EventKind.FAILED,
            history=History(failure=Failure("2026-11-21T04:00:00.123Z", "AccessDenied", "Access Denied")),
        )
    ],
}

NOTIFICATION_FIELDS = (
    "eventName",
    "eventTime",
    "s3",
    "s3.bucket",
    "s3.bucket.name",
    "s3.object",
    "s3.object.key",
)
EVENTBRIDGE_FIELDS = (
    "time",
    "detail",
    "detail.bucket",
    "detail.bucket.name",
    "detail.object",
    "detail.object.key",
)
FAILURE_FIELDS = (*EVENTBRIDGE_FIELDS, "detail.error", "detail.error.code", "detail.error.message")
OPTIONAL_FIELDS = {
    "s3-restore-completed": (
        "s3.object.versionId",
        "glacierEventData",
        "glacierEventData.restoreEventData",
        "glacierEventData.restoreEventData.lifecycleRestorationExpiryTime",
    ),
    "eventbridge-restore-completed": ("detail.object.version-id", "detail.restore-expiry-time"),
}
FOLLOWED = {
    "s3-restore-post": NOTIFICATION_FIELDS,
    "s3-restore-completed": NOTIFICATION_FIELDS,
    "s3-restore-delete": NOTIFICATION_FIELDS,
    "s3-created-copy": NOTIFICATION_FIELDS,
    "eventbridge-restore-initiated": EVENTBRIDGE_FIELDS,
    "eventbridge-restore-completed": EVENTBRIDGE_FIELDS,
    "eventbridge-restore-expired": EVENTBRIDGE_FIELDS,
    "eventbridge-created-copy": (*EVENTBRIDGE_FIELDS, "detail.reason"),
    "thaw-restore-failed": FAILURE_FIELDS,
    "thaw-copy-failed": FAILURE_FIELDS,
}
REQUIRED = [(sample, field) for sample, fields in FOLLOWED.items() for field in fields]


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def parent_of(message: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The object that holds the last name of `path` in the first (or only) event of `message`."""
    document = message["Records"][0] if "Records" in message else message
    *parents, name = path.split(".")
    for parent in parents:
        document = document[parent]
    return document, name


def without(name: str, path: str) -> str:
    message = sample(name)
    parent, field = parent_of(message, path)
    del parent[field]
    return json.dumps(message)


def with_value(name: str, path: str, value: object) -> str:
    message = sample(name)
    parent, field = parent_of(message, path)
    parent[field] = value
    return json.dumps(message)


def only_error(parsed: ParsedMessage) -> EventError:
    assert not parsed.events, "nothing may be read out of a message that is wrong"
    assert len(parsed.errors) == 1
    return parsed.errors[0]


def test_every_sample_is_expected_to_hold_something() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_as_its_events(name: str) -> None:
    assert parse_message((SAMPLES / f"{name}.json").read_text()) == (EXPECTED[name], [])


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("CopyObject", EventKind.COPIED),
        ("CompleteMultipartUpload", EventKind.COPIED),
        ("PutObject", EventKind.CREATED),
        ("POST Object", EventKind.CREATED),
        ("SomethingNew", EventKind.CREATED),
    ],
)
def test_only_copies_and_multipart_uploads_count_as_copied(reason: str, kind: EventKind) -> None:
    [event] = parse_message(with_value("eventbridge-created-copy", "detail.reason", reason)).events
    assert event.kind is kind
    assert bool(event.history.copied_at) == (kind is EventKind.COPIED)


@pytest.mark.parametrize("name", ["ObjectCreated:Post", "s3:ObjectCreated:Put"])
def test_an_upload_is_no_news_of_an_archived_object(name: str) -> None:
    [event] = parse_message(with_value("s3-created-put", "eventName", name)).events
    assert event.kind is EventKind.CREATED
    assert event.history == NOTHING


def test_a_test_event_inside_an_envelope_holds_nothing() -> None:
    body = json.dumps({"Type": "Notification", "Message": json.dumps(sample("s3-test-event"))})
    assert parse_message(body) == ([], [])


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in OPTIONAL_FIELDS.items() for path in paths]
)
def test_what_only_some_events_have_may_be_absent(name: str, path: str) -> None:
    [event] = parse_message(without(name, path)).events
    versionless = path.rpartition(".")[2] in {"versionId", "version-id"}
    assert (event.version_id == "null") == versionless
    assert bool(event.history.restore_expires_at) == versionless
    assert event.history.restore_completed_at


@pytest.mark.parametrize("empty", ["", "null", None])
@pytest.mark.parametrize(
    ("name", "path"),
    [("s3-restore-post", "s3.object.versionId"), ("eventbridge-restore-expired", "detail.object.version-id")],
)
def test_no_version_is_spelled_null(name: str, path: str, empty: str | None) -> None:
    [event] = parse_message(with_value(name, path, empty)).events
    assert event.version_id == "null"


@pytest.mark.parametrize(("name", "path"), REQUIRED)
def test_a_missing_field_is_named(name: str, path: str) -> None:
    error = only_error(parse_message(without(name, path)))
    assert type(error) is MalformedEventError
    assert path.rpartition(".")[2] in str(error)


WRONG: tuple[object, ...] = (None, 5, 1.5, True, ["x"], {"x": 1}, [])


@pytest.mark.parametrize("value", WRONG, ids=repr)
@pytest.mark.parametrize(("name", "path"), REQUIRED)
def test_a_field_of_the_wrong_type_is_named(name: str, path: str, value: object) -> None:
    error = only_error(parse_message(with_value(name, path, value)))
    assert type(error) is MalformedEventError
    if path == "detail.error" and value in (None, {"x": 1}):
        assert "The event cannot be read: " in str(error)
    else:
        assert f"The event needs text in `{path}" in str(error)


@pytest.mark.parametrize("value", [5, ["x"], {"x": 1}], ids=repr)
@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in OPTIONAL_FIELDS.items() for path in paths]
)
def test_an_optional_field_must_still_be_right(name: str, path: str, value: object) -> None:
    parsed = parse_message(with_value(name, path, value))
    if isinstance(value, dict) and path.startswith("glacierEventData") and not path.endswith("Time"):
        assert parsed.events[0].history.restore_expires_at == ""
        return
    error = only_error(parsed)
    assert type(error) is MalformedEventError
    assert f"needs text in `{path}" in str(error)


@pytest.mark.parametrize(
    ("name", "path", "value", "sentence"),
    [
        ("s3-restore-post", "s3.bucket.name", 5, "The event needs text in `s3.bucket.name`, got 5."),
        ("s3-restore-post", "s3.object.key", None, "needs text in `s3.object.key`, got nothing."),
        (
            "s3-restore-post",
            "eventTime",
            "yesterday",
            "'yesterday' is no time like 2026-11-21T03:04:05.678Z.",
        ),
        ("s3-restore-post", "eventTime", "2026-11-21T03:04:05", "has no time zone"),
        ("s3-restore-post", "eventTime", "0001-01-01T00:00:00+23:59", "outside the years 1 to 9999"),
        ("s3-restore-post", "s3.object.key", "50%", "write a percent sign as %25"),
        ("s3-restore-post", "s3.object.key", "%FF", "does not decode to UTF-8"),
        ("s3-restore-post", "s3.object.key", "", "S3 keys have 1 to 1024"),
        ("eventbridge-restore-initiated", "detail.object.key", "k" * 1025, "has 1025 bytes"),
        ("eventbridge-restore-initiated", "detail.object.key", "\ud800", "that UTF-8 can hold"),
        (
            "eventbridge-restore-initiated",
            "detail",
            "text",
            "needs text in `detail.bucket.name`, got 'text'.",
        ),
        ("eventbridge-restore-completed", "detail.restore-expiry-time", "soon", "'soon' is no time"),
        ("thaw-copy-failed", "detail.error", "oops", "needs text in `detail.error.code`, got 'oops'."),
    ],
)
def test_a_message_says_what_was_expected(name: str, path: str, value: object, sentence: str) -> None:
    error = only_error(parse_message(with_value(name, path, value)))
    assert type(error) is MalformedEventError
    assert sentence in str(error)


@pytest.mark.parametrize(
    ("name", "path", "value", "expected"),
    [
        ("s3-restore-post", "eventName", "ObjectRemoved:Delete", "ObjectRestore:Post"),
        ("s3-restore-post", "eventName", "ObjectTagging:Put", "ObjectCreated:Copy"),
        ("eventbridge-restore-initiated", "detail-type", "Object Tags Added", "Object Restore Expired"),
        ("eventbridge-restore-initiated", "detail-type", "Object Deleted", "Object Created"),
    ],
)
def test_an_event_that_is_not_followed_is_unknown_and_says_what_is(
    name: str, path: str, value: str, expected: str
) -> None:
    error = only_error(parse_message(with_value(name, path, value)))
    assert type(error) is UnknownEventError
    assert f"{value!r} is not followed; expected one of" in str(error)
    assert expected in str(error)


def test_an_event_of_another_service_is_unknown_whatever_its_detail() -> None:
    scheduled: dict[str, object] = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    assert type(only_error(parse_message(json.dumps(scheduled)))) is UnknownEventError


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[1]",
        "5",
        "null",
        '"text"',
        "[" * 200_000,
        '{"a":' * 200_000,
        '{"Records": {}}',
        '{"Records": null}',
        '{"Records": "x"}',
        '{"Type": "Notification", "Message": "hello"}',
        '{"Type": "Notification", "Message": 5}',
        '{"Type": "Notification", "Message": "[]"}',
    ],
    ids=lambda body: body[:40],
)
def test_a_message_that_is_no_event_document_is_malformed(body: str) -> None:
    error = only_error(parse_message(body))
    assert type(error) is MalformedEventError
    assert "expected an S3 notification with `Records`" in str(error)


@pytest.mark.parametrize("body", ['{"hello": 1}', "{}", '{"Event": "other"}', '{"Type": "Notification"}'])
def test_a_json_object_of_another_kind_is_unknown(body: str) -> None:
    error = only_error(parse_message(body))
    assert type(error) is UnknownEventError
    assert "an EventBridge event with `detail-type`" in str(error)


def test_bad_records_among_good_ones_come_back_alone() -> None:
    good = sample("s3-several-records")["Records"]
    unknown = copy.deepcopy(good[0]) | {"eventName": "ObjectRemoved:Delete"}
    broken = copy.deepcopy(good[0]) | {"s3": {}}
    body = json.dumps({"Records": [good[0], unknown, good[1], broken, "text", good[2]]})
    parsed = parse_message(body)
    assert parsed.events == EXPECTED["s3-several-records"]
    assert [type(error) for error in parsed.errors] == [
        UnknownEventError,
        MalformedEventError,
        MalformedEventError,
    ]
    assert [str(error)[:15] for error in parsed.errors] == [
        "Record 2 of 6: ",
        "Record 4 of 6: ",
        "Record 5 of 6: ",
    ]


def test_no_records_are_no_events() -> None:
    assert parse_message('{"Records": []}') == ([], [])


def test_a_long_error_message_is_cut() -> None:
    [event] = parse_message(with_value("thaw-copy-failed", "detail.error.message", "x" * 5000)).events
    assert event.history.failure.error_message == "x" * MAX_ERROR_TEXT


@given(key=keys())
def test_the_key_of_a_notification_is_decoded_and_that_of_eventbridge_is_not(key: str) -> None:
    written = encode_key(key, Spelling.S3_NOTIFICATION)
    [notified] = parse_message(with_value("s3-restore-post", "s3.object.key", written)).events
    [bridged] = parse_message(with_value("eventbridge-restore-initiated", "detail.object.key", key)).events
    assert notified.key == bridged.key == key


def paths_of(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(document, dict):
        children: list[tuple[Any, Any]] = list(document.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] # any JSON
    elif isinstance(document, list):
        children = list(enumerate(document))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] # any JSON
    else:
        children = []
    for name, child in children:
        yield (*path, name)
        yield from paths_of(child, (*path, name))


PLACES = [(name, path) for name in EXPECTED for path in paths_of(sample(name))]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=1000)
def test_whatever_stands_anywhere_in_a_message_nothing_is_raised(
    place: tuple[str, tuple[str | int, ...]], value: object
) -> None:
    name, path = place
    message = sample(name)
    parent: Any = message
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    parsed = parse_message(json.dumps(message))
    for event in parsed.events:
        assert all(isinstance(text, str) for text in (event.bucket, event.key, event.version_id))
        assert all(isinstance(text, str) for text in event.history[:5] + event.history.failure)
