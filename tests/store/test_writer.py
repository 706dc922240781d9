"""Read, merge, write: every target gets its result, whatever the table answers."""

from collections.abc import Callable, Iterable, Mapping

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.fakes.dynamodb import OBJECTS, ROLLUPS, Call, FakeDynamoDB, Fault, client_error
from tests.store.tables import (
    BUCKET,
    COMPLETION,
    COPY,
    REQUEST,
    assert_exact,
    history_of,
    item_of,
    recomputed,
    record,
    stored,
    tables,
    target,
    writer,
)
from thaw.core.history import History, merge
from thaw.core.keys import ObjectId
from thaw.core.rollups import CounterKey
from thaw.core.targets import Target
from thaw.store.backoff import MAX_ATTEMPTS
from thaw.store.errors import ContentionError, MalformedItemError, WriteRefusedError
from thaw.store.writer import Outcome, Result


def _job(count: int) -> FakeDynamoDB:
    return tables(record(f"{number}.csv") for number in range(count))


def _requests(count: int) -> dict[Target, History]:
    return {target(f"{number}.csv"): REQUEST for number in range(count)}


def _fail(fake: FakeDynamoDB, operation: str, *faults: Fault) -> None:
    """The next calls of `operation` fail so, one after the other."""
    left = list(faults)
    fake.on_call = lambda call: left.pop(0) if left and call.operation == operation else None


def _before_the_write(fake: FakeDynamoDB, act: Callable[[], object]) -> None:
    """Something happens between the read and the first transaction."""
    acts = [act]

    def on_call(call: Call) -> None:
        if call.operation == "TransactWriteItems" and acts:
            acts.pop()()

    fake.on_call = on_call


def _apply(fake: FakeDynamoDB, news: Mapping[Target, History]) -> dict[Target, Result]:
    results = writer(fake).apply(news)
    assert results.keys() == news.keys(), "every target has its result"
    assert_exact(fake)
    return results


def _keys_with(results: Mapping[Target, Result], outcome: Outcome | type[Exception]) -> set[str]:
    return {
        target.ids[0].object_path.removeprefix(f"{BUCKET}/")
        for target, result in results.items()
        if result is outcome or (isinstance(outcome, type) and isinstance(result, outcome))
    }


def _csv(numbers: Iterable[int]) -> set[str]:
    return {f"{number}.csv" for number in numbers}


def test_news_are_written_with_their_counters() -> None:
    fake = _job(3)
    assert set(_apply(fake, _requests(3)).values()) == {Outcome.APPLIED}
    assert {one.history for one in stored(fake).values()} == {REQUEST}
    assert {one.revision for one in stored(fake).values()} == {1}
    assert recomputed(fake)[CounterKey("job-1", "status", "restoring_objects")] == 3
    assert fake.count("BatchGetItem") == fake.count("TransactWriteItems") == 1


def test_news_told_before_write_nothing() -> None:
    fake = tables([record("0.csv", history=merge(REQUEST, COPY))])
    assert _apply(fake, {target("0.csv"): REQUEST}) == {target("0.csv"): Outcome.UNCHANGED}
    assert fake.count("TransactWriteItems") == 0


def test_an_object_nobody_asked_for_is_neither_created_nor_counted() -> None:
    fake = _job(1)
    before = fake.items(OBJECTS)
    assert _apply(fake, {target("other.csv"): REQUEST}) == {target("other.csv"): Outcome.UNTRACKED}
    assert (fake.items(OBJECTS), fake.items(ROLLUPS)) == (before, [])


def test_the_manifest_s_attributes_stay_as_they_were() -> None:
    fake = _job(1)
    before = fake.items(OBJECTS)[0]
    _apply(fake, _requests(1))
    changed = {name: value for name, value in fake.items(OBJECTS)[0].items() if before.get(name) != value}
    assert changed == {
        "restore_requested_at": {"S": REQUEST.restore_requested_at},
        "status": {"S": "RESTORING"},
        "revision": {"N": "1"},
    }


def test_a_thousand_records_take_ten_reads_and_eleven_transactions() -> None:
    fake = _job(1000)
    assert set(_apply(fake, _requests(1000)).values()) == {Outcome.APPLIED}
    assert (fake.count("BatchGetItem"), fake.count("TransactWriteItems")) == (10, 11)


def test_the_exact_version_comes_before_the_record_without_version() -> None:
    exact, unversioned = ObjectId(f"{BUCKET}/a", "v1"), ObjectId(f"{BUCKET}/a", "null")
    fake = tables([record("a", "v1"), record("a")])
    _apply(fake, {Target((exact, unversioned)): REQUEST})
    assert (history_of(fake, "a", "v1"), history_of(fake, "a")) == (REQUEST, History())


