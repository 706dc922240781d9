"""What a request may say, and the sentence for each thing that it may not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_request_fields import COPY_FIELDS
from thaw.core.job_request_parsing import (
    API_FIELDS,
    BUCKET_FIELDS,
    MAX_DAYS,
    parse_job_request,
    parse_restore_bucket,
)
from thaw.core.job_requests import CopyRequest, JobRequest, Selection, Way

CALLED = {
    "bucket": "manifests",
    "key": "july.csv",
    "tier": "BULK",
    "expiration_days": 7,
    "client_tag": "july",
}
"""As people have called it."""

LISTED = {"bucket": "archive", "prefix": "2019/", "tier": "STANDARD"}


def refusal(body: Any) -> str:
    """The sentence that a request at fault is answered with."""
    with pytest.raises(JobRefusedError) as raised:
        parse_job_request(body)
    assert raised.value.status == 400
    return str(raised.value)


def test_a_call_as_people_make_it_names_a_manifest() -> None:
    assert parse_job_request(CALLED) == (
        JobRequest("", "Bulk", manifest="s3://manifests/july.csv", expiration_days=7, client_tag="july"),
        "",
        False,
    )


def test_the_bucket_of_the_manifests_objects_may_be_named() -> None:
    assert parse_job_request({**CALLED, "source_bucket": "archive"}).request.bucket == "archive"


def test_a_prefix_chooses_objects_of_the_bucket() -> None:
    asked = parse_job_request(
        {
            **LISTED,
            "storage_classes": ["GLACIER"],
            "min_size_bytes": 1,
            "max_size_bytes": 10**12,
            "modified_from": "2019-01-01T00:00:00Z",
            "modified_before": "2019-07-01T02:00:00+02:00",
        }
    )
    assert asked.request == JobRequest(
        "archive",
        "Standard",
        selection=Selection(
            prefix="2019/",
            storage_classes=("GLACIER",),
            min_size_bytes=1,
            max_size_bytes=10**12,
            modified_from="2019-01-01T00:00:00.000Z",
            modified_before="2019-07-01T00:00:00.000Z",
        ),
    )


def test_an_empty_prefix_is_the_whole_bucket() -> None:
    assert parse_job_request({**LISTED, "prefix": ""}).request.selection == Selection()


def test_everything_else_that_may_be_asked_for_is_taken() -> None:
    copy = {
        "storage_class": "STANDARD_IA",
        "destination_bucket": "live",
        "destination_prefix": "from-archive/",
        "keep_metadata": False,
        "keep_tags": False,
        "keep_acl": True,
        "keep_encryption": False,
        "delete_source": True,
    }
    options = {"dry_run": True, "timeout_hours": 24, "max_uncopied_bytes": 0, "idempotency_key": "k-1"}
    request, job_id, _ = parse_job_request({**LISTED, **options, "way": "requests", "copy": copy})
    assert request.copy == CopyRequest(**copy)  # pyright: ignore[reportArgumentType] - as it is spelled there
    assert (request.dry_run, request.timeout_hours, request.max_uncopied_bytes) == (True, 24, 0)
    assert (request.idempotency_key, request.way, job_id) == ("k-1", Way.REQUESTS, "")
    assert parse_job_request({**LISTED, "job_id": "july.2019"}).job_id == "july.2019"
    assert parse_job_request({**LISTED, "job_id": "july.2019", "again": True}).again


def test_what_is_left_out_is_as_the_request_has_it_by_default() -> None:
    assert parse_job_request({**LISTED, "copy": {}}).request.copy == CopyRequest()
    assert parse_job_request(LISTED).request == JobRequest(
        "archive", "Standard", selection=Selection(prefix="2019/")
    )


FAULTS: list[tuple[Any, str]] = [
    ([], "The request must be a JSON object, not []."),
    ("text", 'The request must be a JSON object, not "text".'),
    ({**CALLED, "teir": "BULK"}, 'The request has no field "teir"; it may have again, bucket, client_tag, '),
    ({**LISTED, "again": True}, "again needs the job_id of the job that is to run again."),
    ({"key": "k", "tier": "BULK"}, "The request lacks the field bucket."),
    ({"bucket": "manifests", "key": "k"}, "The request lacks the field tier."),
    ({**CALLED, "bucket": 7}, "bucket must be text, not 7."),
    ({**CALLED, "bucket": "a/b"}, 'bucket is "a/b"; it must be a bucket name of 3 to 255 of A-Z a-z'),
    ({**CALLED, "bucket": "archive\n"}, 'bucket is "archive\\n"; it must be a bucket name'),
    ({**CALLED, "key": ""}, "Key '' has 0 bytes; S3 keys have 1 to 1024."),
    ({**CALLED, "key": "é" * 600}, "has 1200 bytes; S3 keys have 1 to 1024."),
    ({**CALLED, "prefix": "a"}, "Give either key (a manifest) or prefix (what to list;"),
    ({"bucket": "archive", "tier": "BULK"}, "Give either key (a manifest) or prefix (what to list;"),
    ({**LISTED, "prefix": None}, "prefix must be text, not null."),
    ({**LISTED, "source_bucket": "archive"}, "source_bucket goes with key"),
    ({**CALLED, "min_size_bytes": 1}, "min_size_bytes goes with prefix; a manifest (key) is taken whole."),
    ({**CALLED, "tier": "bulk"}, 'tier is "bulk"; it must be STANDARD, BULK or EXPEDITED.'),
    ({**CALLED, "tier": ["BULK"]}, 'tier must be text, not ["BULK"].'),
    ({**CALLED, "expiration_days": "7"}, 'expiration_days must be a whole number, not "7".'),
    ({**CALLED, "expiration_days": True}, "expiration_days must be a whole number, not true."),
    ({**CALLED, "expiration_days": 1.5}, "expiration_days must be a whole number, not 1.5."),
    ({**CALLED, "expiration_days": 0}, f"expiration_days is 0; it must be from 1 to {MAX_DAYS}."),
    ({**CALLED, "expiration_days": 10**40}, "expiration_days is 1000000"),
    ({**CALLED, "expiration_days": float("inf")}, "expiration_days must be a whole number, not Infinity."),
    ({**CALLED, "expiration_days": None}, "expiration_days must be a whole number, not null."),
    ({**CALLED, "client_tag": "a\u0000"}, 'client_tag is "a\\u0000"; it must be at most 256 of A-Z a-z'),
    ({**CALLED, "client_tag": "x" * 257}, "xxx... (259 characters); it must be at most 256 of"),
    ({**CALLED, "dry_run": "yes"}, 'dry_run must be true or false, not "yes".'),
    ({**CALLED, "dry_run": 1}, "dry_run must be true or false, not 1."),
    ({**CALLED, "way": "fast"}, 'way is "fast"; it must be batch_operations or requests.'),
    ({**CALLED, "job_id": "a/b"}, 'job_id is "a/b"; it must be 1 to 64 of A-Z a-z 0-9 _ . and -'),
    ({**CALLED, "job_id": ".."}, 'job_id is ".."; it must be 1 to 64 of'),
    ({**CALLED, "job_id": "x" * 65}, "it must be 1 to 64 of"),
    ({**CALLED, "idempotency_key": ""}, 'idempotency_key is ""; it must be 1 to 128 printable ASCII'),
    ({**CALLED, "idempotency_key": "a", "job_id": "b"}, "Give job_id or idempotency_key, not both"),
    ({**CALLED, "timeout_hours": 0}, "timeout_hours is 0; it must be from 1 to 8760."),
    ({**CALLED, "max_uncopied_bytes": -1}, "max_uncopied_bytes is -1; it must be from 0 to "),
    ({**CALLED, "copy": True}, "copy must be a JSON object, not true."),
    ({**CALLED, "copy": {"acl": True}}, 'copy has no field "acl"; it may have delete_source, '),
    ({**CALLED, "copy": {"storage_class": "COLD"}}, 'storage_class is "COLD"; it must be STANDARD, '),
    ({**CALLED, "copy": {"destination_bucket": ""}}, 'destination_bucket is ""; it must be a bucket name'),
    ({**LISTED, "storage_classes": "GLACIER"}, "storage_classes must be a list of GLACIER, DEEP_ARCHIVE or"),
    ({**LISTED, "storage_classes": []}, "storage_classes must be a list of GLACIER, DEEP_ARCHIVE or"),
    ({**LISTED, "storage_classes": ["STANDARD"]}, 'storage_classes has "STANDARD"; it must be a list of'),
    ({**LISTED, "storage_classes": ["GLACIER"] * 2}, 'storage_classes has "GLACIER"; it must be a list of'),
    ({**LISTED, "storage_classes": [{}]}, "storage_classes has {}; it must be a list of"),
    ({**LISTED, "modified_from": "yesterday"}, 'modified_from is "yesterday"; it must be a time like'),
    ({**LISTED, "modified_from": "2026-07-01T00:00:00"}, "it must be a time like 2026-11-21T03:04:05Z."),
]


@pytest.mark.parametrize(("body", "sentence"), FAULTS)
def test_each_fault_is_said_in_a_sentence(body: Any, sentence: str) -> None:
    said = refusal(body)
    assert sentence in said
    assert len(said) < 400, "a sentence, not the request back"


def test_a_whole_number_may_be_written_with_a_point() -> None:
    days = parse_job_request({**CALLED, "expiration_days": 7.0}).request.expiration_days
    assert days == 7
    assert isinstance(days, int)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*API_FIELDS, *BUCKET_FIELDS, *COPY_FIELDS, "other"])


@given(st.sampled_from([CALLED, LISTED]), st.dictionaries(FIELDS, VALUES, max_size=4))
def test_whatever_is_sent_is_a_request_or_one_sentence(known: dict[str, Any], more: dict[str, Any]) -> None:
    answer: JobRequest | JobRefusedError
    try:
        answer = parse_job_request({**known, **more}).request
    except JobRefusedError as refused:
        answer = refused
    if isinstance(answer, JobRequest):
        assert bool(answer.manifest) != (answer.selection is not None)
    else:
        assert answer.status == 400
        assert str(answer).endswith(".")


def test_the_input_of_the_machine_is_as_people_know_it() -> None:
    assert parse_restore_bucket({"bucket_name": "archive"}) == (
        JobRequest("archive", "Bulk", way=Way.REQUESTS, selection=Selection(), expiration_days=7),
        "",
        False,
    )


def test_the_input_of_the_machine_takes_the_same_choices_as_the_api() -> None:
    request, job_id, _ = parse_restore_bucket(
        {
            "bucket_name": "archive",
            "prefix": "2019/",
            "storage_classes": ["DEEP_ARCHIVE"],
            "tier": "Standard",
            "days": 3,
            "copy": {"storage_class": "GLACIER_IR"},
            "dry_run": True,
            "job_id": "july",
        }
    )
    assert (request.tier, request.expiration_days, request.dry_run, job_id) == ("Standard", 3, True, "july")
    assert request.selection == Selection("2019/", ("DEEP_ARCHIVE",))
    assert request.copy == CopyRequest("GLACIER_IR")


@pytest.mark.parametrize("tier", ["STANDARD", "Standard"])
def test_the_machine_takes_a_tier_in_both_spellings(tier: str) -> None:
    assert parse_restore_bucket({"bucket_name": "archive", "tier": tier}).request.tier == "Standard"


def test_objects_in_intelligent_tiering_get_no_days_by_themselves() -> None:
    body = {"bucket_name": "archive", "storage_classes": ["INTELLIGENT_TIERING"]}
    assert parse_restore_bucket(body).request.expiration_days is None


def test_a_field_of_the_api_is_no_field_of_the_machine() -> None:
    with pytest.raises(JobRefusedError, match=r'^The input has no field "key"; it may have bucket_name, '):
        parse_restore_bucket({"bucket_name": "archive", "key": "july.csv"})
