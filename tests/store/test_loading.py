"""Loading: records come once, from nowhere or from jobs that are over; and can be taken out again."""

from collections.abc import Callable

import pytest

from tests.fakes.dynamodb import JOBS, OBJECTS, Call, FakeDynamoDB, Fault
from tests.store.loads import NOW, TABLES, asked, assert_totals, begin, load, loader, turn
from tests.store.tables import (
    COMPLETION,
    COPY,
    REQUEST,
    assert_exact,
    left,
    noted,
    recomputed,
    record,
    stored,
    tables,
    target,
    writer,
)
from thaw.core.archives import VAULT_CLASS
from thaw.core.history import NOTHING, Failure, History, Observation, Status, merge
from thaw.core.job_states import JobStatus
from thaw.core.jobs import Totals
from thaw.core.keys import ObjectId
from thaw.core.lives import Place
from thaw.core.records import ObjectRecord
from thaw.core.rollups import CounterKey
from thaw.core.times import to_millis
from thaw.store.backoff import MAX_ATTEMPTS
from thaw.store.errors import ContentionError, ForeignRecordError, WriteRefusedError
from thaw.store.ledgers import read_left, read_loaded
from thaw.store.loading import Load, LoadedObject, Loader
from thaw.store.moves import LEDGER_SLOTS
from thaw.store.writer import Outcome

RESTORED = merge(REQUEST, COMPLETION)
FAILED = History(failure=Failure("2026-11-21T09:00:00.000Z", "AccessDenied", "no"))
SINCE = "2026-11-22T00:00:00.000Z"
LATER = "2026-11-23T00:00:00.000Z"


def _places(loaded: list[LoadedObject]) -> dict[str, Place]:
    return {each.record.entry.key: each.place for each in loaded}


def _record(fake: FakeDynamoDB, key: str) -> ObjectRecord:
    return stored(fake)[ObjectId(f"archive/{key}", "null")]


def _old_job(fake: FakeDynamoDB, *histories: History) -> list[str]:
    """Job `old` has objects of these histories, and is under way; returns their keys."""
    begin(fake, "old")
    keys = [f"{number}.csv" for number in range(len(histories))]
    load(fake, asked("old", *keys), now="2026-11-20T00:00:00.000Z")
    news = {target(key): history for key, history in zip(keys, histories, strict=True) if history != NOTHING}
    assert set(writer(fake).apply(news).values()) <= {Outcome.APPLIED}
    assert_exact(fake)
    return keys


def test_objects_that_nobody_has_get_records_and_totals() -> None:
    fake = FakeDynamoDB()
    loaded = load(fake, asked("new", "a", "b"), run=3)
    assert _places(loaded) == {"a": Place.REQUESTS, "b": Place.REQUESTS}
    assert [each.record for each in loaded] == [_record(fake, "a"), _record(fake, "b")]
    (item, _) = fake.items(OBJECTS)
    assert item == {
        "object_path": {"S": "archive/a"},
        "version_id": {"S": "null"},
        "job_id": {"S": "new"},
        "bucket": {"S": "archive"},
        "key": {"S": "a"},
        "size_bytes": {"N": "1000"},
        "storage_class": {"S": "GLACIER"},
        "tier": {"S": "Bulk"},
        "status": {"S": "PENDING"},
        "revision": {"N": str(to_millis(NOW))},
        "run": {"N": "3"},
    }
    assert read_loaded(fake.client, JOBS, "new") == {"GLACIER": Totals(2, 2000)}
    assert_totals(fake)


def test_what_a_listing_showed_is_counted_from_the_beginning() -> None:
    fake = FakeDynamoDB()
    seen = History(
        restore_expires_at="2026-11-28T00:00:00.000Z",
        observation=Observation("2026-11-21T23:00:00.000Z", Status.RESTORED),
    )
    assert _places(load(fake, asked("new", "a", history=seen))) == {"a": Place.READABLE}
    assert _record(fake, "a").status is Status.RESTORED
    assert_exact(fake)


def test_a_hundred_objects_take_two_reads_and_two_transactions() -> None:
    fake = FakeDynamoDB()
    load(fake, asked("new", *map(str, range(100))))
    assert (fake.count("BatchGetItem"), fake.count("TransactWriteItems")) == (2, 2)
    assert len(fake.calls) == 4, "and no job is looked up"


