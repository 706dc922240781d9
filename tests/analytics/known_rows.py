"""What was known of objects at a time, their status and what needs attention, written without the core."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from thaw.core.records import ObjectRecord

GUIDANCE_HOURS = {
    ("GLACIER", "Expedited"): 1 / 12,
    ("GLACIER", "Standard"): 5,
    ("GLACIER", "Bulk"): 12,
    ("DEEP_ARCHIVE", "Standard"): 12,
    ("DEEP_ARCHIVE", "Bulk"): 48,
    ("GLACIER_VAULT", "Expedited"): 1 / 12,
    ("GLACIER_VAULT", "Standard"): 5,
    ("GLACIER_VAULT", "Bulk"): 12,
}
DAY = timedelta(days=1)
NEVER = datetime.min.replace(tzinfo=UTC)

Row = dict[str, Any]


def rows_at(records: Iterable[ObjectRecord], as_of: datetime) -> pd.DataFrame:
    """One row an object: what was known of it at `as_of`, its status, and why it needs attention."""
    rows = [_row(record, as_of) for record in records]
    for row in rows:
        row["status"] = _status(row)
        row["reason"], row["since"] = _attention(row, as_of)
    return pd.DataFrame(rows).astype({"size": "int64"})


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _row(record: ObjectRecord, as_of: datetime) -> Row:
    history = record.history
    everything = {
        "requested": _moment(history.restore_requested_at),
        "completed": _moment(history.restore_completed_at),
        "expired": _moment(history.restore_expired_at),
        "copied": _moment(history.copied_at),
        "failed": _moment(history.failure.at),
        "seen": _moment(history.observation.at),
    }
    seen_as = history.observation.status
    known: Row = {kind: at if at and at <= as_of else None for kind, at in everything.items()}
    told = _readable(everything, seen_as)
    known["expires"] = _moment(history.restore_expires_at) if told and told <= as_of else None
    entry = record.entry
    return {
        "job_id": entry.job_id,
        "bucket": entry.bucket,
        "key": entry.key,
        "version_id": record.id.version_id,
        "size_bytes": entry.size_bytes,
        "size": entry.size_bytes or 0,
        "storage_class": entry.storage_class or "UNKNOWN",
        "tier": entry.tier or "UNKNOWN",
        "error_code": history.failure.error_code if known["failed"] else None,
        "seen_as": seen_as if known["seen"] else None,
        "readable": _readable(known, seen_as if known["seen"] else ""),
        **known,
    }


def _readable(known: Row, seen_as: str) -> datetime | None:
    """When the object became readable; a listing tells where the event of its completion is missing."""
    completed, expired, seen = known["completed"], known["expired"], known["seen"]
    if seen_as != "RESTORED" or seen is None:
        return completed
    missing = completed is None or (expired is not None and completed < expired <= seen)
    return seen if missing else completed


def _status(row: Row) -> str:
    if row["copied"]:
        return "COPIED"
    readable, requested, expired = row["readable"], row["requested"], row["expired"]
    live = readable and requested and row["expires"] and readable <= requested < row["expires"]
    if live and expired and readable <= expired <= requested:
        live = False
    events = [
        (None if live else requested, 0, "RESTORING"),
        (row["failed"], 1, "FAILED"),
        (row["seen"], 2, row["seen_as"]),
        (row["completed"], 3, "RESTORED"),
        (expired, 4, "EXPIRED"),
    ]
    happened = [event for event in events if event[0]]
    return max(happened)[2] if happened else "PENDING"


def _attention(row: Row, as_of: datetime) -> tuple[str | None, datetime | None]:
    status, readable, expires, failed = row["status"], row["readable"], row["expires"], row["failed"]
    there = status in ("RESTORED", "FAILED") and readable and expires and readable < expires
    lapses = expires if there and (failed or NEVER) < expires else None
    if status == "EXPIRED" or (lapses and lapses <= as_of):
        return "expired_uncopied", lapses or row["expired"]
    if status == "FAILED":
        return "failed", failed
    notice = DAY / 4 if row["storage_class"] == "GLACIER_VAULT" else DAY
    if lapses and lapses - notice <= as_of:
        return "expiring_uncopied", max(readable, lapses - notice)
    hours = GUIDANCE_HOURS.get((row["storage_class"], row["tier"]))
    if status == "RESTORING" and hours:
        ended = max(row[kind] or NEVER for kind in ("completed", "expired", "failed"))
        begun = row["requested"] if row["requested"] and row["requested"] >= ended else row["seen"]
        due = begun + timedelta(hours=hours)
        return ("restore_overdue", due) if due < as_of else (None, None)
    archived = row["storage_class"] in ("GLACIER", "DEEP_ARCHIVE", "UNKNOWN")
    if status == "COPIED" and not readable and archived:
        return "untracked_copy", row["copied"]
    return None, None
