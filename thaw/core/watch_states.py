"""How a look at a running job changes its state: what S3 says of its waves, and since when nothing moves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from thaw.core.job_states import JobState, Wave
from thaw.core.jobs import Progress
from thaw.core.vault_states import VaultState
from thaw.core.watch_endings import is_open
from thaw.core.watch_figures import JobCounters

DEAD = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})
"""Of an execution that should still run, or have left its mark.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html"""

MISSING = "MISSING"
"""Of an execution that does not exist."""

REPORT_ATTEMPTS = 3


class SeenWave(NamedTuple):
    """What S3 says of a wave's job: its status word, failed tasks, and why it failed ("" if it did not)."""

    status: str
    failed_tasks: int
    reason: str


@dataclass(frozen=True)
class Look:
    """All that was seen. `waves` by number: those that were open; `reports`: the status of the execution that
    reads the report, by number; `workflow`: that of `create-job`, "" where nobody had to look.
    `progress` is None for a job whose objects are not registered, `vault` for one that transfers no vault."""

    progress: Progress | None = None
    counters: JobCounters = field(default_factory=dict[tuple[str, str], int])
    waves: Mapping[int, SeenWave] = field(default_factory=dict[int, SeenWave])
    reports: Mapping[int, str] = field(default_factory=dict[int, str])
    workflow: str = ""
    vault: VaultState | None = None


def with_look(state: JobState, look: Look) -> JobState:
    """`state` with what S3 says of its open waves, and why the first that failed did."""
    waves = tuple(_seen(wave, look) for wave in state.waves)
    failed = [
        f"S3 Batch Operations job {wave.batch_job_id} (wave {wave.number}) failed:"
        f" {look.waves[wave.number].reason}"
        for wave in waves
        if wave.batch_status == "Failed" and wave.number in look.waves
    ]
    return replace(state, waves=waves, reason=state.reason or next(iter(failed), ""))


def _seen(wave: Wave, look: Look) -> Wave:
    seen = look.waves.get(wave.number)
    if seen is not None and is_open(wave):
        wave = replace(wave, batch_status=seen.status, failed_tasks=seen.failed_tasks)
    given_up = wave.report_attempts >= REPORT_ATTEMPTS and look.reports.get(wave.number) in DEAD
    if given_up and not wave.reported:
        problem = (
            f"The completion report of wave {wave.number} could not be read: see {wave.report_execution}."
        )
        wave = replace(wave, reported=True, problem=problem)
    return wave


def waves_to_read(state: JobState, look: Look) -> tuple[int, ...]:
    """Waves that have ended, whose report nobody has read or is reading."""
    return tuple(
        wave.number
        for wave in state.waves
        if wave.batch_job_id
        and not is_open(wave)
        and not wave.reported
        and (not wave.report_execution or look.reports.get(wave.number) in DEAD | {MISSING})
    )


def remembered(state: JobState, look: Look, now: str) -> JobState:
    """What the watcher goes by to see that nothing moves."""
    by_status = look.progress.by_status.values() if look.progress else ()
    counts = "/".join([str(state.run), state.status, *(str(part.objects) for part in by_status)])
    return state if counts == state.last_counts else replace(state, last_counts=counts, changed_at=now)


def merged(current: JobState, before: JobState, after: JobState) -> JobState:
    """`current`, perhaps changed by others since it was read as `before`, with what a look made of it."""
    if current.ended or current.run != before.run:
        return current
    looked = {wave.number: wave for wave in after.waves}
    status = after.status if current.status is before.status else current.status
    return replace(
        current,
        status=status,
        reason=after.reason if after.reason != before.reason else current.reason,
        ended_at=after.ended_at if status is after.status else current.ended_at,
        waves=tuple(_merged_wave(wave, looked.get(wave.number, wave)) for wave in current.waves),
        trouble=after.trouble,
        announced_run=after.announced_run,
        announced_percent=after.announced_percent,
        last_counts=after.last_counts,
        changed_at=after.changed_at,
    )


def _merged_wave(current: Wave, looked: Wave) -> Wave:
    """`reported` and `problem` are set by whoever reads the report, too, and stay."""
    reported = current.reported or looked.reported
    return replace(
        current,
        batch_status=looked.batch_status or current.batch_status,
        failed_tasks=max(current.failed_tasks, looked.failed_tasks),
        reported=reported,
        problem=current.problem or looked.problem,
        report_execution=looked.report_execution or current.report_execution,
        report_attempts=max(current.report_attempts, looked.report_attempts),
    )


def with_reading(state: JobState, executions: Iterable[tuple[int, str]]) -> JobState:
    """`state` after executions that read reports were started: (number of the wave, ARN)."""
    started = dict(executions)
    return replace(
        state,
        waves=tuple(
            replace(wave, report_execution=started[wave.number], report_attempts=wave.report_attempts + 1)
            if wave.number in started
            else wave
            for wave in state.waves
        ),
    )
