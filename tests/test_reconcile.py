"""Reconciling: every page of a listing is read, what was lost is healed, and nothing else is touched."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.dynamodb import OBJECTS, ROLLUPS, Call, FakeDynamoDB, Fault, client_error
from tests.fakes.s3 import FakeS3
from tests.store.tables import COMPLETION, REQUEST, assert_exact, history_of, record, tables, writer
from thaw.core.copies import CopyRule
from thaw.core.history import Status, merge, status
from thaw.reconcile import Reconciled, Reconciler
from thaw.store.reader import RecordReader

JOB_BEGAN = "2026-11-21T00:00:00.000Z"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
EXPIRES = datetime(2026, 11, 28, tzinfo=UTC)
COPIED = datetime(2026, 11, 21, 8, tzinfo=UTC)
OLD = datetime(2019, 7, 1, tzinfo=UTC)
RESTORED = merge(REQUEST, COMPLETION)


def item(key: str, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Size": 1000, "StorageClass": "GLACIER", "LastModified": OLD, **more}


def in_progress(key: str, **more: Any) -> dict[str, Any]:
    return item(key, RestoreStatus={"IsRestoreInProgress": True}, **more)


def readable(key: str, **more: Any) -> dict[str, Any]:
    return item(key, RestoreStatus={"IsRestoreInProgress": False, "RestoreExpiryDate": EXPIRES}, **more)


def copied(key: str, **more: Any) -> dict[str, Any]:
    return {**item(key), "StorageClass": "STANDARD", "LastModified": COPIED, **more}


def reconcile(fake: FakeDynamoDB, s3: FakeS3, bucket: str, rules: Sequence[CopyRule] = ()) -> Reconciled:
    reader = RecordReader(fake.client, OBJECTS, lambda _: None)
    reconciler = Reconciler(s3.client, reader, writer(fake), rules, lambda _: JOB_BEGAN, lambda: NOW)
    return reconciler.run(bucket, "", lambda _: None)


def test_lost_events_on_every_page_are_healed_with_exact_counters() -> None:
    fake = tables([record("a"), record("b", history=REQUEST), record("c", history=RESTORED), record("d")])
    s3 = FakeS3(
        {"archive": [[in_progress("a"), readable("b")], [], [copied("c"), item("d"), item("stranger")]]}
    )
    result = reconcile(fake, s3, "archive")
    assert result == Reconciled(5, Counter({"restoring": 1, "restored": 1, "copied": 1}), {})
    statuses = {key: status(history_of(fake, key)) for key in "abcd"}
    assert statuses == {
        "a": Status.RESTORING, "b": Status.RESTORED, "c": Status.COPIED, "d": Status.PENDING
    }  # fmt: skip
    assert_exact(fake)


def test_a_second_run_finds_nothing_and_writes_nothing() -> None:
    fake = tables([record("a")])
    s3 = FakeS3({"archive": [[readable("a")]]})
    reconcile(fake, s3, "archive")
    writes = fake.count("TransactWriteItems")
    assert reconcile(fake, s3, "archive").healed.total() == 0
    assert fake.count("TransactWriteItems") == writes


def test_an_unversioned_bucket_takes_a_batch_read_and_no_query_for_each_object() -> None:
    fake = tables([record("a")])
    page = [copied(f"stranger-{number}") for number in range(300)]
    reconcile(fake, FakeS3({"archive": [[*page, readable("a")]]}), "archive")
    assert fake.count("BatchGetItem") == 4 + 1, "301 keys, and the writer's own read of the one to heal"
    assert fake.count("Query") == 0


def test_the_listing_asks_for_the_restore_status() -> None:
    s3 = FakeS3({"archive": [[]], "tapes": [[]]}, versioned=frozenset({"tapes"}))
    reconcile(tables([]), s3, "archive")
    reconcile(tables([]), s3, "tapes")
    assert [(call["operation"], call["OptionalObjectAttributes"]) for call in s3.listings] == [
        ("list_objects_v2", ["RestoreStatus"]),
        ("list_object_versions", ["RestoreStatus"]),
    ]


def test_each_version_heals_its_own_record_and_a_new_one_its_source() -> None:
    fake = tables([record("a", "v1"), record("b", "v1", RESTORED)])
    page = [readable("a", VersionId="v1"), item("b", VersionId="v1"), copied("b", VersionId="v2")]
    s3 = FakeS3({"archive": [page]}, versioned=frozenset({"archive"}))
    reconcile(fake, s3, "archive")
    assert status(history_of(fake, "a", "v1")) is Status.RESTORED
    assert status(history_of(fake, "b", "v1")) is Status.COPIED
    assert_exact(fake)


def test_copies_elsewhere_are_found_by_the_rules() -> None:
    fake = tables([record("2019/a", history=RESTORED)])
    rule = CopyRule("archive", "2019/", "live", "from-archive/")
    result = reconcile(fake, FakeS3({"live": [[copied("from-archive/a"), copied("own")]]}), "live", [rule])
    assert result.healed == Counter(copied=1)
    assert status(history_of(fake, "2019/a")) is Status.COPIED


def test_objects_that_could_not_be_read_are_in_the_errors() -> None:
    fake = tables([record("a")])
    throttled = client_error("BatchGetItem", "ProvisionedThroughputExceededException")

    def fail(call: Call) -> Fault | None:
        return Fault(before=throttled) if call.operation == "BatchGetItem" else None

    fake.on_call = fail
    result = reconcile(fake, FakeS3({"archive": [[readable("a")]]}), "archive")
    assert isinstance(result.errors["archive/a"], ClientError)
    assert not fake.tables[ROLLUPS]
