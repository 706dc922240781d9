"""Where a job stands as a whole: what was asked, what was found, what was sent to S3, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from thaw.core.job_requests import JobRequest
from thaw.core.jobs import Totals


class JobStatus(StrEnum):
    """Spelled as the progress events spell it; the first two come before the first event."""

    PREPARING = "Preparing"
    LOADING = "Loading"
    RESTORING = "Restoring"
    COPYING = "Copying"
    COMPLETE = "Complete"
    COMPLETE_WITH_FAILURES = "CompleteWithFailures"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"
    DRY_RUN = "DryRun"


ENDED = frozenset(
    {
        JobStatus.COMPLETE,
        JobStatus.COMPLETE_WITH_FAILURES,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.TIMEOUT,
        JobStatus.DRY_RUN,
    }
)


@dataclass(frozen=True)
class Validated:
    """What was found in the manifest or listing; `rows_in` is the sum of the others.

    `cost_usd` is decimal text, "" where it cannot be told; `cost_leaves_out` names the lines of `thaw cost`
    that are not in it because no price is known, "" for none. `rejects_key` is in the jobs bucket.
    """

    rows_in: int
    objects: int
    size_bytes: int
    duplicates: int
    filtered: int
    rejects: int
    objects_of_unknown_size: int
    by_storage_class: Mapping[str, Totals]
    rejects_key: str
    parts: int
    expected_hours: float
    cost_usd: str
    price_date: str
    cost_leaves_out: str = ""


@dataclass(frozen=True)
class Loaded:
    """What loading came to: totals of the job; objects that need a request; those that were `readable` or
    `copied` or being restored (`restoring`) already; and those that another job has (`elsewhere`; how many
    each in `elsewhere_jobs`)."""

    objects: int = 0
    size_bytes: int = 0
    by_storage_class: Mapping[str, Totals] = field(default_factory=dict[str, Totals])
    requests: int = 0
    requests_bytes: int = 0
    readable: int = 0
    restoring: int = 0
    copied: int = 0
    elsewhere: int = 0
    elsewhere_jobs: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Wave:
    """One Batch Operations job: a manifest in the jobs bucket, and how far it has come.

    `batch_status` is S3's own word ("" before it is created); `reported`: its completion report is read, and
    `problem` says in a sentence what of it does not add up; `versioned`: the manifest tells versions.
    """

    number: int
    objects: int
    size_bytes: int
    manifest_key: str
    manifest_etag: str = ""
    batch_job_id: str = ""
    batch_status: str = ""
    created_at: str = ""
    failed_tasks: int = 0
    reported: bool = False
    problem: str = ""
    versioned: bool = False
    report_execution: str = ""
    """ARN of the `read-report` execution started last, "" before the first; see report_attempts."""
    report_attempts: int = 0


@dataclass(frozen=True)
class JobState:
    """A job from its request to its end; times are fixed-width ISO-8601, "" for never.

    `reason` says in a sentence why it failed or was cancelled; `refusal` is the HTTP status (4xx) when the
    request itself was at fault, 0 otherwise. `run` counts the runs of a job that was started again; one that
    `continues` has objects of an earlier run.
    `trouble` are the kinds of trouble that hold now (`thaw.core.watch_troubles`).
    """

    job_id: str
    request: JobRequest
    status: JobStatus
    created_at: str
    execution_arn: str = ""
    run: int = 1
    continues: bool = False
    reason: str = ""
    refusal: int = 0
    validated: Validated | None = None
    loaded: Loaded | None = None
    waves: tuple[Wave, ...] = ()
    requested: bool = False
    """Every restore was requested (way REQUESTS), or every wave was created."""
    requests_refused: int = 0
    """Restore requests that S3 refused (way REQUESTS)."""
    cancel_requested_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    trouble: tuple[str, ...] = ()
    closed: bool = False
    """Way VAULT: the manifest is written and no upload of ours is open; only then the job ends."""
    keep_uploads: bool = False
    """Way VAULT, cancelled: uploads that are open stay so, for the next run to go on with."""
    announced_run: int = 0
    """The run whose start was announced last; then `announced_percent` is the last step of it that was."""
    announced_percent: int = 0
    last_counts: str = ""
    """What the watcher saw when it looked last, and since when it has not changed: `changed_at`."""
    changed_at: str = ""
    revision: int = 0

    @property
    def ended(self) -> bool:
        return self.status in ENDED
