"""The record of one object version of a job: what the manifest says of it, and its history."""

from typing import NamedTuple

from thaw.core.history import History, Status, status
from thaw.core.keys import ObjectId

UNKNOWN = "UNKNOWN"
"""Stands for a storage class or tier that no source has told, in names that cannot be empty."""


class ManifestEntry(NamedTuple):
    """What the job's manifest says of an object version.

    `size_bytes` is None, `storage_class` and `tier` are "" when the manifest does not tell.
    """

    job_id: str
    bucket: str
    key: str
    size_bytes: int | None
    storage_class: str
    tier: str


class ObjectRecord(NamedTuple):
    """One object version as stored; `revision` grows with its changes and guards them against each other.

    `since` is when its job took it over from another one ("" if it did not): older news are of that life.
    `modified_at` is when S3 last wrote the object, if a listing or an inventory told: evidence in an import
    line, which the tables do not keep.
    """

    id: ObjectId
    entry: ManifestEntry
    history: History
    revision: int
    since: str = ""
    modified_at: str = ""

    @property
    def status(self) -> Status:
        return status(self.history)
