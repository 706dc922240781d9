"""The watcher: looks at every running job, tells how it goes, and does what is due.

A look costs a few requests a job and one for each of its open waves, however many objects they have.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from thaw.core.job_requests import Way
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, Wave
from thaw.core.jobs import Job, Progress
from thaw.core.vault_states import VaultState
from thaw.core.watch_endings import is_open
from thaw.core.watch_figures import JobCounters
from thaw.core.watch_states import Look, SeenWave, merged, with_reading
from thaw.core.watching import Decision, decide, needs_workflow
from thaw.core.waves import uncopied_bytes
from thaw.jobs.announcing import Announcer
from thaw.jobs.batch_operations import BatchOperations, cancel_open_waves
from thaw.jobs.executions import Executions
from thaw.jobs.starting import BEGINNING
from thaw.store.job_states import JobStates
from thaw.store.reader import SERVICE_ERRORS


class Watched(NamedTuple):
    """What a look came to: jobs looked at, events that are out, and why other jobs could not be looked at."""

    jobs: int
    events: int
    failed: dict[str, str]


@dataclass(frozen=True)
class Hands:
    """What the watcher has done by others: `counters` reads a job's (None: not registered), `next_wave`
    starts one if so many uncopied bytes leave room, `give_up` fails a job whose workflow died, saying why,
    `vault` is what is remembered of a vault transfer."""

    counters: Callable[[str], tuple[Job, JobCounters] | None]
    next_wave: Callable[[str, int], Wave | None]
    give_up: Callable[[str, str], None]
    vault: Callable[[str], VaultState | None]


@dataclass(frozen=True)
class Watcher:
    """A stack's watcher. `now()` is the time, fixed-width ISO-8601."""

    states: JobStates
    batch: BatchOperations
    executions: Executions
    announcer: Announcer
    hands: Hands
    rules: JobRules
    now: Callable[[], str]

    def watch(self) -> Watched:
        """Looks at every job that has not ended; what goes wrong with one does not keep others waiting."""
        jobs, events = 0, 0
        failed: dict[str, str] = {}
        for state in list(self.states.active()):
            try:
                events += self._look_at(state)
                jobs += 1
            except SERVICE_ERRORS as exc:
                failed[state.job_id] = str(exc)
        return Watched(jobs, events, failed)

    def _look_at(self, known: JobState) -> int:
        """The number of events that this look sent, or found sent.

        The state is read last: what it does not say then, nobody had done when we looked.
        """
        look = self._look(known)
        state = self.states.find(known.job_id)
        if state is None or state.ended or state.run != known.run:
            return 0
        decision = decide(state, look, self.rules, self.now())
        out = [self.announcer.send(event, self.now()) for event in decision.events]
        if all(out):
            self._carry_out(state, decision, look.progress)
        return sum(out)

    def _look(self, state: JobState) -> Look:
        """Without counters while objects are loaded: they are of an earlier run, or do not add up yet."""
        found = None if state.status in BEGINNING else self.hands.counters(state.job_id)
        reading = (wave for wave in state.waves if wave.report_execution and not wave.reported)
        return Look(
            progress=Progress.of(*found) if found else None,
            counters=found[1] if found else {},
            waves={wave.number: self._seen(wave) for wave in state.waves if is_open(wave)},
            reports={wave.number: self.executions.of_reading(wave) for wave in reading},
            workflow=self.executions.of_workflow(state) if needs_workflow(state) else "",
            vault=self.hands.vault(state.job_id) if state.request.way is Way.VAULT else None,
        )

    def _seen(self, wave: Wave) -> SeenWave:
        seen = self.batch.describe(wave.batch_job_id)
        return SeenWave(seen.status, seen.failed, seen.reason)

    def _carry_out(self, state: JobState, decision: Decision, progress: Progress | None) -> None:
        """What is due; the state is written when all before it is done, and else everything is repeated."""
        if decision.abandoned:
            self.hands.give_up(state.job_id, decision.abandoned)
            return
        if decision.cancel:
            cancel_open_waves(self.batch, decision.state, decision.cancel)
        waves = [wave for wave in decision.state.waves if wave.number in decision.read_reports]
        reading = [(wave.number, self.executions.read_report(decision.state, wave)) for wave in waves]
        after = with_reading(decision.state, reading)
        written = self.states.update(state.job_id, lambda current: merged(current, state, after))
        if decision.next_wave and progress is not None:
            self._start_waves(written, progress)

    def _start_waves(self, state: JobState, progress: Progress) -> None:
        """As many as there is room for."""
        while wave := self.hands.next_wave(state.job_id, uncopied_bytes(progress, state.waves)):
            waves = tuple(wave if each.number == wave.number else each for each in state.waves)
            state = replace(state, waves=waves)
