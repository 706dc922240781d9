"""What a stack lets a job ask for, and what S3 would refuse of it: said before anything is begun."""

from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_request_fields import INTELLIGENT_TIERING
from thaw.core.job_requests import CopyRequest, JobRequest, Selection, Way
from thaw.core.job_rules import Destination, JobRules
from thaw.core.listing import ARCHIVED


def check_job_request(request: JobRequest, rules: JobRules) -> None:
    """Raises JobRefusedError (422) for a `request` that `rules` or S3 do not allow, as far as it tells."""
    _check_bucket(request.bucket, rules)
    _check_tier(request)
    if request.selection is not None:
        _check_selection(request.selection)
        _check_days(request, request.selection)
    if request.copy is not None:
        _check_copy(request, request.copy, rules)
    elif request.max_uncopied_bytes is not None:
        raise JobRefusedError("max_uncopied_bytes paces a job that copies, and this one has no copy.")


def check_manifest_bucket(bucket: str, rules: JobRules) -> None:
    """Raises JobRefusedError (422) where jobs may not read manifests from `bucket`."""
    if bucket not in rules.manifest_buckets and bucket not in rules.restore_buckets:
        raise JobRefusedError(
            f"Manifests are not read from bucket {bucket}; the stack's manifest_buckets and restore_buckets"
            " name those that hold them."
        )


def _check_bucket(bucket: str, rules: JobRules) -> None:
    if bucket not in rules.restore_buckets:
        raise JobRefusedError(
            f"Bucket {bucket} is not among the stack's restore_buckets, and no other is restored from."
        )


def _check_tier(request: JobRequest) -> None:
    if request.tier != "Expedited":
        return
    if request.way is Way.BATCH_OPERATIONS:
        raise JobRefusedError(
            "tier is EXPEDITED, but S3 Batch Operations takes only STANDARD and BULK: choose one of these,"
            f' or "way": "{Way.REQUESTS}", which sends one request an object.'
        )
    if request.selection is not None and "DEEP_ARCHIVE" in request.selection.storage_classes:
        raise JobRefusedError(
            "tier is EXPEDITED, which objects in DEEP_ARCHIVE do not have: choose STANDARD or BULK."
        )


def _check_selection(selection: Selection) -> None:
    low, high = selection.min_size_bytes, selection.max_size_bytes
    if low is not None and high is not None and low > high:
        raise JobRefusedError(f"No object has {low} bytes or more and {high} or fewer: swap the two sizes.")
    begin, end = selection.modified_from, selection.modified_before
    if begin and end and begin >= end:
        raise JobRefusedError(f"No object is modified from {begin} on and before {end}: swap the two times.")


def _check_days(request: JobRequest, selection: Selection) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreRequest.html (Days)"""
    classes = frozenset(selection.storage_classes) or ARCHIVED
    tiering = INTELLIGENT_TIERING in classes
    if tiering and len(classes) > 1:
        raise JobRefusedError(
            f"Objects in {INTELLIGENT_TIERING} are restored without an expiration and others with one:"
            " make two jobs of them."
        )
    if tiering and request.expiration_days is not None:
        raise JobRefusedError(
            f"Objects in {INTELLIGENT_TIERING} are moved back for good, so that S3 takes no expiration:"
            " leave out expiration_days."
        )
    if not tiering and request.expiration_days is None:
        raise JobRefusedError(
            "expiration_days is missing: temporary copies of archived objects are kept for so many days."
        )


def _check_copy(request: JobRequest, copy: CopyRequest, rules: JobRules) -> None:
    bucket = copy.destination_bucket or request.bucket
    in_place = request.copies_in_place
    prefix = copy.destination_prefix + (request.selection.prefix if request.selection else "")
    if not any(_covers(destination, bucket, prefix) for destination in rules.copy_destinations):
        raise JobRefusedError(
            f"Copies to {bucket}/{prefix} are not allowed: the stack's copy_destinations do not cover it."
        )
    if in_place and copy.storage_class in ARCHIVED:
        raise JobRefusedError(
            f"A copy in place in {copy.storage_class} would be archived again: choose another storage_class."
        )
    if copy.delete_source and in_place:
        raise JobRefusedError(
            "delete_source would delete the copy, which is in place: leave it out, or copy elsewhere."
        )
    if copy.delete_source and not rules.copy_may_delete_source:
        raise JobRefusedError(
            "delete_source is not allowed: the stack's setting copy_may_delete_source is false."
        )


def _covers(destination: Destination, bucket: str, prefix: str) -> bool:
    return destination.bucket == bucket and prefix.startswith(destination.prefix)
