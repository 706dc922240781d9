"""Groups of changes fit a transaction, keep counter rows together, and name nothing twice."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.dynamodb import OBJECTS, ROLLUPS
from tests.store.tables import COMPLETION, COPY, REQUEST, record
from tests.strategies import event_histories, histories, records
from thaw.core.history import NOTHING, Failure, History
from thaw.core.records import ObjectRecord
from thaw.store.transactions import Change, change_of, counter_rows, groups, transaction


def _updates(group: Sequence[Change]) -> list[dict[str, Any]]:
    """The updates of the transaction that writes `group`."""
    items = transaction(group, counter_rows(group), OBJECTS, ROLLUPS, 3)
    return [cast("dict[str, Any]", item)["Update"] for item in items]


def _changes(count: int, hours: int) -> list[Change]:
    news = [History(restore_requested_at=f"2026-11-21T{n % hours:02}:00:00.000Z") for n in range(count)]
    changes = [change_of(record(f"{n}.csv"), one) for n, one in enumerate(news)]
    return [change for change in changes if change]


@given(
    st.lists(st.tuples(records(), event_histories()), max_size=150, unique_by=lambda pair: pair[0].id),
    st.integers(1, 100),
)
def test_every_group_fits_and_no_transaction_names_an_item_twice(
    pairs: list[tuple[ObjectRecord, History]], limit: int
) -> None:
    changes = [change for one, news in pairs if (change := change_of(one, news))]
    grouped = list(groups(changes, limit))
    assert sorted(change.record.id for group in grouped for change in group) == sorted(
        change.record.id for change in changes
    )
    for group in grouped:
        updates = _updates(group)
        assert len(updates) <= limit or len(group) == 1, "only a single change may be larger than asked"
        assert len(updates) <= 100
        assert len({f"{update['TableName']} {update['Key']}" for update in updates}) == len(updates)


def test_changes_of_the_same_counter_rows_go_together() -> None:
    grouped = list(groups(_changes(180, hours=2)))
    assert len(grouped) == 2
    hours = [{change.history.restore_requested_at for change in group} for group in grouped]
    assert [len(times) for times in hours] == [2, 1]


def test_a_full_transaction_has_a_hundred_items() -> None:
    first, second = groups(_changes(99, hours=1))
    assert (len(first), len(second)) == (98, 1)
    assert len(_updates(first)) == 100


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_group_is_never_empty(limit: int) -> None:
    assert all(groups(_changes(5, hours=5), limit))


@given(histories(), event_histories())
def test_a_change_exists_only_where_there_is_news(history: History, news: History) -> None:
    told = [(known, new) for known, new in zip(history, news, strict=True) if known < new]  # pyright: ignore[reportOperatorIssue] - pairs have one type
    assert bool(change_of(record("a.csv", history=history), news)) == bool(told)


def test_only_changed_attributes_are_written_and_vanished_ones_removed() -> None:
    before = History(failure=Failure("2026-11-21T03:00:00.000Z", "AccessDenied", "no"))
    news = History(failure=Failure("2026-11-21T04:00:00.000Z", "AccessDenied", ""))
    change = change_of(record("a.csv", history=before), news)
    assert change
    update, *_ = _updates([change])
    assert update["UpdateExpression"] == "SET #0 = :0, #1 = :1 REMOVE #2"
    assert update["ExpressionAttributeNames"] == {
        "#0": "failed_at",
        "#1": "revision",
        "#2": "error_message",
    }


def test_amounts_that_cancel_out_touch_no_row() -> None:
    there = change_of(record("a.csv", history=REQUEST), COMPLETION)
    back = change_of(record("b.csv", history=COMPLETION), COPY)
    assert there
    assert back
    rows = counter_rows([there, back])
    assert "restored_objects" not in rows["job-1", "status"], "one came, one left"
    assert all(amounts and all(amounts.values()) for amounts in rows.values())


def test_a_record_is_guarded_by_its_revision() -> None:
    fresh, changed = change_of(record("a.csv"), REQUEST), change_of(record("b.csv", history=REQUEST), COPY)
    assert fresh
    assert changed
    conditions = [update["ConditionExpression"] for update in _updates([fresh, changed])[:2]]
    assert conditions == [
        "attribute_exists(object_path) AND attribute_not_exists(revision)",
        "revision = :read",
    ]


def test_a_job_without_news_has_no_group() -> None:
    assert change_of(record("a.csv"), NOTHING) is None
    assert list(groups(list[Change]())) == []
