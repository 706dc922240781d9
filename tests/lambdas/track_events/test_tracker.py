"""A batch of messages becomes changed records and an answer for each message."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from lambdas.track_events.tracker import Message, Tracked, track
from tests.fakes.dynamodb import OBJECTS, FakeDynamoDB, Fault, client_error
from tests.lambdas.messages import body, completed, copied, requested, sample
from tests.store.tables import (
    COMPLETION,
    COPY,
    REQUEST,
    assert_exact,
    history_of,
    item_of,
    record,
    stored,
    tables,
    writer,
)
from thaw.core.copies import CopyRule
from thaw.core.history import Status, merge
from thaw.core.keys import NO_VERSION, ObjectId, object_path
from thaw.core.records import ManifestEntry, ObjectRecord

DEMO_BUCKET = "amzn-s3-demo-bucket"
RULES = (CopyRule(DEMO_BUCKET, "reports/", DEMO_BUCKET, "restored/"),)


def _track(fake: FakeDynamoDB, bodies: Mapping[str, str]) -> Tracked:
    tracked = track([Message(*pair) for pair in bodies.items()], RULES, writer(fake))
    assert_exact(fake)
    return tracked


def _counts(applied: int = 0, unchanged: int = 0, untracked: int = 0, ignored: int = 0) -> Counter[str]:
    names = ("AppliedEvents", "UnchangedEvents", "UntrackedEvents", "IgnoredEvents")
    return Counter(dict(zip(names, (applied, unchanged, untracked, ignored), strict=True)))


def _in_demo_bucket(key: str, version_id: str = NO_VERSION) -> ObjectRecord:
    entry = ManifestEntry("job-1", DEMO_BUCKET, key, 1024, "GLACIER", "Bulk")
    return record(key)._replace(id=ObjectId(object_path(DEMO_BUCKET, key), version_id), entry=entry)


def test_a_life_in_three_batches() -> None:
    fake = tables([record("a b+c.csv")])
    for event, expected in (
        (requested("a b+c.csv"), Status.RESTORING),
        (completed("a b+c.csv"), Status.RESTORED),
        (copied("a b+c.csv"), Status.COPIED),
    ):
        assert _track(fake, {"m": body(event)}) == Tracked({}, {}, _counts(applied=1))
        (one,) = stored(fake).values()
        assert one.status is expected


def test_all_events_of_an_object_in_a_batch_are_one_write() -> None:
    fake = tables([record("a")])
    events = [body(copied("a")), body(requested("a"), completed("a")), body(requested("a"))]
    assert _track(fake, dict(zip("xyz", events, strict=True))).counts == _counts(applied=4)
    assert fake.count("TransactWriteItems") == 1
    assert history_of(fake, "a") == merge(merge(REQUEST, COMPLETION), COPY)


def test_every_event_is_counted_by_its_outcome() -> None:
    fake = tables([record("a"), record("b", history=REQUEST)])
    bodies = {
        "1": body(requested("a"), requested("b")),
        "2": body(requested("c")),
        "3": sample("s3-created-put"),
    }
    assert _track(fake, bodies) == Tracked({}, {}, _counts(applied=1, unchanged=1, untracked=1, ignored=1))


def test_a_version_has_its_own_record_and_others_share_the_one_without() -> None:
    fake = tables([record("a", "v1"), record("a")])
    bodies = {"1": body(requested("a", "v1")), "2": body(completed("a", "v2")), "3": body(completed("a"))}
    assert _track(fake, bodies).counts == _counts(applied=3)
    assert (history_of(fake, "a", "v1"), history_of(fake, "a")) == (REQUEST, COMPLETION)


def test_a_batch_without_events_asks_nothing() -> None:
    fake = tables([])
    bodies = {"test": sample("s3-test-event"), "upload": sample("eventbridge-created-put")}
    assert _track(fake, bodies) == Tracked({}, {}, _counts(ignored=1))
    assert fake.calls == []


def test_real_shaped_events_of_every_kind_find_their_records() -> None:
    names = [
        *("s3-restore-post", "s3-restore-completed", "s3-restore-delete", "s3-created-copy"),
        *("s3-created-multipart", "s3-several-records", "eventbridge-restore-initiated"),
        *("eventbridge-restore-completed", "eventbridge-restore-expired", "eventbridge-created-copy"),
        *("eventbridge-created-multipart", "sns-eventbridge", "sns-s3-notification"),
        *("thaw-copy-failed", "thaw-restore-failed"),
    ]
    parsed = [_sampled(sample(name)) for name in names]
    fake = tables({one.id: one for ones in parsed for one in ones}.values())
    tracked = _track(fake, {name: sample(name) for name in names})
    assert (tracked.poison, tracked.failed) == ({}, {})
    assert tracked.counts["UntrackedEvents"] == 0
    assert tracked.counts["AppliedEvents"] == sum(map(len, parsed))


def _sampled(text: str) -> list[ObjectRecord]:
    """The records that a sample's events are about, its keys read by hand."""
    document = json.loads(text)
    if "Message" in document:
        return _sampled(document["Message"])
    if "detail" in document:
        return [_in_demo_bucket(document["detail"]["object"]["key"])]
    return [_in_demo_bucket(unquote_plus(one["s3"]["object"]["key"])) for one in document["Records"]]


