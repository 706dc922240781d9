"""Counters are the sum of what their records add, by whatever path the records came to be so."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import HOUR, START, event_lists, histories, manifest_entries, records
from thaw.core import times
from thaw.core.archives import VAULT_CLASS
from thaw.core.histogram import bounds, bucket_of
from thaw.core.history import NOTHING, Failure, History, Observation, Status, merge, restored_at, status
from thaw.core.keys import ObjectId
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.rollups import CounterKey, Counters, contributions, deltas, duration_metric

ENTRY = ManifestEntry("job-1", "archive", "a.bin", 1000, "GLACIER", "Bulk")
MILLISECOND = timedelta(milliseconds=1)


def record_of(entry: ManifestEntry, history: History) -> ObjectRecord:
    return ObjectRecord(ObjectId(f"{entry.bucket}/{entry.key}", "null"), entry, history, 0)


def total(parts: Iterable[Counters]) -> Counters:
    counters: Counters = Counter()
    for part in parts:
        counters.update(part)
    return counters


def rows(counters: Counters, metric: str) -> dict[str, dict[str, int]]:
    """The counter rows of all jobs whose metric starts with `metric`, by the rest of their name."""
    found: dict[str, dict[str, int]] = {}
    for key, amount in counters.items():
        name, _, rest = key.metric.partition("#")
        if name == metric:
            attributes = found.setdefault(rest, {})
            attributes[key.attribute] = attributes.get(key.attribute, 0) + amount
    return found


@given(manifest_entries(), event_lists(), st.data(), st.randoms(use_true_random=False))
def test_any_order_duplication_and_split_gives_the_same_counters(
    entry: ManifestEntry, events: list[History], data: st.DataObject, random: Random
) -> None:
    repeated = events + (data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else [])
    random.shuffle(repeated)
    counters: Counters = Counter()
    history = NOTHING
    while repeated:
        size = data.draw(st.integers(1, len(repeated)))
        batch, repeated = repeated[:size], repeated[size:]
        after = reduce(merge, batch, history)
        counters.update(deltas(entry, history, after))
        history = after
    assert history == reduce(merge, events, NOTHING)
    assert counters == contributions(record_of(entry, history))
    assert all(amount >= 0 for amount in counters.values())


@given(manifest_entries(), histories(), histories())
def test_a_change_and_its_reverse_cancel_out(entry: ManifestEntry, one: History, other: History) -> None:
    there, back = deltas(entry, one, other), deltas(entry, other, one)
    assert not any(total([there, back]).values())
    assert all(there.values()), "a counter that does not change is not written"


@given(manifest_entries(), histories())
def test_a_repeated_event_changes_no_counter(entry: ManifestEntry, history: History) -> None:
    assert deltas(entry, history, merge(history, history)) == {}


@given(st.lists(records(), max_size=12))
def test_status_counters_add_up_to_the_objects_that_are_no_longer_pending(some: list[ObjectRecord]) -> None:
    counters = rows(total(map(contributions, some)), "status").get("", {})
    for each in Status:
        members = [record for record in some if record.status is each]
        expected = 0 if each is Status.PENDING else len(members)
        expected_bytes = 0 if each is Status.PENDING else sum(m.entry.size_bytes or 0 for m in members)
        assert counters.get(f"{each.lower()}_objects", 0) == expected
        assert counters.get(f"{each.lower()}_bytes", 0) == expected_bytes


@given(st.lists(records(), max_size=12))
@settings(max_examples=200)
def test_storage_counters_give_exact_byte_milliseconds(some: list[ObjectRecord]) -> None:
    expected = 0
    kept: list[ObjectRecord] = []
    for record in some:
        start, end = restored_at(record.history), record.history.restore_expires_at
        if start and end > start and record.entry.storage_class != VAULT_CLASS:
            lifetime = datetime.fromisoformat(end) - datetime.fromisoformat(start)
            expected += (record.entry.size_bytes or 0) * (lifetime // MILLISECOND)
            kept.append(record)
    counted = rows(total(map(contributions, some)), "storage")
    byte_ms = 0
    for name, row in counted.items():
        hour, day = name.split("#")
        from_hour_to_day = times.to_millis(f"{day}T00:00:00.000Z") - times.to_millis(f"{hour}:00:00.000Z")
        byte_ms += row["size_bytes"] * from_hour_to_day + row["end_byte_ms"] - row["start_byte_ms"]
    assert byte_ms == expected
    assert sum(row["objects"] for row in counted.values()) == len(kept)
    assert sum(row["size_bytes"] for row in counted.values()) == sum(r.entry.size_bytes or 0 for r in kept)


@given(st.lists(records(), max_size=12))
def test_hour_rows_hold_each_kind_of_event_in_its_hour(some: list[ObjectRecord]) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for record in some:
        history = record.history
        for kind, at in {
            "requested": history.restore_requested_at,
            "completed": restored_at(history),
            "expired": history.restore_expired_at,
            "copied": history.copied_at,
            "failed": history.failure.at,
        }.items():
            if at:
                expected[at[:13], f"{kind}_objects"] += 1
                expected[at[:13], f"{kind}_bytes"] += record.entry.size_bytes or 0
    counted = rows(total(map(contributions, some)), "hour")
    found = Counter({(hour, name): amount for hour, row in counted.items() for name, amount in row.items()})
    assert found == expected


@given(st.lists(records(), max_size=12))
def test_duration_rows_hold_every_restore_whose_request_is_known(some: list[ObjectRecord]) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for record in some:
        start, end = record.history.restore_requested_at, record.history.restore_completed_at
        if start and end >= start:
            took = times.to_millis(end) - times.to_millis(start)
            name = "#".join((record.entry.storage_class or "UNKNOWN", record.entry.tier or "UNKNOWN"))
            expected[name, "objects"] += 1
            expected[name, "size_bytes"] += record.entry.size_bytes or 0
            expected[name, "duration_ms"] += took
            expected[name, f"b{bucket_of(took)}"] += 1
    counted = rows(total(map(contributions, some)), "duration")
    found = Counter({(name, a): amount for name, row in counted.items() for a, amount in row.items()})
    assert found == expected


def test_the_rows_of_a_restored_object_have_these_names_and_numbers() -> None:
    history = History(
        restore_requested_at="2026-11-21T03:59:59.999Z",
        restore_completed_at="2026-11-21T04:00:01.000Z",
        restore_expires_at="2026-11-23T00:00:00.002Z",
    )
    first, after = bounds(bucket_of(1001))
    assert first <= 1001 < after
    assert contributions(record_of(ENTRY, history)) == {
        CounterKey("job-1", metric, attribute): amount
        for metric, attribute, amount in [
            ("status", "restored_objects", 1),
            ("status", "restored_bytes", 1000),
            ("hour#2026-11-21T03", "requested_objects", 1),
            ("hour#2026-11-21T03", "requested_bytes", 1000),
            ("hour#2026-11-21T04", "completed_objects", 1),
            ("hour#2026-11-21T04", "completed_bytes", 1000),
            ("duration#GLACIER#Bulk", "objects", 1),
            ("duration#GLACIER#Bulk", "size_bytes", 1000),
            ("duration#GLACIER#Bulk", "duration_ms", 1001),
            ("duration#GLACIER#Bulk", f"b{bucket_of(1001)}", 1),
            ("storage#2026-11-21T04#2026-11-23", "objects", 1),
            ("storage#2026-11-21T04#2026-11-23", "size_bytes", 1000),
            ("storage#2026-11-21T04#2026-11-23", "start_byte_ms", 1_000_000),
            ("storage#2026-11-21T04#2026-11-23", "end_byte_ms", 2_000),
        ]
    }


@pytest.mark.parametrize("took", [0, 1, 5, 127, 128, 5 * HOUR])
def test_a_duration_is_counted_in_its_bucket(took: int) -> None:
    history = History(
        restore_requested_at=times.from_millis(START), restore_completed_at=times.from_millis(START + took)
    )
    assert rows(contributions(record_of(ENTRY, history)), "duration") == {
        "GLACIER#Bulk": {"objects": 1, "size_bytes": 1000, "duration_ms": took, f"b{bucket_of(took)}": 1}
    }


def test_a_pending_object_adds_nothing() -> None:
    assert contributions(record_of(ENTRY, NOTHING)) == {}


def test_a_copy_moves_the_object_from_one_status_to_the_other() -> None:
    restored = History(restore_completed_at="2026-11-21T04:00:00.000Z")
    copied = merge(restored, History(copied_at="2026-11-21T05:00:00.000Z"))
    assert deltas(ENTRY, restored, copied) == {
        CounterKey("job-1", "status", "restored_objects"): -1,
        CounterKey("job-1", "status", "restored_bytes"): -1000,
        CounterKey("job-1", "status", "copied_objects"): 1,
        CounterKey("job-1", "status", "copied_bytes"): 1000,
        CounterKey("job-1", "hour#2026-11-21T05", "copied_objects"): 1,
        CounterKey("job-1", "hour#2026-11-21T05", "copied_bytes"): 1000,
    }


def test_an_object_of_unknown_size_counts_as_an_object_without_bytes() -> None:
    history = History(failure=Failure("2026-11-21T04:00:00.000Z", "AccessDenied", "no"))
    change = deltas(ENTRY._replace(size_bytes=None), NOTHING, history)
    assert change == {
        CounterKey("job-1", "status", "failed_objects"): 1,
        CounterKey("job-1", "hour#2026-11-21T04", "failed_objects"): 1,
    }


def test_a_restore_that_only_a_listing_showed_has_storage_but_no_duration() -> None:
    seen = times.from_millis(START)
    history = History(
        restore_requested_at=times.from_millis(START - HOUR),
        restore_expires_at=times.from_millis(START + HOUR),
        observation=Observation(seen, Status.RESTORED),
    )
    counters = contributions(record_of(ENTRY, history))
    assert status(history) is Status.RESTORED
    assert rows(counters, "duration") == {}
    assert rows(counters, "storage")["2026-11-21T00#2026-11-21"]["end_byte_ms"] == 1000 * HOUR


def test_unknown_class_and_tier_have_a_name() -> None:
    assert duration_metric("", "") == "duration#UNKNOWN#UNKNOWN"
    assert duration_metric("DEEP_ARCHIVE", "Standard") == "duration#DEEP_ARCHIVE#Standard"


def test_what_glacier_holds_for_a_retrieval_is_no_temporary_copy_that_is_billed() -> None:
    history = History(
        "2026-11-21T01:00:00.000Z", "2026-11-21T05:00:00.000Z", restore_expires_at="2026-11-22T05:00:00.000Z"
    )
    archive = contributions(record_of(ENTRY._replace(storage_class=VAULT_CLASS), history))
    assert rows(contributions(record_of(ENTRY, history)), "storage")
    assert not rows(archive, "storage")
    assert rows(archive, "duration").keys() == {f"{VAULT_CLASS}#Bulk"}
