"""The declared columns are those that the tables hold, with types that hold their values."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given

from analytics.schema import OBJECT_COLUMNS
from infra.glue_tables import OBJECTS, ROLLUPS
from tests.fakes.dynamodb import ROLLUPS as ROLLUPS_TABLE
from tests.fakes.dynamodb import FakeDynamoDB
from tests.store.tables import item_of
from tests.strategies import records
from thaw.core.jobs import Job, Totals
from thaw.core.records import ObjectRecord
from thaw.core.rollups import contributions
from thaw.store.jobs import register_job

OBJECT_TYPES = {column.name: column.type for column in OBJECTS}
ROLLUP_TYPES = {column.name: column.type for column in ROLLUPS}
BUCKET_OF_HISTOGRAM = re.compile(r"b\d+")
HELD = {"string": "S", "bigint": "N", "decimal(38,0)": "N"}


def held(item: Mapping[str, Mapping[str, Any]], types: Mapping[str, str], undeclared: set[str]) -> bool:
    """Whether each attribute is declared with a type for its DynamoDB type, or left out on purpose."""
    return all(
        name in undeclared or (next(iter(value)) == HELD[types.get(name, "string")] and name in types)
        for name, value in item.items()
    )


@given(records())
def test_every_attribute_of_a_record_but_its_revision_is_declared(record: ObjectRecord) -> None:
    assert held(item_of(record), OBJECT_TYPES, {"revision"})


@given(records())
def test_every_counter_but_the_histogram_s_buckets_is_declared(record: ObjectRecord) -> None:
    counters = {key.attribute for key in contributions(record)}
    assert {name for name in counters if not BUCKET_OF_HISTOGRAM.fullmatch(name)} <= ROLLUP_TYPES.keys()


def test_a_registered_job_is_declared_but_for_its_map_and_list() -> None:
    dynamodb = FakeDynamoDB()
    totals = Totals(10**9, 50 * 10**21)
    job = Job("j", "2026-11-21T00:00:00.000Z", "Bulk", totals, {"GLACIER": totals}, ("cold",))
    register_job(dynamodb.client, ROLLUPS_TABLE, job)
    for item in dynamodb.items(ROLLUPS_TABLE):
        assert held(item, ROLLUP_TYPES, {"by_storage_class", "buckets"})


def test_the_reports_find_every_column_that_they_read() -> None:
    assert {column.name for column in OBJECT_COLUMNS} <= OBJECT_TYPES.keys()


def test_sums_of_bytes_have_room_for_a_thousand_million_objects_of_50_terabytes() -> None:
    assert 10**9 * 50 * 10**12 > 2**63
    sums = {name: type_ for name, type_ in ROLLUP_TYPES.items() if "bytes" in name or name.endswith("_ms")}
    assert set(sums.values()) == {"decimal(38,0)"}


def test_no_name_is_declared_twice_and_all_are_lower_case_as_glue_needs() -> None:
    for columns in (OBJECTS, ROLLUPS):
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert [name.lower() for name in names] == names