def test_loading_again_writes_nothing_and_says_the_same() -> None:
    fake = FakeDynamoDB()
    first = load(fake, asked("new", "a", "b"))
    before = fake.items(OBJECTS), fake.items(JOBS)
    assert load(fake, asked("new", "a", "b"), now=LATER) == first
    assert (fake.items(OBJECTS), fake.items(JOBS)) == before


def test_a_second_run_keeps_what_is_done_and_asks_for_the_rest() -> None:
    fake = FakeDynamoDB()
    lapsed = History(restore_expired_at="2026-11-21T10:00:00.000Z")
    keys = _old_job(fake, NOTHING, REQUEST, RESTORED, merge(RESTORED, COPY), FAILED, merge(RESTORED, lapsed))
    turn(fake, "old", JobStatus.COMPLETE_WITH_FAILURES)
    turn(fake, "old", JobStatus.PREPARING)
    before = fake.items(OBJECTS)
    assert list(_places(load(fake, asked("old", *keys), run=2)).values()) == [
        *(Place.REQUESTS, Place.RESTORING, Place.READABLE, Place.COPIED, Place.REQUESTS, Place.REQUESTS)
    ]
    assert fake.items(OBJECTS)[:4] == before[:4]


def test_a_second_run_begins_anew_with_what_failed_or_lapsed() -> None:
    fake = FakeDynamoDB()
    lapsed = History(restore_expired_at="2026-11-21T10:00:00.000Z")
    keys = _old_job(fake, FAILED, merge(RESTORED, FAILED), merge(RESTORED, lapsed))
    expected = [Place.REQUESTS, Place.READABLE, Place.REQUESTS]
    for _ in range(2):
        loaded = load(fake, asked("old", *keys), run=2)
        assert [each.place for each in loaded] == expected
        assert [each.record for each in loaded] == [_record(fake, key) for key in keys]
        assert [_record(fake, key).history for key in keys] == [NOTHING, RESTORED, NOTHING]
        assert {_record(fake, key).since for key in keys} == {SINCE}
        assert {item["run"]["N"] for item in fake.items(OBJECTS)} == {"1"}, "undoing run 2 keeps them"
        assert all("error_code" not in item for item in fake.items(OBJECTS))
        assert_exact(fake)
        assert_totals(fake)
    assert left(fake) == {}
    assert writer(fake).apply({target(keys[0]): FAILED}) == {target(keys[0]): Outcome.UNCHANGED}


@pytest.mark.parametrize(
    ("in_place", "copied_at", "place"),
    [
        (True, "2026-11-20T00:00:00.000Z", Place.REQUESTS),
        (True, "2026-11-21T08:00:00.000Z", Place.COPIED),
        (False, "2026-11-20T00:00:00.000Z", Place.COPIED),
    ],
    ids=["archived again", "the listing may be older than the copy", "copied elsewhere"],
)
def test_a_later_run_begins_anew_with_a_copy_in_place_that_is_archived_again(
    *, in_place: bool, copied_at: str, place: Place
) -> None:
    fake = FakeDynamoDB()
    begin(fake, "new")
    load(fake, asked("new", "a"))
    writer(fake).apply({target("a"): History(copied_at=copied_at)})
    (again,) = loader(fake).load(Load("new", 2, NOW, in_place), asked("new", "a"))
    assert again.place is place
    assert_exact(fake)
    assert_totals(fake)


@pytest.mark.parametrize("modified_at", ["", "2026-11-21T03:00:00.000Z", COPY.copied_at])
def test_a_copy_stays_one_unless_its_object_was_written_later(modified_at: str) -> None:
    fake = FakeDynamoDB()
    (key,) = _old_job(fake, merge(RESTORED, COPY))
    (one,) = asked("old", key)
    (again,) = load(fake, [one._replace(modified_at=modified_at)], run=2)
    assert again.place is Place.COPIED


def _written_over(key: str, job_id: str) -> ObjectRecord:
    (one,) = asked(job_id, key)
    entry = one.entry._replace(size_bytes=7, storage_class="DEEP_ARCHIVE")
    return one._replace(entry=entry, modified_at="2026-11-21T20:00:00.000Z")


