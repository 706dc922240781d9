"""Looks up what a manifest does not tell: sizes, storage classes, restores under way. Refuses what is not
archived, or not there."""

from collections.abc import Sequence
from typing import NamedTuple

from thaw.core.job_objects import check_class, seen, why_not
from thaw.core.job_requests import JobRequest
from thaw.core.keys import NO_VERSION
from thaw.core.listing import Listed
from thaw.core.records import ObjectRecord
from thaw.jobs.lookups import Lookup, version_of
from thaw.jobs.parts import Refused

ROWS_A_CALL = 200
MIN_CALLS = 10
MAX_CALLS_A_PART = 500
"""At a fifth of a second each well within one invocation of the function."""


class Refined(NamedTuple):
    """What became of the records of a part."""

    kept: list[ObjectRecord]
    refused: list[Refused]
    calls: int


def budget(rows: int) -> int:
    """The calls that looking up so many rows may take."""
    return max(MIN_CALLS, rows // ROWS_A_CALL)


def share(calls_left: int, rows: int, rows_left: int) -> int:
    """The calls that `rows` of the `rows_left` may take of those left."""
    fair = -(-calls_left * rows // max(rows_left, 1))
    return min(calls_left, fair, MAX_CALLS_A_PART)


def refine(records: Sequence[ObjectRecord], request: JobRequest, lookup: Lookup, calls: int) -> Refined:
    """Completes `records`, which are in the order of their keys, within so many calls.

    Raises JobRefusedError for an object that the request does not fit, and ClientError.
    """
    kept: list[ObjectRecord] = []
    refused: list[Refused] = []
    made = lookup.calls
    for record in records:
        found = _looked_up(record, lookup, calls - (lookup.calls - made))
        reason = found if isinstance(found, str) else why_not(found.entry.storage_class)
        if isinstance(found, str) or reason:
            refused.append(Refused(record, reason))
            continue
        check_class(request, found.entry.storage_class, found.id.object_path)
        kept.append(found)
    return Refined(kept, refused, lookup.calls - made)


def _looked_up(record: ObjectRecord, lookup: Lookup, calls: int) -> ObjectRecord | str:
    """The record with what a listing tells, as it was where nothing does, or why there is no such object."""
    if record.entry.size_bytes is not None and record.entry.storage_class:
        return record
    versions = lookup.find(record.entry.key, calls)
    if versions is None:
        return record
    listed = version_of(versions, record.id.version_id)
    if listed is None:
        return _missing(record.id.version_id, versions)
    return record._replace(
        entry=record.entry._replace(size_bytes=listed.size_bytes, storage_class=listed.storage_class),
        history=seen(listed),
        modified_at=listed.last_modified,
    )


def _missing(version_id: str, versions: Sequence[Listed]) -> str:
    """Why a row is refused: S3 takes versions in all rows of a manifest or in none."""
    if version_id != NO_VERSION:
        return "the bucket has no such version"
    latest = next((each.id.version_id for each in versions if each.is_latest), "")
    if latest:
        return f"the row names no version, but others of the manifest do: name one (the latest is {latest})"
    return "the bucket has no such object"