def test_what_is_good_in_a_poison_message_is_applied() -> None:
    fake = tables([record("a"), record("b")])
    bodies = {
        "bad": body(requested("a"), beside=[{"eventName": "ObjectRestore:Post"}]),
        "good": body(requested("b")),
    }
    tracked = _track(fake, bodies)
    assert tracked.failed == {}
    assert tracked.counts == _counts(applied=2)
    assert tracked.poison.keys() == {"bad"}
    assert tracked.poison["bad"].startswith("Record 2 of 2: The event ")


def test_all_that_is_wrong_with_a_message_is_told() -> None:
    twice = body(beside=[{}, {"eventName": "ObjectTagging:Put"}])
    reason = _track(tables([]), {"bad": twice}).poison["bad"]
    assert "Record 1 of 2: " in reason
    assert "Record 2 of 2: S3 event 'ObjectTagging:Put' is not followed" in reason


def test_a_bucket_that_cannot_be_is_poison() -> None:
    event = requested("a")._replace(bucket="a/b")
    tracked = _track(tables([record("a")]), {"bad": body(event), "good": body(requested("a"))})
    assert tracked.poison == {"bad": "'a/b' is no bucket name; it must be non-empty and hold no slash."}
    assert tracked.counts == _counts(applied=1)


def test_ids_that_no_table_can_hold_poison_nobody_else() -> None:
    bodies = {
        "bucket": body(requested("a")._replace(bucket="b" * 2000)),
        "version": body(requested("a", "v" * 2000)),
        "type": json.dumps({"Records": [{**requested("a").document(), "s3": _s3(name=["archive"])}]}),
        "number": json.dumps({"Records": [{**requested("a").document(), "s3": _s3(version_id=7)}]}),
        "surrogate": json.dumps({"Records": [{**requested("a").document(), "s3": _s3(version_id="\ud800")}]}),
        "good": body(requested("a")),
    }
    tracked = _track(tables([record("a")]), bodies)
    assert tracked.poison.keys() == bodies.keys() - {"good"}
    assert (tracked.failed, tracked.counts) == ({}, _counts(applied=1))


def _s3(name: Any = "archive", version_id: Any = None) -> dict[str, Any]:
    return {"bucket": {"name": name}, "object": {"key": "a", "versionId": version_id}}


def test_messages_of_an_object_that_could_not_be_written_fail_and_no_others() -> None:
    fake = tables([record("a"), record("b")])
    fake.tables[OBJECTS][record("a").id] = {**item_of(record("a")), "size_bytes": {"N": "many"}}
    bodies = {"1": body(requested("a")), "2": body(requested("b")), "3": body(completed("a"), completed("b"))}
    tracked = track([Message(*pair) for pair in bodies.items()], RULES, writer(fake))
    assert tracked.failed.keys() == {"1", "3"}
    assert tracked.failed["1"].startswith("MalformedItemError: Item {'object_path': {'S': 'archive/a'}")
    assert tracked.counts == _counts(applied=2)


def test_the_reason_of_a_service_error_names_it() -> None:
    fake = tables([record("a")])
    error = client_error("BatchGetItem", "ThrottlingException", "slow down")
    fake.on_call = lambda _: Fault(before=error)
    assert _track(fake, {"m": body(requested("a"))}).failed == {
        "m": "ClientError: An error occurred (ThrottlingException) when calling the BatchGetItem operation:"
        " slow down"
    }


def test_an_object_nobody_asked_for_stays_unknown() -> None:
    fake = tables([record("a")])
    before = fake.items(OBJECTS)
    elsewhere = completed("a")._replace(bucket="elsewhere")
    bodies = {"1": body(requested("x")), "2": body(copied("y")), "3": body(elsewhere)}
    assert _track(fake, bodies).counts == _counts(untracked=3)
    assert fake.items(OBJECTS) == before
