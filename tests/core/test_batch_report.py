"""Completion reports of S3 Batch Operations: what rows say of objects, whichever way their columns are."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import keys
from thaw.core.batch_report import (
    ReportPart,
    Verdict,
    parse_report_manifest,
    parse_report_row,
    refusal,
)
from thaw.core.errors import BatchReportError
from thaw.core.history import Failure, History, Status, merge, status
from thaw.core.keys import ObjectId, Spelling, encode_key, object_path

MANIFEST = (Path(__file__).parent / "batch-report-manifest.json").read_text()
AT = "2026-11-21T09:00:00.000Z"
LATER = "2026-11-21T09:00:03.000Z"
DONE = ("archive", "a.txt", "", "succeeded", "200", "", "Successful")


def test_a_manifest_lists_its_parts() -> None:
    folder = "jobs/july/reports/job-f8fb9d89/results/"
    assert parse_report_manifest(MANIFEST) == [
        ReportPart(
            "thaw-jobs-files",
            f"{folder}6217b0fab0de85c408b4be96aeaca9b195a7daa5.csv",
            "83b1c4cbe93fc893f54053697e10fd6e",
        ),
        ReportPart(
            "thaw-jobs-files",
            f"{folder}b2ddad417e94331e9f37b44f1faf8c7ed5873f2e.csv",
            "22ee037f3515975f7719699e5c416eaa",
        ),
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"Format": "Report_CSV_20180820", "Results": [{}]}']
)
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(
        BatchReportError, match=r"manifest\.json cannot be read .* is it of S3 Batch Operations"
    ):
        parse_report_manifest(text)


def test_a_manifest_of_another_format_is_refused() -> None:
    other = json.dumps({**json.loads(MANIFEST), "Format": "Report_CSV_20990101"})
    with pytest.raises(
        BatchReportError, match="has the format 'Report_CSV_20990101'; Thaw reads Report_CSV_2018"
    ):
        parse_report_manifest(other)


@given(
    key=keys(),
    version_id=st.sampled_from(["", "v1"]),
    message=st.text(max_size=20),
    as_in_the_schema=st.booleans(),
)
def test_a_row_says_of_which_object_it_is_in_either_order_of_its_columns(
    *, key: str, version_id: str, message: str, as_in_the_schema: bool
) -> None:
    code_and_status = ("AccessDenied", "403") if as_in_the_schema else ("403", "AccessDenied")
    written = io.StringIO(newline="")
    encoded = encode_key(key, Spelling.BATCH_OPERATIONS)
    csv.writer(written).writerow(("archive", encoded, version_id, "failed", *code_and_status, message))
    (fields,) = csv.reader(io.StringIO(written.getvalue(), newline=""))
    row = parse_report_row(fields)
    assert row.object_id == ObjectId(object_path("archive", key), version_id or "null")
    assert (row.verdict, row.error_code, row.error_message) == (Verdict.REFUSED, "AccessDenied", message)
    assert row.news(AT) == History(failure=Failure(AT, "AccessDenied", message))


def test_a_requested_object_is_restoring_and_a_known_request_stays_as_it_is() -> None:
    news = parse_report_row(DONE).news(AT)
    assert news == History(restore_requested_at=AT)
    assert merge(History(restore_requested_at=LATER), news) == History(restore_requested_at=LATER)


def test_an_object_that_was_being_restored_already_has_not_failed_and_nobody_knows_since_when() -> None:
    row = parse_report_row(("archive", "a", "", "failed", "409", "RestoreAlreadyInProgress", "in progress"))
    assert row.verdict is Verdict.ALREADY_REQUESTED
    assert row.news(AT).restore_requested_at == ""
    assert status(row.news(AT)) is Status.RESTORING
    completed = History(restore_completed_at=LATER, restore_expires_at="2026-11-28T00:00:00.000Z")
    assert status(merge(row.news(AT), completed)) is Status.RESTORED


def test_a_versioned_row_may_be_of_a_record_without_a_version() -> None:
    versioned = parse_report_row(("archive", "a", "v1", *DONE[3:]))
    assert versioned.target.ids == (ObjectId("archive/a", "v1"), ObjectId("archive/a", "null"))
    assert parse_report_row(DONE).target.ids == (ObjectId("archive/a.txt", "null"),)


def test_a_refusal_of_many_words_is_cut() -> None:
    assert [len(text) for text in refusal("c" * 5000, "m" * 5000, AT).failure[1:]] == [1000, 1000]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (DONE[:-1], "has 6 fields, not 7"),
        ((*DONE, "more"), "has 8 fields, not 7"),
        ((*DONE[:3], "skipped", *DONE[4:]), "has the status 'skipped', neither succeeded nor failed"),
        (("archive", "%zz", *DONE[2:]), "names no object: .*bad escape"),
        (("", "a", *DONE[2:]), "names no object: '' is no bucket name"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(fields: Any, problem: str) -> None:
    with pytest.raises(BatchReportError, match=problem):
        parse_report_row(fields)
