"""Looks at all vault transfers that are under way: asks for what may be asked for, sweeps, ends what is done.

One look at a time asks and sweeps, for the account and Region; what is told of it is told by every look.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from thaw.core.job_rules import JobRules
from thaw.core.jobs import Job, Progress
from thaw.core.vault_budgets import Backlog, Room, backlog, staged_limit
from thaw.core.vault_states import VaultState
from thaw.core.vault_watching import given_up, is_late, is_under_way, may_request, refusals_weighed
from thaw.core.watch_figures import JobCounters, hours_before
from thaw.store.job_states import JobStates
from thaw.store.reader import SERVICE_ERRORS
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_budget import VaultBudget
from thaw.store.vault_states import VaultStates
from thaw.vaults.allowances import Allowance
from thaw.vaults.closing import Closer
from thaw.vaults.looks import COUNTED_AGAIN, Seen, Watched, figures_of
from thaw.vaults.requesting import Requester
from thaw.vaults.sweeping import Sweeper

LEASE_HOURS = 0.1
"""Longer than the function runs: a look of that age asks for nothing any more."""

SWEEP_SHARE = 0.5
"""Of a look's time, at most, before archives are asked for."""

CLOSING_SHARE = 0.5
"""Of a look's time, at most, before transfers that go on get theirs: one that ends may have thousands of
uploads open."""

_DAY_WIDTH = len("2026-11-21")


@dataclass(frozen=True)
class Hands:
    """Who does what is due: `counters` reads those of a job, None of one that is not registered."""

    requester: Requester
    sweeper: Sweeper
    closer: Closer
    counters: Callable[[str], tuple[Job, JobCounters] | None]


@dataclass(frozen=True)
class VaultWatcher:
    """A stack's. `now()` is fixed-width ISO-8601."""

    states: JobStates
    vaults: VaultStates
    agains: VaultAgains
    budget: VaultBudget
    hands: Hands
    rules: JobRules
    now: Callable[[], str]

    def watch(self, holder: str, seconds_left: Callable[[], float]) -> Watched:
        """One look, by `holder`, as long as there is time. What goes wrong with one transfer does not keep
        others waiting. Raises ClientError where the list of jobs cannot be read."""
        watched = Watched()
        job_ids = [state.job_id for state in self.states.active() if is_under_way(state)]
        if not job_ids:
            return watched
        now, kept = self.now(), seconds_left() * (1 - CLOSING_SHARE)
        asks = self.budget.take_lease(holder, now, hours_before(now, -LEASE_HOURS))
        try:
            seen = list(self._seen(job_ids, watched))
            for each in seen:
                self._guarded(each, watched, lambda one: self._close(one, lambda: seconds_left() - kept))
            going_on = [each for each in seen if not given_up(each.state, now)]
            for each in going_on:
                self._guarded(each, watched, self._weigh)
            self._tell(seen, going_on, watched)
            if asks:
                self._go_on(going_on, watched, seconds_left)
        finally:
            if asks:
                self.budget.give_up_lease(holder)
        return watched

    def _seen(self, job_ids: Iterable[str], watched: Watched) -> Iterable[Seen]:
        """How transfers stand: read behind the lease, so that it holds all that was asked for before."""
        for job_id in job_ids:
            try:
                state, vault = self.states.read(job_id), self.vaults.read(job_id)
                found = self.hands.counters(job_id)
                if found and is_under_way(state) and vault.run == state.run:
                    due = sum(1 for _ in islice(self.agains.due(job_id), COUNTED_AGAIN))
                    yield Seen(state, vault, Progress.of(*found), found[1], due)
            except SERVICE_ERRORS as exc:
                watched.failed[job_id] = str(exc)

    def _guarded(self, seen: Seen, watched: Watched, act: Callable[[Seen], None]) -> None:
        try:
            act(seen)
        except SERVICE_ERRORS as exc:
            watched.failed[seen.state.job_id] = str(exc)

    def _close(self, seen: Seen, seconds_left: Callable[[], float]) -> None:
        self.hands.closer.look(seen.state, seen.vault, seen.progress, seconds_left)

    def _weigh(self, seen: Seen) -> None:
        def change(vault: VaultState) -> VaultState:
            return refusals_weighed(vault, seen.counters, self.now())

        if change(seen.vault) != seen.vault:
            self.vaults.update(seen.vault.job_id, change)

    def _go_on(self, seen: Iterable[Seen], watched: Watched, seconds_left: Callable[[], float]) -> None:
        seen = list(seen)
        kept = seconds_left() * (1 - SWEEP_SHARE)
        for each in sorted(seen, key=_swept_at):
            self._guarded(each, watched, lambda one: self._sweep(one, watched, lambda: seconds_left() - kept))
        room = Room(watched.staged_limit, watched.staged)
        allowance = Allowance(self.budget, room, self.rules, self.now)
        requested = self.hands.requester.run(
            [each.state.job_id for each in seen if may_request(each.state, each.vault, self.now())],
            allowance,
            seconds_left,
        )
        watched.counts.update(requested.counts)
        watched.failed.update(requested.failed)

    def _sweep(self, seen: Seen, watched: Watched, seconds_left: Callable[[], float]) -> None:
        if seen.state.closed:
            return
        late = is_late(seen.state, seen.progress, seen.counters, self.now())
        found = self.hands.sweeper.run(seen.state, seen.vault, late=late, seconds_left=seconds_left)
        watched.counts.update(found)

    def _tell(self, seen: Iterable[Seen], going_on: Iterable[Seen], watched: Watched) -> None:
        now = self.now()
        found: Backlog = backlog([(each.progress, each.counters) for each in going_on], now)
        watched.staged = found.staged
        watched.staged_limit = staged_limit(found.per_hour, self.rules.vault_staged_bytes)
        watched.day_bytes = self.budget.asked_bytes(now[:_DAY_WIDTH])
        for each in seen:
            watched.paused += each.vault.paused_until > now
            watched.jobs.append(figures_of(each, now))


def _swept_at(seen: Seen) -> str:
    """The longest ago comes first: one whose sweep takes all the time there is must not stop the others'."""
    return seen.vault.sweep_began_at or seen.vault.swept_at
