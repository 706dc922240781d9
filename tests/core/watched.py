"""Jobs as the watcher finds them, for tests: their states, how far they are, and what S3 says of waves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from thaw.core.history import Status
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, JobStatus, Loaded, Wave
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.progress_events import ProgressEvent
from thaw.core.times import from_millis, to_millis
from thaw.core.watch_states import Look
from thaw.core.watching import Decision, decide

RULES = JobRules(region="eu-north-1", restore_buckets=("archive",))
START = "2026-11-21T03:00:00.000Z"
SIZE = 1000


def after(hours: float) -> str:
    """The time so many hours after START."""
    return from_millis(to_millis(START) + round(hours * 3_600_000))


def job(*, copies: bool = False, way: Way = Way.BATCH_OPERATIONS, **more: Any) -> JobState:
    """A job of GLACIER objects that restores, all of whose waves are done with; no event is out."""
    request = JobRequest(
        "archive",
        "Bulk",
        way,
        "s3://archive/m.csv",
        copy=CopyRequest() if copies else None,
        expiration_days=7,
    )
    state = JobState(
        job_id="job-1",
        request=request,
        status=JobStatus.RESTORING,
        created_at=START,
        started_at=START,
        loaded=Loaded(by_storage_class={"GLACIER": Totals(10, 10 * SIZE)}),
        requested=True,
    )
    return replace(state, **more)


def announced(state: JobState, percent: int = 0) -> JobState:
    """The job after its start was told."""
    return replace(state, announced_run=state.run, announced_percent=percent)


def wave(number: int = 1, status: str = "Complete", *, reported: bool = True, **more: Any) -> Wave:
    """A wave with a job in S3 (status "" for none yet)."""
    batch_job_id = f"batch-{number}" if status else ""
    made = Wave(number, 10, 10 * SIZE, f"waves/{number}.csv", "etag", batch_job_id, status, reported=reported)
    return replace(made, **more)


def progress(total: int, **by_status: int) -> Progress:
    """A job of `total` objects, so many of them in each status; the rest is pending."""
    counters: dict[tuple[str, str], int] = {}
    for status, objects in by_status.items():
        counters["status", f"{status}_objects"] = objects
        counters["status", f"{status}_bytes"] = objects * SIZE
    return Progress.of(Job("job-1", START, "Bulk", Totals(total, total * SIZE)), counters)


def storage(*lapses: tuple[str, int]) -> dict[tuple[str, str], int]:
    """Counters of temporary copies: (day on which they lapse, objects)."""
    return {(f"storage#2026-11-21T08#{day}", "objects"): objects for day, objects in lapses}


def requested(*hours: tuple[str, int]) -> dict[tuple[str, str], int]:
    """Counters of requests: (hour, objects)."""
    return {(f"hour#{hour}", "requested_objects"): objects for hour, objects in hours}


def look_at(state: JobState, now: str = START, rules: JobRules = RULES, **seen: Any) -> Decision:
    return decide(state, Look(**seen), rules, now)


def told(events: Sequence[ProgressEvent]) -> list[tuple[str, str, str]]:
    """What events say: what of their id, status and percent."""
    prefix = len("job-1-1-")
    return [
        (event.event_id[prefix:], event.fields["Status"], event.fields["ProgressPercent"]) for event in events
    ]


def counts(by_status: Sequence[int]) -> dict[str, int]:
    """Objects restoring, restored, copied, failed and expired, by these names."""
    names = (Status.RESTORING, Status.RESTORED, Status.COPIED, Status.FAILED, Status.EXPIRED)
    return {name.lower(): objects for name, objects in zip(names, by_status, strict=True)}
