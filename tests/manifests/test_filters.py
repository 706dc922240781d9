"""Filters keep exactly what they say, at their ends too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.manifests.inventories import csv_inventory, orc_inventory, parquet_inventory, row
from tests.manifests.outputs import NEW_JOB, prepared
from thaw.manifests.settings import ANY_STORAGE_CLASS, Filters

_MAY = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
_ROWS = [
    row("a/small", size=1),
    row("a/big", size=1_000, last_modified_date=_MAY + timedelta(seconds=1)),
    row("ä b/deep", size=10, storage_class="DEEP_ARCHIVE", last_modified_date=_MAY - timedelta(seconds=1)),
    row("warm", size=10, storage_class="STANDARD"),
    row("unsized", size=None),
]


@pytest.mark.parametrize("write", [csv_inventory, parquet_inventory, orc_inventory])
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), ["a/small", "a/big", "ä b/deep", "unsized"]),
        (Filters(prefixes=("a/b", "ä b/")), ["a/big", "ä b/deep"]),
        (Filters(storage_classes=ANY_STORAGE_CLASS), ["a/small", "a/big", "ä b/deep", "warm", "unsized"]),
        (Filters(storage_classes=frozenset({"STANDARD"})), ["warm"]),
        (Filters(min_size_bytes=10), ["a/big", "ä b/deep"]),
        (Filters(min_size_bytes=11), ["a/big"]),
        (Filters(max_size_bytes=10), ["a/small", "ä b/deep"]),
        (Filters(max_size_bytes=9), ["a/small"]),
        (Filters(modified_from=_MAY), ["a/small", "a/big", "unsized"]),
        (Filters(modified_before=_MAY), ["ä b/deep"]),
        (Filters(modified_before=_MAY.astimezone(timezone(timedelta(hours=5)))), ["ä b/deep"]),
        (Filters(modified_from=_MAY, modified_before=_MAY + timedelta(seconds=1)), ["a/small", "unsized"]),
    ],
)
def test_filters_keep_what_they_say(
    tmp_path: Path, write: Callable[..., str], filters: Filters, kept: list[str]
) -> None:
    output = prepared(tmp_path / "out", write(tmp_path, _ROWS), settings=replace(NEW_JOB, filters=filters))

    assert [key for _, key, _ in output.identities()] == kept
    assert output.summary.filtered == len(_ROWS) - len(kept)
