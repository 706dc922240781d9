"""What a stack and S3 do not allow is refused before anything is begun, and said."""

from dataclasses import replace

import pytest

from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_request_rules import check_job_request, check_manifest_bucket
from thaw.core.job_requests import CopyRequest, JobRequest, Selection, Way
from thaw.core.job_rules import Destination, JobRules

RULES = JobRules(
    region="eu-north-1",
    restore_buckets=("archive", "vault"),
    manifest_buckets=("manifests",),
    copy_destinations=(Destination("live", "from-"), Destination("archive")),
)
MANIFEST = JobRequest("archive", "Bulk", manifest="s3://manifests/july.csv", expiration_days=7)
LISTED = JobRequest("archive", "Bulk", selection=Selection("2019/"), expiration_days=7)


def copying(copy: CopyRequest, request: JobRequest = LISTED) -> JobRequest:
    return replace(request, copy=copy)


def choosing(selection: Selection, days: int | None = 7, tier: str = "Bulk") -> JobRequest:
    return replace(LISTED, selection=selection, expiration_days=days, tier=tier)


@pytest.mark.parametrize(
    "request_",
    [
        MANIFEST,
        LISTED,
        replace(MANIFEST, expiration_days=None),
        replace(MANIFEST, tier="Expedited", way=Way.REQUESTS),
        choosing(Selection(storage_classes=("INTELLIGENT_TIERING",)), days=None),
        choosing(Selection(storage_classes=("GLACIER", "DEEP_ARCHIVE"), min_size_bytes=5, max_size_bytes=5)),
        copying(CopyRequest("GLACIER_IR")),
        copying(CopyRequest(destination_bucket="live", destination_prefix="from-archive/")),
        copying(CopyRequest(destination_bucket="archive")),
        copying(CopyRequest("GLACIER", "live", "from-archive/"), MANIFEST),
        copying(CopyRequest(destination_prefix="copies/")),
        replace(copying(CopyRequest()), max_uncopied_bytes=0),
    ],
)
def test_what_is_allowed_is_let_through(request_: JobRequest) -> None:
    check_job_request(request_, RULES)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (replace(LISTED, bucket="other"), "Bucket other is not among the stack's restore_buckets"),
        (replace(MANIFEST, bucket=""), "Bucket  is not among the stack's restore_buckets"),
        (replace(MANIFEST, tier="Expedited"), "S3 Batch Operations takes only STANDARD and BULK"),
        (
            replace(
                choosing(Selection(storage_classes=("DEEP_ARCHIVE",)), tier="Expedited"), way=Way.REQUESTS
            ),
            "tier is EXPEDITED, which objects in DEEP_ARCHIVE do not have",
        ),
        (choosing(Selection(storage_classes=("INTELLIGENT_TIERING",))), "leave out expiration_days"),
        (choosing(Selection(storage_classes=("GLACIER", "INTELLIGENT_TIERING"))), "make two jobs of them"),
        (choosing(Selection(), days=None), "expiration_days is missing"),
        (
            choosing(Selection(min_size_bytes=2, max_size_bytes=1)),
            "No object has 2 bytes or more and 1 or fewer",
        ),
        (
            choosing(
                Selection(
                    modified_from="2026-07-01T00:00:00.000Z", modified_before="2026-07-01T00:00:00.000Z"
                )
            ),
            "No object is modified from 2026-07-01T00:00:00.000Z on and before",
        ),
        (copying(CopyRequest(destination_bucket="elsewhere")), "Copies to elsewhere/2019/ are not allowed"),
        (copying(CopyRequest(destination_bucket="live")), "Copies to live/2019/ are not allowed"),
        (copying(CopyRequest(), replace(LISTED, bucket="vault")), "Copies to vault/2019/ are not allowed"),
        (copying(CopyRequest("DEEP_ARCHIVE")), "A copy in place in DEEP_ARCHIVE would be archived again"),
        (copying(CopyRequest("GLACIER", "archive")), "A copy in place in GLACIER would be archived again"),
        (copying(CopyRequest(delete_source=True)), "delete_source would delete the copy, which is in place"),
        (
            copying(CopyRequest(destination_prefix="copies/", delete_source=True)),
            "the stack's setting copy_may_delete_source is false",
        ),
        (replace(LISTED, max_uncopied_bytes=1), "max_uncopied_bytes paces a job that copies"),
    ],
)
def test_what_is_not_allowed_is_refused_in_a_sentence(request_: JobRequest, sentence: str) -> None:
    with pytest.raises(JobRefusedError) as raised:
        check_job_request(request_, RULES)
    assert sentence in str(raised.value)
    assert raised.value.status == 422


def test_a_stack_may_let_sources_be_deleted() -> None:
    request = copying(CopyRequest(destination_prefix="copies/", delete_source=True))
    check_job_request(request, replace(RULES, copy_may_delete_source=True))


@pytest.mark.parametrize("bucket", ["manifests", "archive"])
def test_manifests_are_read_where_the_stack_says(bucket: str) -> None:
    check_manifest_bucket(bucket, RULES)


def test_a_manifest_elsewhere_is_not_read() -> None:
    with pytest.raises(JobRefusedError, match=r"^Manifests are not read from bucket other; the stack's"):
        check_manifest_bucket("other", RULES)