def test_what_was_written_over_since_it_was_copied_begins_anew_in_a_later_run() -> None:
    fake = FakeDynamoDB()
    (key,) = _old_job(fake, merge(RESTORED, COPY))
    for _ in range(2):
        (again,) = load(fake, [_written_over(key, "old")], run=2)
        assert again.place is Place.REQUESTS, "its temporary copy was of the former content"
        assert again.record == _record(fake, key)
        assert (again.record.entry.size_bytes, again.record.entry.storage_class) == (7, "DEEP_ARCHIVE")
        assert (again.record.history, again.record.since) == (NOTHING, SINCE)
        assert read_loaded(fake.client, JOBS, "old") == {"DEEP_ARCHIVE": Totals(1, 7)}
        assert_exact(fake)
        assert_totals(fake)
    assert "last_modified" not in fake.items(OBJECTS)[0], "evidence, no attribute of records"
    writer(fake).apply({target(key): History(copied_at="2026-11-22T05:00:00.000Z")})
    assert load(fake, [_written_over(key, "old")], run=2)[0].place is Place.COPIED


def test_another_job_takes_over_nothing_of_an_object_that_was_written_over() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, merge(RESTORED, COPY), REQUEST)
    turn(fake, "old", JobStatus.COMPLETE)
    loaded = load(fake, [_written_over(key, "new") for key in keys])
    assert [(each.place, each.record.history) for each in loaded] == [(Place.REQUESTS, NOTHING)] * 2
    assert_exact(fake)
    assert_totals(fake)


def test_what_fails_while_a_run_is_loading_stays_failed_in_it() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, FAILED)
    load(fake, asked("old", *keys), run=1)
    assert _record(fake, keys[0]).status is Status.FAILED


def test_a_record_of_the_job_learns_what_a_listing_showed() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, REQUEST, merge(RESTORED, COPY))
    seen = History(
        restore_expires_at="2026-11-30T00:00:00.000Z",
        observation=Observation("2026-11-21T23:00:00.000Z", Status.RESTORED),
    )
    loaded = load(fake, asked("old", *keys, history=seen), run=2)
    assert list(_places(loaded).values()) == [Place.READABLE, Place.COPIED]
    assert [each.record for each in loaded] == [_record(fake, key) for key in keys]
    assert _record(fake, keys[0]).history == merge(REQUEST, seen)
    assert _record(fake, keys[1]).history == merge(RESTORED, COPY), "a copy is final"
    assert fake.items(OBJECTS)[0]["run"] == {"N": "1"}, "it was loaded by the first run"
    assert_exact(fake)
    assert_totals(fake)


def test_what_a_job_under_way_has_is_left_to_it() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, NOTHING, REQUEST, RESTORED, merge(RESTORED, COPY), FAILED)
    before = fake.items(OBJECTS)
    loaded = load(fake, asked("new", *keys))
    assert {each.place for each in loaded} == {Place.ELSEWHERE}
    assert {each.record.entry.job_id for each in loaded} == {"old"}
    assert fake.items(OBJECTS) == before
    assert read_loaded(fake.client, JOBS, "new") == {}


def test_a_job_that_is_started_again_keeps_its_objects_from_a_minute_later_on() -> None:
    fake, clock = FakeDynamoDB(), [0.0]
    keys = _old_job(fake, *[REQUEST] * 3)
    turn(fake, "old", JobStatus.FAILED)
    loading = Loader(fake.client, TABLES, slot=lambda: 0, pause=lambda _: None, clock=lambda: clock[0])

    def places(key: str, seconds: float) -> list[Place]:
        clock[0] = seconds
        return [each.place for each in loading.load(Load("new", 1, NOW), asked("new", key))]

    assert places(keys[0], 0.0) == [Place.RESTORING]
    turn(fake, "old", JobStatus.LOADING)
    reads = fake.count("GetItem")
    assert places(keys[1], 59.0) == [Place.RESTORING]
    assert fake.count("GetItem") == reads, "what was just read is remembered"
    assert places(keys[2], 60.0) == [Place.ELSEWHERE]


