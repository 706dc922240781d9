"""What the manifest says of one archive: from its row of the plan and its record."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from thaw.core.archives import PlannedArchive, archive_object_id
from thaw.core.history import Status
from thaw.core.job_states import JobState
from thaw.core.jobs import Totals
from thaw.core.keys import ObjectId
from thaw.store.items import CHECKSUM, DESTINATION, DESTINATION_VERSION, to_record
from thaw.store.vault_items import text_of
from thaw.vaults.manifests import FailedRow, ManifestRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]

ELSEWHERE = "ELSEWHERE"
"""Stands for the status of an archive whose record another transfer has."""

NO_RECORD = "NO_RECORD"
"""Stands for the status of an archive that no record is of."""

_WHY_NOT = {
    Status.PENDING: "It was not asked of Glacier before the transfer ended; resume the transfer.",
    Status.RESTORING: "Glacier was retrieving it when the transfer ended; resume the transfer.",
    Status.RESTORED: "It was retrieved and not yet transferred when the transfer ended; resume the transfer.",
    Status.EXPIRED: "Its retrieval lapsed before it was transferred; resume the transfer.",
}


def record_id(state: JobState, archive: PlannedArchive) -> ObjectId:
    """The identity of the record of an archive of the job's vault."""
    vault = state.request.vault
    return archive_object_id(vault.vault if vault else "", archive.archive_id)


def row_of(state: JobState, archive: PlannedArchive, item: "Item | None") -> ManifestRow | FailedRow:
    """What has become of an archive by its record (None: there is none). Raises MalformedItemError."""
    if item is None:
        return _failed(archive, NO_RECORD, "NoRecord", "No record of it is left: resume the transfer.")
    record = to_record(item)
    if record.entry.job_id != state.job_id:
        return _failed(archive, ELSEWHERE, "OtherJob", f"Job {record.entry.job_id} has it.")
    history = record.history
    if record.status is Status.COPIED:
        bucket, key = _destination(state, archive, text_of(item, DESTINATION))
        version, checksum = text_of(item, DESTINATION_VERSION), text_of(item, CHECKSUM)
        return ManifestRow(
            *(archive.archive_id, bucket, key, version, archive.size_bytes, archive.sha256_tree_hash),
            *(checksum, history.copied_at, archive.created_at, archive.description),
        )
    at, code, message = history.failure
    if record.status is Status.FAILED:
        return _failed(archive, record.status, code, message, at)
    return _failed(archive, record.status, "NotTransferred", _WHY_NOT[record.status])


def _failed(archive: PlannedArchive, status: str, code: str, message: str, at: str = "") -> FailedRow:
    return FailedRow(
        *(archive.archive_id, archive.key, archive.size_bytes, archive.sha256_tree_hash),
        *(status, code, message, at, archive.created_at, archive.description),
    )


def _destination(state: JobState, archive: PlannedArchive, uri: str) -> tuple[str, str]:
    """Where its object is: where an earlier run put it, if the plan has another key for it now."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    copy = state.request.copy
    return (bucket, key) if key else (copy.destination_bucket if copy else "", archive.key)


def by_status(rows: Iterable[ManifestRow | FailedRow]) -> dict[str, Totals]:
    """Archives and bytes by where they stand."""
    objects, size_bytes = Counter[str](), Counter[str]()
    for row in rows:
        status = row.status if isinstance(row, FailedRow) else str(Status.COPIED)
        objects[status] += 1
        size_bytes[status] += row.size_bytes
    return {name: Totals(objects[name], size_bytes[name]) for name in objects}