def test_an_event_with_a_version_finds_the_record_without() -> None:
    fake = tables([record("a")])
    wanted = Target((ObjectId(f"{BUCKET}/a", "v1"), ObjectId(f"{BUCKET}/a", "null")))
    assert _apply(fake, {wanted: REQUEST}) == {wanted: Outcome.APPLIED}
    assert history_of(fake, "a") == REQUEST


def test_two_targets_of_one_record_are_written_once() -> None:
    fake = tables([record("a")])
    versioned = Target((ObjectId(f"{BUCKET}/a", "v1"), ObjectId(f"{BUCKET}/a", "null")))
    assert set(_apply(fake, {versioned: REQUEST, target("a"): COMPLETION}).values()) == {Outcome.APPLIED}
    assert history_of(fake, "a") == merge(REQUEST, COMPLETION)
    assert stored(fake)[target("a").ids[0]].revision == 1


def test_a_record_changed_since_it_was_read_is_merged_with_the_change() -> None:
    fake = _job(3)
    _before_the_write(fake, lambda: writer(fake).apply({target("1.csv"): COMPLETION}))
    assert set(_apply(fake, _requests(3)).values()) == {Outcome.APPLIED}
    assert history_of(fake, "1.csv") == merge(REQUEST, COMPLETION)
    assert fake.count("BatchGetItem") == 2, "the refusal brings the record as it is: no further read"


def test_a_race_won_by_the_same_news_leaves_nothing_to_write() -> None:
    fake = _job(1)
    _before_the_write(fake, lambda: writer(fake).apply(_requests(1)))
    assert _apply(fake, _requests(1)) == {target("0.csv"): Outcome.UNCHANGED}
    assert stored(fake)[target("0.csv").ids[0]].revision == 1


def test_a_record_deleted_since_it_was_read_is_untracked_and_stays_deleted() -> None:
    fake = _job(2)
    _before_the_write(fake, lambda: fake.tables[OBJECTS].pop(target("0.csv").ids[0]))
    results = _apply(fake, _requests(2))
    assert results == {target("0.csv"): Outcome.UNTRACKED, target("1.csv"): Outcome.APPLIED}
    assert target("0.csv").ids[0] not in stored(fake)