def test_what_is_over_of_an_imported_job_is_taken_over_and_no_more() -> None:
    histories = [NOTHING, REQUEST, RESTORED, merge(RESTORED, COPY), FAILED]
    fake = tables(record(f"{n}", job_id="imported", history=each) for n, each in enumerate(histories))
    loaded = load(fake, asked("new", *map(str, range(5))))
    assert [each.place for each in loaded] == [*[Place.ELSEWHERE] * 3, Place.READABLE, Place.REQUESTS]
    assert_exact(fake)


def test_an_object_moves_on_with_what_is_true_of_it_and_leaves_its_history_behind() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, RESTORED, merge(REQUEST, COPY))
    turn(fake, "old", JobStatus.CANCELLED)
    before = recomputed(fake)
    loaded = load(fake, asked("new", *keys))
    assert list(_places(loaded).values()) == [Place.READABLE, Place.RESTORING]
    assert [each.record for each in loaded] == [_record(fake, key) for key in keys]
    assert [_record(fake, key).history for key in keys] == [RESTORED, REQUEST]
    assert {_record(fake, key).since for key in keys} == {SINCE}
    assert left(fake) == before, "all that the old job ever counted"
    assert recomputed(fake)[CounterKey("new", "status", "restored_objects")] == 1
    assert read_left(fake.client, JOBS, "old").totals == {"GLACIER": Totals(2, 2000)}
    assert_exact(fake)
    assert_totals(fake)


def test_an_imported_record_has_its_first_revision_when_it_moves_on() -> None:
    fake = tables([record("a", job_id="imported")])
    begin(fake, "imported")
    turn(fake, "imported", JobStatus.TIMEOUT)
    load(fake, asked("new", "a"))
    assert (_record(fake, "a").revision, _record(fake, "a").entry.job_id) == (1, "new")


def test_late_news_of_the_former_life_change_nothing() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, merge(merge(REQUEST, FAILED), COPY))
    turn(fake, "old", JobStatus.COMPLETE)
    load(fake, asked("new", *keys), now=LATER)
    late = merge(merge(COPY, FAILED), COMPLETION._replace(restore_expires_at="2026-11-22T12:00:00.000Z"))
    assert writer(fake).apply({target(keys[0]): late}) == {target(keys[0]): Outcome.UNCHANGED}
    news = History(restore_requested_at=LATER)
    assert writer(fake).apply({target(keys[0]): merge(late, news)}) == {target(keys[0]): Outcome.APPLIED}
    assert _record(fake, keys[0]).history == news
    assert_exact(fake)


def test_an_object_that_comes_back_to_a_job_is_counted_once() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, FAILED, merge(RESTORED, COPY))
    turn(fake, "old", JobStatus.COMPLETE_WITH_FAILURES)
    begin(fake, "new")
    load(fake, asked("new", *keys))
    writer(fake).apply({target(keys[0]): History(failure=Failure(LATER, "SlowDown", "later"))})
    turn(fake, "new", JobStatus.FAILED)
    turn(fake, "old", JobStatus.LOADING)
    assert list(_places(load(fake, asked("old", *keys), run=2)).values()) == [Place.REQUESTS, Place.READABLE]
    assert read_loaded(fake.client, JOBS, "old") == {"GLACIER": Totals(2, 2000)}
    assert {key.job_id for key in noted(fake, "left#")} == {"new"}
    assert recomputed(fake)[CounterKey("old", "status", "restored_objects")] == 1
    assert_exact(fake)
    assert_totals(fake)


def test_a_load_is_undone_where_it_was_of_this_run() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, FAILED, NOTHING)
    turn(fake, "old", JobStatus.FAILED)
    load(fake, asked("new", "kept"), run=1)
    load(fake, asked("new", "kept", "a", *keys), run=2)
    writer(fake).apply({target("a"): REQUEST})
    ids = [each.id for each in asked("new", "kept", "a", *keys, "never")]
    assert loader(fake).unload("new", 2, ids) == 3
    assert {one.entry.key for one in stored(fake).values()} == {"kept"}
    assert loader(fake).unload("new", 2, ids) == 0
    assert loader(fake).unload("old", 1, ids) == 0
    assert read_loaded(fake.client, JOBS, "new") == {"GLACIER": Totals(1, 1000)}
    assert_exact(fake)
    assert_totals(fake)


