"""Settings that cannot be followed are refused before anything is read."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from thaw.manifests.errors import SettingsError
from thaw.manifests.settings import Filters, PrepareSettings


@pytest.mark.parametrize("job_id", ["a", "A-b_c.9", "x" * 64])
def test_a_job_id_is_up_to_64_plain_characters(job_id: str) -> None:
    assert PrepareSettings(job_id, "Bulk").job_id == job_id


@pytest.mark.parametrize("job_id", ["", "x" * 65, "a b", "a/b", "a#b", "é", "a\n"])
def test_other_job_ids_are_refused(job_id: str) -> None:
    with pytest.raises(SettingsError, match="must be 1 to 64 characters out of"):
        PrepareSettings(job_id, "Bulk")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tier": "bulk"}, "Tier 'bulk' does not exist; S3 has Expedited, Standard, Bulk"),
        ({"rows_per_part": 0}, "rows_per_part is 0; a part needs at least 1 row"),
        (
            {"memory_limit_bytes": 1_000_000},
            "memory_limit_bytes is 1,000,000; it must be 500,000,000 or more",
        ),
        ({"default_storage_class": "glacier"}, "Storage class 'glacier' does not exist; S3 has GLACIER"),
    ],
)
def test_other_settings_out_of_range_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        replace(PrepareSettings("j", "Bulk"), **fields)


def test_filters_need_real_classes_and_time_zones() -> None:
    with pytest.raises(SettingsError, match="Storage class 'any' does not exist"):
        Filters(storage_classes=frozenset({"any"}))
    with pytest.raises(SettingsError, match="2024-01-01 00:00:00 has no time zone; write UTC times with Z"):
        Filters(modified_from=datetime.fromisoformat("2024-01-01T00:00:00"))
