"""Looks at destinations: whether a copy that was just made is right, and whether one is there already."""

from typing import TYPE_CHECKING

from thaw.copying.errors import CopyDiffersError
from thaw.copying.heads import Head, find_head
from thaw.copying.work import Work
from thaw.core.copy_checks import Content, Verdict, compare
from thaw.core.copy_plan import CopyRefusedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SECONDS = len("2026-11-21T03:04:05")


def check_copy(client: "S3Client", work: Work, copied: Content, version_id: str) -> None:
    """Raises CopyDiffersError unless the copy is its source: by S3's answer to the copy, or else by a look
    at the destination, where the size at least must be the same."""
    verdict = compare(work.source.head.content, copied)
    if verdict is Verdict.UNPROVEN:
        verdict = _look(client, work, version_id)
    if verdict is Verdict.DIFFERENT:
        raise CopyDiffersError(
            f"The copy {work.place.bucket}/{work.place.key} differs from its source {work.source.bucket}/"
            f"{work.source.key} (ETag {work.source.head.content.etag}): look at both before you copy again."
        )


def already_there(client: "S3Client", work: Work, since: str) -> Head | None:
    """The copy, if it is at the destination; None if nothing is.

    Something that cannot be told from the source by its content is the copy if it was made after the
    source became readable, at `since`. Raises CopyRefusedError where something else is.
    """
    place, source = work.place, work.source.head
    found = find_head(client, place.bucket, place.key, "", work.owners.destination)
    if found is None:
        return None
    verdict = compare(source.content, found.content)
    later = found.last_modified[:_SECONDS] >= since[:_SECONDS]
    same = verdict is Verdict.SAME or (verdict is Verdict.UNPROVEN and later)
    if same and found.storage_class == work.copy.storage_class:
        return found
    raise CopyRefusedError(
        "DestinationExists",
        f"{place.bucket}/{place.key} exists ({found.size_bytes} bytes, {found.storage_class}) and is no copy"
        f" of the source ({source.size_bytes} bytes) in {work.copy.storage_class}: delete it or choose"
        " another destination prefix.",
    )


def is_proven(work: Work, there: Head) -> bool:
    """Whether a copy that is there has its source's content by a checksum or MD5, not by its size alone."""
    return compare(work.source.head.content, there.content) is Verdict.SAME


def _look(client: "S3Client", work: Work, version_id: str) -> Verdict:
    place = work.place
    found = find_head(client, place.bucket, place.key, version_id, work.owners.destination)
    return Verdict.DIFFERENT if found is None else compare(work.source.head.content, found.content)
