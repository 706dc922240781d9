"""What a bucket listing proves about an archived object, when the event that said so was lost.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html
"""

from typing import NamedTuple

from thaw.core.history import NOTHING, History, Observation, Status, restored_at, status
from thaw.core.keys import NO_VERSION, ObjectId
from thaw.core.records import ObjectRecord

ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose objects must be restored to be read.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html"""

_SECONDS = len("2026-11-21T03:04:05")


class Listed(NamedTuple):
    """One object version as a listing asked for at `listed_at` showed it; times are fixed-width ISO-8601.

    `restore_in_progress` and `restore_expires_at` are False and "" where S3 shows no restore status.
    """

    id: ObjectId
    bucket: str
    key: str
    is_latest: bool
    size_bytes: int
    storage_class: str
    last_modified: str
    restore_in_progress: bool
    restore_expires_at: str
    listed_at: str


def lost_news(record: ObjectRecord, listed: Listed, job_began: str) -> History:
    """What `listed` shows that `record` does not know; NOTHING when they agree.

    `listed` is the record's own object version, or the destination of its copy; `job_began` is when the
    record's job was made.
    """
    if status(record.history) is Status.COPIED:
        return NOTHING
    if not _same_object(record, listed):
        return _lost_copy(record, listed, job_began)
    if listed.restore_in_progress:
        return _lost_request(record, listed)
    if listed.restore_expires_at:
        return _lost_completion(record, listed)
    return _lost_expiry(record, listed)


def _same_object(record: ObjectRecord, listed: Listed) -> bool:
    """Whether `listed` is still the archived object; in another class or place it may be the copy."""
    before = record.entry.storage_class
    same_class = listed.storage_class == before if before else listed.storage_class in ARCHIVED
    of_no_version = record.id.version_id == NO_VERSION and listed.is_latest
    same_version = record.id.version_id == listed.id.version_id or of_no_version
    return listed.id.object_path == record.id.object_path and same_version and same_class


def _lost_copy(record: ObjectRecord, listed: Listed, job_began: str) -> History:
    """An object of the same size, made since the job began, is the copy. Listings tell whole seconds."""
    same_size = record.entry.size_bytes in (None, listed.size_bytes)
    since = job_began[:_SECONDS] <= listed.last_modified[:_SECONDS]
    return History(copied_at=listed.last_modified) if same_size and since else NOTHING


def _lost_request(record: ObjectRecord, listed: Listed) -> History:
    if status(record.history) in (Status.RESTORING, Status.RESTORED):
        return NOTHING
    return History(observation=Observation(listed.listed_at, Status.RESTORING))


def _lost_completion(record: ObjectRecord, listed: Listed) -> History:
    """Readable. A failure after this very restore (of its copy, say) stays what it is."""
    now = status(record.history)
    known = (
        bool(restored_at(record.history)) and record.history.restore_expires_at >= listed.restore_expires_at
    )
    if known and now is not Status.RESTORING:
        return NOTHING
    extended = History(restore_expires_at=listed.restore_expires_at)
    if now is Status.RESTORED:
        return extended
    return extended._replace(observation=Observation(listed.listed_at, Status.RESTORED))


def _lost_expiry(record: ObjectRecord, listed: Listed) -> History:
    expires_at = record.history.restore_expires_at
    if status(record.history) is Status.RESTORED and expires_at and expires_at <= listed.listed_at:
        return History(restore_expired_at=expires_at)
    return NOTHING