def test_what_a_run_leaves_out_goes_unless_it_is_settled() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new", "busy")
    load(fake, asked("busy", "other"))
    load(fake, asked("new", "pending", "requested", "restored", "expired", "copied", "failed"), run=1)
    lapsed = merge(RESTORED, History(restore_expired_at="2026-11-30T00:00:00.000Z"))
    news = {"requested": REQUEST, "restored": RESTORED, "expired": lapsed, "copied": COPY, "failed": FAILED}
    writer(fake).apply({target(key): history for key, history in news.items()})
    load(fake, asked("new", "of this run"), run=2)
    keys = (*news, "pending", "of this run", "never", "other")
    ids = [each.id for each in asked("new", *keys)]
    assert loader(fake).leave_out(Load("new", 2, NOW), ids) == 4
    assert {one.entry.key for one in stored(fake).values()} == {"copied", "failed", "of this run", "other"}
    assert loader(fake).leave_out(Load("new", 2, NOW), ids) == 0
    assert_exact(fake)
    assert_totals(fake)


def test_what_another_job_has_by_now_is_not_undone() -> None:
    fake = FakeDynamoDB()
    begin(fake, "old")
    load(fake, asked("old", "a"))
    turn(fake, "old", JobStatus.FAILED)
    load(fake, asked("new", "a"))
    assert loader(fake).unload("old", 1, [ObjectId("archive/a", "null")]) == 0
    assert _record(fake, "a").entry.job_id == "new"


def test_what_another_job_takes_while_a_load_is_undone_is_not_counted_as_undone() -> None:
    fake = FakeDynamoDB()
    begin(fake, "old")
    load(fake, asked("old", "a", "b"))
    turn(fake, "old", JobStatus.FAILED)
    others: list[Callable[[], object]] = [lambda: load(fake, asked("new", "a"))]
    fake.on_call = lambda call: _in_between(call, others)
    assert loader(fake).unload("old", 1, [one.id for one in asked("old", "a", "b")]) == 1
    assert [one.entry.job_id for one in stored(fake).values()] == ["new"]
    assert_exact(fake)
    assert_totals(fake)


def test_of_two_jobs_that_load_an_object_at_once_one_has_it() -> None:
    fake = FakeDynamoDB()
    begin(fake, "one", "two")
    others: list[Callable[[], object]] = [lambda: load(fake, asked("two", "a"))]
    fake.on_call = lambda call: _in_between(call, others)
    assert _places(load(fake, asked("one", "a", "b"))) == {"a": Place.ELSEWHERE, "b": Place.REQUESTS}
    assert_exact(fake)
    assert_totals(fake)


def test_news_that_come_while_a_record_moves_on_are_not_lost() -> None:
    fake = FakeDynamoDB()
    keys = _old_job(fake, REQUEST)
    turn(fake, "old", JobStatus.CANCELLED)
    others: list[Callable[[], object]] = [lambda: writer(fake).apply({target(keys[0]): COMPLETION})]
    fake.on_call = lambda call: _in_between(call, others)
    assert _places(load(fake, asked("new", *keys))) == {keys[0]: Place.READABLE}
    assert _record(fake, keys[0]).history == RESTORED
    assert_exact(fake)


def test_a_record_that_goes_while_it_is_loaded_is_created() -> None:
    fake = FakeDynamoDB()
    begin(fake, "old")
    load(fake, asked("old", "a"))
    turn(fake, "old", JobStatus.FAILED)
    others: list[Callable[[], object]] = [
        lambda: loader(fake).unload("old", 1, [ObjectId("archive/a", "null")])
    ]
    fake.on_call = lambda call: _in_between(call, others)
    load(fake, asked("new", "a"))
    assert (_record(fake, "a").entry.job_id, _record(fake, "a").since) == ("new", "")
    assert_exact(fake)
    assert_totals(fake)


def _in_between(call: Call, acts: list[Callable[[], object]]) -> Fault | None:
    """What happens between the read and the first transaction."""
    if call.operation == "TransactWriteItems" and acts:
        acts.pop()()
    return None


