"""A job as the API and `thaw job show` tell of it: JSON, its spelling that of docs/openapi.yaml."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from thaw.core.job_request_view import request_view
from thaw.core.job_states import JobState, Loaded, Validated, Wave
from thaw.core.jobs import Progress, Totals
from thaw.core.progress_events import count
from thaw.core.redaction import redacted
from thaw.core.vault_states import VaultState
from thaw.core.vault_view import vault_view


def job_view(
    state: JobState,
    progress: Progress | None,
    topic_arn: str,
    jobs_bucket: str,
    vault: VaultState | None = None,
) -> dict[str, Any]:
    """All of a job. `progress` is None before its objects are registered, `vault` but for a vault transfer.

    `SNSTopic`, `BulkJobId` and `BatchOperation` are spelled as callers have known them.
    """
    return {
        "SNSTopic": topic_arn,
        **job_line(state),
        "BatchOperation": _batch_operation(state),
        "request": request_view(state.request),
        "validated": None if state.validated is None else _validated(state.validated, jobs_bucket),
        "loaded": None if state.loaded is None else _loaded(state.loaded),
        "waves": [_wave(wave) for wave in state.waves],
        "progress": None if progress is None else _progress(state, progress),
        "trouble": list(state.trouble),
        "vault": vault_view(state, vault, jobs_bucket),
    }


def job_line(state: JobState) -> dict[str, Any]:
    """What a list tells of a job."""
    return {
        "BulkJobId": state.job_id,
        "Status": state.status.value,
        "reason": redacted(state.reason) or None,
        "bucket": state.request.bucket,
        "client_tag": state.request.client_tag or None,
        "run": state.run,
        "created_at": state.created_at,
        "started_at": state.started_at or None,
        "ended_at": state.ended_at or None,
        "cancel_requested_at": state.cancel_requested_at or None,
    }


def _batch_operation(state: JobState) -> dict[str, str] | None:
    """The latest job of S3 Batch Operations; None before there is one."""
    made = [wave for wave in state.waves if wave.batch_job_id]
    return {"JobId": made[-1].batch_job_id, "Status": made[-1].batch_status} if made else None


def _validated(found: Validated, jobs_bucket: str) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in _COUNTS},
        "by_storage_class": _by_class(found.by_storage_class),
        "rejects_file": f"s3://{jobs_bucket}/{found.rejects_key}" if found.rejects_key else None,
        "expected_hours": found.expected_hours,
        "cost_usd": found.cost_usd or None,
        "cost_leaves_out": found.cost_leaves_out or None,
        "price_date": found.price_date or None,
    }


_COUNTS = (
    *("rows_in", "objects", "size_bytes", "duplicates", "filtered", "rejects"),
    "objects_of_unknown_size",
)


def _loaded(loaded: Loaded) -> dict[str, Any]:
    return {**asdict(loaded), "by_storage_class": _by_class(loaded.by_storage_class)}


def _by_class(totals: Mapping[str, Totals]) -> dict[str, dict[str, int]]:
    return {name: dict(part._asdict()) for name, part in totals.items()}


def _wave(wave: Wave) -> dict[str, Any]:
    return {
        "number": wave.number,
        "objects": wave.objects,
        "size_bytes": wave.size_bytes,
        "batch_job_id": wave.batch_job_id or None,
        "batch_status": wave.batch_status or None,
        "created_at": wave.created_at or None,
        "failed_tasks": wave.failed_tasks,
        "reported": wave.reported,
        "problem": redacted(wave.problem) or None,
    }


def _progress(state: JobState, progress: Progress) -> dict[str, Any]:
    return {
        "percent": count(state, progress).percent,
        **progress.job.totals._asdict(),
        "by_status": {status.value: dict(part._asdict()) for status, part in progress.by_status.items()},
    }
