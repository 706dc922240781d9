"""A job in words, for a terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from thaw.core.job_states import JobState, JobStatus, Loaded, Validated
from thaw.core.jobs import Progress
from thaw.core.progress_events import count
from thaw.core.redaction import redacted


def describe(state: JobState, jobs_bucket: str) -> Iterator[str]:
    """Where the job stands, and what was found and loaded, a line each."""
    yield f"Job {state.job_id}: {state.status}.{_reason(state)}"
    if state.validated is not None:
        yield _found(state.validated)
        if state.validated.rejects:
            yield f"Rejects with their reasons: s3://{jobs_bucket}/{state.validated.rejects_key}"
    if state.loaded is not None:
        yield from _loaded(state.loaded)
    for wave in state.waves:
        if wave.batch_job_id:
            yield (
                f"Batch Operations job {wave.batch_job_id}: {wave.batch_status or 'created'},"
                f" {wave.objects:,} objects, {wave.failed_tasks:,} failed tasks."
            )
    if state.trouble:
        yield f"Needs attention: {', '.join(state.trouble)}."
    if state.cancel_requested_at and not (state.ended or state.reason):
        yield "It is being cancelled."


def is_counted_out(state: JobState, progress: Progress) -> bool:
    """Whether every object is done or lost, though the job has not ended: nobody has looked since."""
    counted = count(state, progress)
    begun = state.status in (JobStatus.RESTORING, JobStatus.COPYING) and not state.cancel_requested_at
    return begun and counted.done + counted.lost == counted.total


def listing(states: Sequence[JobState]) -> Table:
    """A line a job."""
    shown = Table()
    for name in ("job", "status", "bucket", "tag", "created", "started", "ended"):
        shown.add_column(name, overflow="fold")
    for state in states:
        times = (state.created_at, state.started_at, state.ended_at)
        shown.add_row(
            state.job_id,
            state.status,
            state.request.bucket,
            state.request.client_tag,
            *(at[:19].replace("T", " ") for at in times),
        )
    return shown


def _reason(state: JobState) -> str:
    if not state.reason:
        return ""
    return f" {redacted(state.reason)}" if state.ended else f" It is about to end: {redacted(state.reason)}"


def _found(found: Validated) -> str:
    cost = f"${found.cost_usd}" if found.cost_usd else "a cost that cannot be told"
    without = f" without {found.cost_leaves_out}" if found.cost_leaves_out else ""
    unknown = found.objects_of_unknown_size
    hint = f" The size of {unknown:,} is unknown." if unknown else ""
    return (
        f"{found.objects:,} objects ({found.size_bytes:,} bytes) of {found.rows_in:,} rows;"
        f" {found.duplicates:,} duplicates, {found.filtered:,} filtered, {found.rejects:,} rejected."
        f" Typically {found.expected_hours:g} hours, and {cost}{without}.{hint}"
    )


def _loaded(loaded: Loaded) -> Iterator[str]:
    yield (
        f"{loaded.requests:,} to request ({loaded.requests_bytes:,} bytes), {loaded.restoring:,} being"
        f" restored already, {loaded.readable:,} readable already, {loaded.copied:,} copied already."
    )
    if loaded.elsewhere:
        others = ", ".join(f"{job_id} ({count:,})" for job_id, count in sorted(loaded.elsewhere_jobs.items()))
        yield f"{loaded.elsewhere:,} belong to other jobs and are left to them: {others}."
