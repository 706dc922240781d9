"""Which objects a job takes: those a selection chooses, and of those a manifest names the archived ones."""

from thaw.core.history import History, Observation, Status
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import JobRequest, Selection
from thaw.core.listing import ARCHIVED, Listed

TIERING = "INTELLIGENT_TIERING"
"""Its archive tiers are restored for good, without an expiration; a listing does not tell who is in one.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-managing.html"""


def chosen(selection: Selection, listed: Listed) -> bool:
    """Whether `selection` chooses the object, which lies under its prefix."""
    return (
        listed.is_latest
        and listed.storage_class in (selection.storage_classes or ARCHIVED)
        and (selection.min_size_bytes is None or listed.size_bytes >= selection.min_size_bytes)
        and (selection.max_size_bytes is None or listed.size_bytes <= selection.max_size_bytes)
        and listed.last_modified >= selection.modified_from
        and (not selection.modified_before or listed.last_modified < selection.modified_before)
    )


def why_not(storage_class: str) -> str:
    """Why an object of that class is no part of any job; "" if it may be ("" is an unknown class)."""
    if not storage_class or storage_class in ARCHIVED or storage_class == TIERING:
        return ""
    return f"the object is not archived: its storage class is {storage_class}"


def check_class(request: JobRequest, storage_class: str, path: str) -> None:
    """Raises JobRefusedError where S3 would refuse the request for the object `path` of that class.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
    """
    if storage_class == TIERING and request.expiration_days is not None:
        raise JobRefusedError(
            f"{path} is in {TIERING}, whose objects are restored for good, so that S3 takes no expiration:"
            " leave out expiration_days, and make another job of the objects in other classes."
        )
    if storage_class in ARCHIVED and request.expiration_days is None:
        raise JobRefusedError(
            f"{path} is in {storage_class}, whose restores need an expiration: give expiration_days, and make"
            f" another job of objects in {TIERING}."
        )
    if storage_class == "DEEP_ARCHIVE" and request.tier == "Expedited":
        raise JobRefusedError(
            f"{path} is in DEEP_ARCHIVE, which has no tier EXPEDITED: use STANDARD or BULK, or make another"
            " job of it."
        )


def check_one_version(request: JobRequest, key: str, before: str) -> None:
    """Raises JobRefusedError where `key`, which follows `before` in the order of keys, is copied twice.

    The copies of two versions have one name, and size and class alone do not always tell them apart: the
    second would be taken for the first.
    """
    if request.copy is not None and key == before:
        raise JobRefusedError(
            f"{request.bucket}/{key} is named in several versions, whose copies would have one name: make a"
            " job of each version, with a destination_prefix of its own, or leave out copy."
        )


def seen(listed: Listed) -> History:
    """What the listing tells of a restore that was requested before the job."""
    if listed.restore_in_progress:
        return History(observation=Observation(listed.listed_at, Status.RESTORING))
    if listed.restore_expires_at:
        return History(
            restore_expires_at=listed.restore_expires_at,
            observation=Observation(listed.listed_at, Status.RESTORED),
        )
    return History()
