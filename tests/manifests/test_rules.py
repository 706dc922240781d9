"""The rules in SQL say the same as `thaw.core`, and what they write reads back as it was."""

import csv
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import AWKWARD_KEYS, keys
from thaw.core.errors import KeySpellingError
from thaw.core.keys import Spelling, decode_key, encode_key
from thaw.manifests.arrow import numbered
from thaw.manifests.engine import Engine
from thaw.manifests.rules import judge_sql, spell_sql
from thaw.manifests.settings import Filters, PrepareSettings

_JOB = PrepareSettings("job-1", "Standard")

_PIECES = [
    "%",
    "+",
    "%2",
    "%2B",
    "%20",
    "%zz",
    "%C3",
    "%A9",
    "%ED%A0%80",
    "%C0%AF",
    "%F4%90",
    "a",
    "/",
    "é",
    "\n",
    "%0a",
]
_SPELLINGS = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=8).map("".join)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("spill"), 200_000_000)


def _judged(engine: Engine, key: str, *, url_encoded: bool) -> dict[str, Any]:
    batch = numbered(pa.table({"bucket": ["photos"], "key": [key]}), "index")
    sql = judge_sql(batch, _JOB, url_encoded=url_encoded)
    return engine.query(sql, batch).to_pylist()[0]


@given(spelled=st.one_of(_SPELLINGS, keys(), keys().map(lambda key: encode_key(key, Spelling.INVENTORY))))
@example(spelled="%")
@example(spelled="a%2")
@example(spelled="%25" * 1025)
def test_a_key_of_a_csv_decodes_as_the_core_decodes_it(engine: Engine, spelled: str) -> None:
    judged = _judged(engine, spelled, url_encoded=True)
    try:
        expected = decode_key(spelled, Spelling.INVENTORY)
    except KeySpellingError:
        assert judged["reason"], f"{spelled!r} should be a reject"
    else:
        assert (judged["reason"], judged["key"]) == (None, expected)


@given(key=keys())
def test_a_key_of_parquet_or_orc_is_taken_as_it_is(engine: Engine, key: str) -> None:
    assert _judged(engine, key, url_encoded=False)["key"] == key


@given(key=keys(), version=st.sampled_from(["null", "3HL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY_.1"]))
def test_an_item_and_a_manifest_row_hold_the_key_exactly(engine: Engine, key: str, version: str) -> None:
    batch = pa.table(
        {
            "bucket": ["photos"],
            "key": [key],
            "version_id": [version],
            "size_bytes": pa.array([None], pa.int64()),
            "storage_class": pa.array([None], pa.string()),
        }
    )
    (lines,) = engine.query(spell_sql(_JOB, ["photos"]), batch).to_pylist()
    (unversioned,) = engine.query(spell_sql(_JOB), batch).to_pylist()
    item = json.loads(lines["item"])["Item"]
    (row,) = csv.reader([lines["row"]])

    assert lines["item"].count("\n") == 1
    assert item == {
        "object_path": {"S": f"photos/{key}"},
        "version_id": {"S": version},
        "job_id": {"S": "job-1"},
        "bucket": {"S": "photos"},
        "key": {"S": key},
        "tier": {"S": "Standard"},
        "status": {"S": "PENDING"},
    }
    assert row == ["photos", encode_key(key, Spelling.BATCH_OPERATIONS), version]
    assert unversioned["row"] == ",".join(row[:2]) + "\n"


def test_every_awkward_key_of_the_core_is_kept(engine: Engine) -> None:
    for key in AWKWARD_KEYS:
        spelled = encode_key(key, Spelling.INVENTORY)
        assert _judged(engine, spelled, url_encoded=True)["reason"] is None, f"{key!r} was rejected"


def test_settings_with_quotes_stay_text(engine: Engine) -> None:
    settings = PrepareSettings("job-1", "Bulk", filters=Filters(prefixes=("it's/", "' OR true --")))
    batch = numbered(pa.table({"bucket": ["b", "b"], "key": ["it's/kept", "other"]}), "index")
    sql = judge_sql(batch, settings, url_encoded=False)

    assert [row["reason"] for row in engine.query(sql, batch).to_pylist()] == [None, ""]