def test_a_refusal_for_now_is_tried_again_with_smaller_transactions() -> None:
    fake = FakeDynamoDB()
    faults = [Fault(reasons={0: "TransactionConflict"}), Fault(reasons={5: "ThrottlingError"})]
    fake.on_call = lambda call: faults.pop() if faults and call.operation == "TransactWriteItems" else None
    assert len(load(fake, asked("new", *map(str, range(90))))) == 90
    assert_totals(fake)


def test_a_refusal_for_good_is_told() -> None:
    fake = FakeDynamoDB()
    fault = Fault(reasons={0: "ItemCollectionSizeLimitExceeded"})
    fake.on_call = lambda call: fault if call.operation == "TransactWriteItems" else None
    with pytest.raises(WriteRefusedError, match="ItemCollectionSizeLimitExceeded"):
        load(fake, asked("new", "a"))


def test_who_is_refused_again_and_again_gives_up() -> None:
    fake = FakeDynamoDB()
    fault = Fault(reasons={0: "TransactionConflict"})
    fake.on_call = lambda call: fault if call.operation == "TransactWriteItems" else None
    with pytest.raises(ContentionError, match=f"A move was refused {MAX_ATTEMPTS} times"):
        load(fake, asked("new", "a"))


def test_a_record_of_another_job_is_not_loaded() -> None:
    fake = FakeDynamoDB()
    with pytest.raises(ForeignRecordError, match="The record of archive/b is of job other, not of new"):
        load(fake, [*asked("new", "a"), *asked("other", "b")])
    assert fake.items(OBJECTS) == []


def test_transactions_spread_over_slots_and_counters_over_those_they_are_given() -> None:
    fake = FakeDynamoDB()
    seen = History(observation=Observation("2026-11-21T23:00:00.000Z", Status.RESTORING))
    for number in range(200):
        records = asked("new", f"{number}.csv", history=seen)
        list(loader(fake, slot=number % 2).load(Load("new", 1, NOW), records))
    assert [metric for _, metric in sorted(fake.tables[TABLES.rollups])] == ["status#0", "status#1"]
    slots = {int(item.rpartition("#")[2]) for _, item in fake.tables[JOBS]}
    assert max(slots) < LEDGER_SLOTS
    assert len(slots) > LEDGER_SLOTS * 0.8
    assert_exact(fake)
    assert_totals(fake)


def _archives(job_id: str, *keys: str) -> list[ObjectRecord]:
    return [one._replace(entry=one.entry._replace(storage_class=VAULT_CLASS)) for one in asked(job_id, *keys)]


@pytest.mark.parametrize("before", [REQUEST, RESTORED, merge(RESTORED, COPY)])
def test_an_archive_that_another_transfer_takes_over_is_asked_for_anew(before: History) -> None:
    fake = FakeDynamoDB()
    begin(fake, "old", "new")
    load(fake, _archives("old", "a"))
    writer(fake).apply({target("a"): before})
    turn(fake, "old", JobStatus.CANCELLED)
    (loaded,) = load(fake, _archives("new", "a"))
    assert (loaded.place, loaded.record.history) == (Place.REQUESTS, NOTHING)
    assert_totals(fake)


def test_an_archive_that_failed_in_an_earlier_run_is_asked_for_anew() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new")
    load(fake, _archives("new", "a", "b", "c"))
    failed = merge(RESTORED, FAILED)
    writer(fake).apply({target("a"): failed, target("b"): RESTORED, target("c"): merge(RESTORED, COPY)})
    loaded = load(fake, _archives("new", "a", "b", "c"), run=2)
    places = [each.place for each in loaded]
    assert places == [Place.REQUESTS, Place.READABLE, Place.COPIED], "what is staged or done stays so"
    assert loaded[0].record.history == NOTHING
    assert_exact(fake)
    assert_totals(fake)


def test_an_archive_that_begins_anew_keeps_nothing_of_an_object_it_had() -> None:
    fake = FakeDynamoDB()
    begin(fake, "old", "new")
    load(fake, _archives("old", "a"))
    writer(fake).apply({target("a"): COPY}, extras={target("a").ids[0]: {"destination": "s3://there/a"}})
    turn(fake, "old", JobStatus.COMPLETE)
    load(fake, _archives("new", "a"))
    (item,) = fake.items(OBJECTS)
    assert "destination" not in item
