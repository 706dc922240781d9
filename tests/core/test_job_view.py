"""A job is told whole, in the spelling that callers know, and without what is nobody's business."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.jobs.served import ACCOUNT, ASKED, FOUND, JOBS_BUCKET, LISTED, TOPIC, failed, progress_of
from thaw.core.job_request_parsing import parse_job_request, parse_restore_bucket
from thaw.core.job_request_view import request_view
from thaw.core.job_requests import CopyRequest
from thaw.core.job_states import JobState, JobStatus, Loaded, Wave
from thaw.core.job_view import job_line, job_view
from thaw.core.jobs import Progress, Totals

AT = "2026-11-21T03:04:05.000Z"
STATE = JobState("july", parse_job_request(ASKED).request, JobStatus.RESTORING, AT)
WAVE = Wave(1, 2, 3000, "jobs/july/waves/00001.csv", batch_job_id="b-1", batch_status="Complete")


def view(state: JobState) -> dict[str, object]:
    return job_view(state, None, TOPIC, JOBS_BUCKET)


def test_a_job_that_was_just_made_tells_of_nothing_that_is_not_there_yet() -> None:
    told = view(replace(STATE, status=JobStatus.PREPARING))
    for name in (
        "BatchOperation",
        "validated",
        "loaded",
        "progress",
        "reason",
        "started_at",
        "ended_at",
        "vault",
    ):
        assert told[name] is None, name
    assert (told["SNSTopic"], told["BulkJobId"], told["Status"]) == (TOPIC, "july", "Preparing")
    assert (told["waves"], told["trouble"]) == ([], [])


def test_the_latest_job_of_batch_operations_is_told() -> None:
    waves = (WAVE, replace(WAVE, number=2, batch_job_id="b-2", batch_status="Active"), Wave(3, 1, 1, "k"))
    told = view(replace(STATE, waves=waves))
    assert told["BatchOperation"] == {"JobId": "b-2", "Status": "Active"}


def test_what_was_validated_is_told_with_where_the_rejects_are() -> None:
    assert view(replace(STATE, validated=FOUND))["validated"] == {
        "rows_in": 4,
        "objects": 2,
        "size_bytes": 3000,
        "duplicates": 1,
        "filtered": 0,
        "rejects": 1,
        "rejects_file": "s3://thaw-jobs-files/jobs/x/rejects.csv",
        "objects_of_unknown_size": 0,
        "by_storage_class": {"GLACIER": {"objects": 2, "size_bytes": 3000}},
        "expected_hours": 12.0,
        "cost_usd": "0.01",
        "cost_leaves_out": None,
        "price_date": "2026-11-21",
    }


def test_objects_that_another_job_has_are_told() -> None:
    loaded = Loaded(
        objects=1, by_storage_class={"GLACIER": Totals(1, 5)}, elsewhere=2, elsewhere_jobs={"june": 2}
    )
    told = view(replace(STATE, loaded=loaded))["loaded"]
    assert isinstance(told, dict)
    assert (told["elsewhere"], told["elsewhere_jobs"]) == (2, {"june": 2})
    assert told["by_storage_class"] == {"GLACIER": {"objects": 1, "size_bytes": 5}}


def test_reasons_and_problems_tell_no_account() -> None:
    told = str(view(failed(replace(STATE, waves=(replace(WAVE, problem=f"arn:aws:s3:::x {ACCOUNT}"),)))))
    assert "role/thaw-batch may not be assumed" in told
    assert ACCOUNT not in told.replace(TOPIC, "")


def test_a_line_of_a_list_is_part_of_the_whole() -> None:
    assert job_line(STATE).items() <= view(STATE).items()


@pytest.mark.parametrize("body", [ASKED, {**ASKED, "copy": {}, "idempotency_key": "k"}, LISTED])
def test_a_request_is_told_so_that_it_could_be_made_again(body: dict[str, object]) -> None:
    request = parse_job_request(body).request
    again = parse_job_request(request_view(replace(request, bucket=request.bucket or "archive"))).request
    assert replace(again, bucket=request.bucket) == request


def test_a_request_of_the_machine_is_told_as_one_of_the_api() -> None:
    request = parse_restore_bucket({"bucket_name": "archive", "storage_classes": ["GLACIER"]}).request
    assert request_view(request) == {
        "bucket": "archive",
        "prefix": "",
        "storage_classes": ["GLACIER"],
        "tier": "BULK",
        "way": "requests",
        "dry_run": False,
        "expiration_days": 7,
    }


def percent(progress: Progress, *, copies: bool) -> int:
    request = replace(STATE.request, copy=CopyRequest() if copies else None)
    return job_view(replace(STATE, request=request), progress, TOPIC, JOBS_BUCKET)["progress"]["percent"]


def test_done_is_copied_where_the_job_copies_and_readable_once_where_it_does_not() -> None:
    progress = progress_of("july", pending=1, restoring=1, restored=1, copied=1, failed=1, expired=1)
    assert percent(progress, copies=True) == 16
    assert percent(progress, copies=False) == 50


@given(st.integers(1, 10**9), st.data())
def test_a_hundred_percent_is_all_of_them(total: int, data: st.DataObject) -> None:
    copied = data.draw(st.integers(0, total) | st.just(total - 1))
    told = percent(progress_of("july", pending=total - copied, copied=copied), copies=True)
    assert (told == 100) == (copied == total)
    assert 0 <= told <= 100
