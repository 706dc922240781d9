"""Records become items and come back the same."""

from typing import Any

import pytest
from hypothesis import given

from tests.store.tables import COMPLETION, item_of, record
from tests.strategies import histories, records
from thaw.core.history import NOTHING, Failure, History, Observation, Status, status
from thaw.core.records import ObjectRecord
from thaw.store.errors import MalformedItemError
from thaw.store.items import (
    entry_attributes,
    history_attributes,
    id_of,
    key_of,
    record_or_error,
    to_record,
)


@given(records())
def test_a_record_survives_its_item(one: ObjectRecord) -> None:
    item = item_of(one)
    assert to_record(item) == one
    assert id_of(item) == one.id


@given(histories())
def test_unknown_attributes_are_absent_and_the_status_is_the_derived_one(history: History) -> None:
    attributes = history_attributes(history)
    assert all(value.get("S") for value in attributes.values())
    assert attributes["status"] == {"S": status(history)}


def test_a_record_has_the_attribute_names_of_the_design() -> None:
    history = History("1", "2", "3", "4", "5", Failure("6", "7", "8"), Observation("9", Status.RESTORED))
    names = set(item_of(record("a.csv", history=history)))
    assert names == {
        *("object_path", "version_id", "job_id", "bucket", "key", "size_bytes", "storage_class", "tier"),
        *("restore_requested_at", "restore_completed_at", "restore_expires_at", "restore_expired_at"),
        *("copied_at", "failed_at", "status", "error_code", "error_message"),
        *("observed_at", "observed_status", "revision"),
    }


def test_a_record_that_was_taken_over_says_since_when() -> None:
    one = record("a.csv")._replace(since="2026-11-21T03:00:00.000Z")
    assert item_of(one)["since"] == {"S": "2026-11-21T03:00:00.000Z"}
    assert to_record(item_of(one)) == one


@given(records())
def test_what_a_manifest_says_becomes_the_attributes_of_an_import(one: ObjectRecord) -> None:
    expected = {name: item_of(one)[name] for name in entry_attributes(one.entry)}
    assert entry_attributes(one.entry) == expected
    assert to_record({**key_of(one.id), **entry_attributes(one.entry)}).entry == one.entry


def test_an_imported_item_is_pending_with_no_history() -> None:
    one = to_record({**item_of(record("a.csv")), "status": {"S": "PENDING"}})
    assert (one.status, one.history, one.revision) == (Status.PENDING, NOTHING, 0)


def test_a_stored_status_is_not_believed() -> None:
    item: dict[str, Any] = {**item_of(record("a.csv", history=COMPLETION)), "status": {"S": "COPIED"}}
    assert to_record(item).status is Status.RESTORED


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("job_id", {}, "KeyError('job_id')"),
        ("key", {"S": ""}, "KeyError('key')"),
        ("bucket", {"N": "1"}, "KeyError('bucket')"),
        ("size_bytes", {"N": "1.5"}, "invalid literal for int() with base 10: '1.5'"),
        ("copied_at", {"S": "yesterday"}, "'yesterday' is no time like 2026-11-21T03:04:05.678Z."),
        ("copied_at", {"S": "2026-11-21T03:04:05Z"}, "copied_at is '2026-11-21T03:04:05Z', not a time like"),
        ("since", {"S": "yesterday"}, "'yesterday' is no time like 2026-11-21T03:04:05.678Z."),
        ("observed_status", {"S": "GONE"}, "'GONE' is not a valid Status"),
    ],
)
def test_an_item_that_is_no_record_is_named_with_what_is_wrong(name: str, value: Any, complaint: str) -> None:
    item = {**item_of(record("a.csv", "v1")), name: value}
    with pytest.raises(MalformedItemError) as raised:
        to_record(item)
    key = str(key_of(record("a.csv", "v1").id))
    assert str(raised.value).startswith(f"Item {key} of the objects table is no record: ")
    assert complaint in str(raised.value)
    assert isinstance(record_or_error(item), MalformedItemError)
