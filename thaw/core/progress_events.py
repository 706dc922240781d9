"""The few events that tell the world how a job goes, spelled for consumers: see docs/progress-events.md."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from thaw.core.history import Status
from thaw.core.job_states import JobState, JobStatus
from thaw.core.jobs import Progress, Totals
from thaw.core.watch_figures import eta

SCHEMA_VERSION = "1"
SOURCE = "thaw"
DETAIL_TYPE = "Job Progress"

START = "start"
END = "end"

_READABLE = (Status.RESTORED, Status.EXPIRED, Status.COPIED)
_IN_FLIGHT = (Status.PENDING, Status.RESTORING)


class Trouble(NamedTuple):
    """What needs somebody's attention, in a sentence; `objects` it concerns, at least."""

    kind: str
    objects: int
    detail: str


class ProgressEvent(NamedTuple):
    """One event; `event_id` names what it says, so that it is said once: `<job id>-<run>-<what>`."""

    event_id: str
    job_id: str
    body: str

    @property
    def fields(self) -> dict[str, Any]:
        return json.loads(self.body)


class Count(NamedTuple):
    """Objects of a job: done as it was asked for, lost for good, and all."""

    done: int
    lost: int
    total: int

    @property
    def percent(self) -> int:
        """Cut to whole percent: 100 only when all are done."""
        return 100 * self.done // self.total if self.total else 100


def count(state: JobState, progress: Progress) -> Count:
    """Where objects are copied, only a copy is done; what lapsed before is asked for again, not lost."""
    done = _READABLE if state.request.copy is None else (Status.COPIED,)
    lost = progress.by_status[Status.FAILED].objects
    return Count(_objects(progress, done), lost, progress.job.totals.objects)


def phase(state: JobState, progress: Progress | None) -> str:
    """What the job is at: Preparing, Requesting, Restoring, Copying or Ended."""
    if state.ended:
        return "Ended"
    if progress is None or state.status in (JobStatus.PREPARING, JobStatus.LOADING):
        return "Preparing"
    if not state.requested:
        return "Requesting"
    return "Restoring" if _objects(progress, _IN_FLIGHT) or state.request.copy is None else "Copying"


def progress_event(
    state: JobState, progress: Progress | None, what: str, troubles: Sequence[Trouble], now: str
) -> ProgressEvent:
    """The event that says `what` of a job; `progress` is None for a job whose objects are not registered."""
    event_id = f"{state.job_id}-{state.run}-{what}"
    counted = Count(0, 0, 0) if progress is None else count(state, progress)
    by_status: Mapping[Status, Totals] = {} if progress is None else progress.by_status
    made = [wave.batch_job_id for wave in state.waves if wave.batch_job_id]
    refused = sum(wave.failed_tasks for wave in state.waves) + state.requests_refused
    fields: dict[str, Any] = {
        "JobId": state.job_id,
        "BatchJobId": made[-1] if made else "",
        "Status": state.status.value,
        "ProgressPercent": str(counted.percent if progress else 0),
        "FailedBatchFiles": str(refused),
        "SchemaVersion": SCHEMA_VERSION,
        "EventId": event_id,
        "Time": now,
        "Run": state.run,
        "Phase": phase(state, progress),
        "ClientTag": state.request.client_tag,
        "TotalObjects": counted.total,
        "TotalBytes": progress.job.totals.size_bytes if progress else 0,
        "ObjectsByStatus": {status.value: part.objects for status, part in by_status.items()},
        "BytesByStatus": {status.value: part.size_bytes for status, part in by_status.items()},
        "Eta": "" if state.ended else eta(state, counted.done, counted.total, now),
        "Reason": state.reason,
        "Trouble": [
            {"Kind": trouble.kind, "Objects": trouble.objects, "Detail": trouble.detail}
            for trouble in troubles
        ],
    }
    return ProgressEvent(event_id, state.job_id, json.dumps(fields, separators=(",", ":")))


def _objects(progress: Progress, statuses: Sequence[Status]) -> int:
    return sum(progress.by_status[status].objects for status in statuses)