def test_a_record_that_became_no_record_concerns_itself_alone() -> None:
    fake = _job(2)

    def spoil(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            item = fake.tables[OBJECTS][target("0.csv").ids[0]]
            fake.tables[OBJECTS][target("0.csv").ids[0]] = {
                **item,
                "revision": {"N": "7"},
                "job_id": {"S": ""},
            }

    fake.on_call = spoil  # pyright: ignore[reportAttributeAccessIssue] - no fault
    results = writer(fake).apply(_requests(2))
    assert isinstance(results[target("0.csv")], MalformedItemError)
    assert results[target("1.csv")] is Outcome.APPLIED


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
@pytest.mark.parametrize("position", [0, 2, 3], ids=["a record", "the last record", "a counter row"])
def test_a_refusal_that_will_pass_is_waited_out(code: str, position: int) -> None:
    fake, pauses = _job(3), list[float]()
    _fail(fake, "TransactWriteItems", *[Fault(reasons={position: code})] * 3)
    results = writer(fake, pauses).apply(_requests(3))
    assert set(results.values()) == {Outcome.APPLIED}
    assert len(pauses) == 3
    assert_exact(fake)


def test_groups_get_smaller_when_they_are_refused_again() -> None:
    fake = _job(98)
    _fail(fake, "TransactWriteItems", *[Fault(reasons={99: "TransactionConflict"})] * 2)
    _apply(fake, _requests(98))
    sizes = [
        len(call.request["TransactItems"]) for call in fake.calls if call.operation == "TransactWriteItems"
    ]
    assert sizes == [100, 100, 50, 50, 4]


def test_a_conflict_without_end_is_an_error_that_says_so() -> None:
    fake, pauses = _job(2), list[float]()
    fake.on_call = lambda _: Fault(reasons={0: "TransactionConflict"})
    results = writer(fake, pauses).apply(_requests(2))
    assert _keys_with(results, ContentionError) == _csv(range(2))
    assert str(results[target("0.csv")]) == (
        f"A change was refused {MAX_ATTEMPTS} times because others were changing the same items."
    )
    assert len(pauses) == MAX_ATTEMPTS - 1, "after the last attempt there is nothing to wait for"
    assert not recomputed(fake)


def test_an_item_that_dynamodb_will_not_take_concerns_itself_alone() -> None:
    fake = _job(3)
    _fail(fake, "TransactWriteItems", Fault(reasons={1: "ValidationError"}))
    results = _apply(fake, _requests(3))
    assert _keys_with(results, WriteRefusedError) == {"1.csv"}
    assert _keys_with(results, Outcome.APPLIED) == {"0.csv", "2.csv"}
    assert str(results[target("1.csv")]) == "DynamoDB refused a write with ValidationError: as the test says"


def test_a_counter_row_that_dynamodb_will_not_take_concerns_those_that_touch_it() -> None:
    fake = tables([record("0.csv"), record("1.csv", job_id="job-2")])

    def break_row(call: Call) -> Fault | None:
        updates = [item["Update"]["Key"] for item in call.request.get("TransactItems", ())]
        broken = [
            n for n, key in enumerate(updates) if key.get("metric", {}).get("S", "").startswith("status")
        ]
        return Fault(reasons={n: "ValidationError" for n in broken if updates[n]["job_id"] == {"S": "job-2"}})

    fake.on_call = break_row
    results = _apply(fake, _requests(2))
    assert results[target("0.csv")] is Outcome.APPLIED
    assert isinstance(results[target("1.csv")], WriteRefusedError)


def test_a_race_beside_a_throttled_row_is_merged_again() -> None:
    fake = tables([record("0.csv", history=COMPLETION), record("1.csv")])
    raced: list[Call] = []

    def race(call: Call) -> Fault | None:
        if call.operation != "TransactWriteItems" or raced:
            return None
        raced.append(call)
        writer(fake).apply({target("0.csv"): COPY})
        return Fault(reasons={len(call.request["TransactItems"]) - 1: "ThrottlingError"})

    fake.on_call = race
    assert set(_apply(fake, _requests(2)).values()) == {Outcome.APPLIED}
    assert history_of(fake, "0.csv") == merge(merge(REQUEST, COMPLETION), COPY)


@pytest.mark.parametrize(
    "error",
    [
        client_error("TransactWriteItems", "ThrottlingException"),
        client_error("TransactWriteItems", "AccessDeniedException"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
    ],
)
def test_an_error_of_a_transaction_concerns_its_group_alone(error: Exception) -> None:
    fake = _job(150)
    _fail(fake, "TransactWriteItems", Fault(), Fault(before=error))
    results = _apply(fake, _requests(150))
    assert len(_keys_with(results, Outcome.APPLIED)) == 98
    assert [result for result in results.values() if result is error] == [error] * 52


def test_a_request_refused_for_one_item_is_split_until_that_one_is_found() -> None:
    fake = _job(98)
    error = client_error("TransactWriteItems", "SerializationException")
    bad = {"object_path": {"S": f"{BUCKET}/7.csv"}, "version_id": {"S": "null"}}

    def refuse(call: Call) -> Fault | None:
        keys = [item["Update"]["Key"] for item in call.request.get("TransactItems", ())]
        return Fault(before=error) if bad in keys else None

    fake.on_call = refuse
    results = _apply(fake, _requests(98))
    assert results.pop(target("7.csv")) is error
    assert set(results.values()) == {Outcome.APPLIED}


def test_a_transaction_whose_answer_is_lost_took_effect_once() -> None:
    fake = _job(2)
    _fail(fake, "TransactWriteItems", Fault(after=ReadTimeoutError(endpoint_url="https://dynamodb")))
    assert _keys_with(_apply(fake, _requests(2)), ReadTimeoutError) == _csv(range(2))
    assert set(_apply(fake, _requests(2)).values()) == {Outcome.UNCHANGED}


def test_an_error_of_a_read_concerns_its_hundred_alone() -> None:
    fake = _job(250)
    error = client_error("BatchGetItem", "ProvisionedThroughputExceededException")
    _fail(fake, "BatchGetItem", Fault(), Fault(before=error))
    results = _apply(fake, _requests(250))
    assert _keys_with(results, Outcome.APPLIED) == _csv([*range(100), *range(200, 250)])
    assert _keys_with(results, type(error)) == _csv(range(100, 200))


def test_an_item_that_is_no_record_concerns_itself_alone() -> None:
    fake = _job(3)
    broken = target("1.csv").ids[0]
    fake.tables[OBJECTS][broken] = {**item_of(record("1.csv")), "size_bytes": {"N": "many"}}
    results = writer(fake).apply(_requests(3))
    assert _keys_with(results, Outcome.APPLIED) == {"0.csv", "2.csv"}
    assert isinstance(results[target("1.csv")], MalformedItemError)


def test_unprocessed_keys_are_asked_for_again_consistently() -> None:
    fake, pauses = _job(10), list[float]()
    _fail(fake, "BatchGetItem", Fault(unprocessed=7), Fault(unprocessed=7), Fault(unprocessed=3))
    results = writer(fake, pauses).apply(_requests(10))
    assert set(results.values()) == {Outcome.APPLIED}
    reads = [call.request["RequestItems"][OBJECTS] for call in fake.calls if call.operation == "BatchGetItem"]
    assert [len(read["Keys"]) for read in reads] == [10, 7, 7, 3]
    assert all(read["ConsistentRead"] for read in reads)
    assert len(pauses) == 3


def test_keys_left_unprocessed_for_ever_are_an_error_that_says_so() -> None:
    fake, pauses = _job(3), list[float]()
    fake.on_call = lambda _: Fault(unprocessed=1)
    results = writer(fake, pauses).apply(_requests(3))
    assert _keys_with(results, ContentionError) == _csv(range(3))
    assert str(results[target("0.csv")]) == (
        f"Table objects left 1 of 3 keys unread in {MAX_ATTEMPTS} attempts; it is throttled."
    )
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_every_transaction_takes_a_slot_of_its_own() -> None:
    fake, slots = _job(250), iter(range(9))
    writer(fake, slot=lambda: next(slots)).apply(_requests(250))
    assert [row["metric"]["S"] for row in fake.items(ROLLUPS)] == [
        f"{metric}#{slot}" for metric in ("hour#2026-11-21T03", "status") for slot in range(3)
    ]
    assert_exact(fake)


def test_who_wants_to_know_is_told_the_records_as_they_were() -> None:
    fake = tables([record("a"), record("b", history=REQUEST)])
    news = {target("a"): REQUEST, target("b"): REQUEST, target("x"): REQUEST}
    applied = writer(fake).apply_telling(news)
    assert applied.results == {
        target("a"): Outcome.APPLIED, target("b"): Outcome.UNCHANGED, target("x"): Outcome.UNTRACKED
    }  # fmt: skip
    assert applied.records == {target("a"): record("a"), target("b"): record("b", history=REQUEST)}


def test_a_record_that_changed_meanwhile_is_told_as_it_was_then() -> None:
    fake = tables([record("a")])
    _before_the_write(fake, lambda: writer(fake).apply({target("a"): REQUEST}))
    applied = writer(fake).apply_telling({target("a"): COPY})
    assert applied.records == {target("a"): record("a", history=REQUEST)}


def test_news_of_a_former_life_write_nothing() -> None:
    fake = tables([record("a")._replace(since=COMPLETION.restore_completed_at)])
    assert _apply(fake, {target("a"): REQUEST}) == {target("a"): Outcome.UNCHANGED}
    assert fake.count("TransactWriteItems") == 0
    assert _apply(fake, {target("a"): merge(REQUEST, COMPLETION)}) == {target("a"): Outcome.APPLIED}
    assert history_of(fake, "a") == COMPLETION


EXTRAS = {"destination": "s3://target/a", "checksum": "SHA256:x"}


def test_extras_are_written_with_the_news_and_change_no_counter() -> None:
    fake = _job(2)
    at = target("0.csv")
    found = writer(fake).apply({at: COPY, target("1.csv"): COPY}, extras={at.ids[0]: EXTRAS})
    assert set(found.values()) == {Outcome.APPLIED}
    first, second = fake.items(OBJECTS)
    assert {name: first[name]["S"] for name in EXTRAS} == EXTRAS
    assert not EXTRAS.keys() & second.keys()
    assert_exact(fake)


def test_extras_of_news_that_are_known_are_not_written_again() -> None:
    fake = _job(1)
    at = target("0.csv")
    writer(fake).apply({at: COPY}, extras={at.ids[0]: EXTRAS})
    fake.calls.clear()
    late = {at.ids[0]: {"destination": "s3://elsewhere/a"}}
    assert writer(fake).apply({at: COPY}, extras=late) == {at: Outcome.UNCHANGED}
    assert fake.count("TransactWriteItems") == 0
    assert fake.items(OBJECTS)[0]["destination"] == {"S": "s3://target/a"}


def test_extras_are_written_after_others_were_faster_too() -> None:
    fake = _job(1)
    at = target("0.csv")
    _before_the_write(fake, lambda: writer(fake).apply({at: REQUEST}))
    assert writer(fake).apply({at: COPY}, extras={at.ids[0]: EXTRAS}) == {at: Outcome.APPLIED}
    assert fake.items(OBJECTS)[0]["checksum"] == {"S": "SHA256:x"}
    assert_exact(fake)
