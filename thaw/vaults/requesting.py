"""Asks Glacier for the archives of transfers, under the budgets of the account.

First what has to be asked for again, then in the order of the plan. What Glacier answered is written to the
records, and only then the place in the plan. Whoever dies in between leaves at most one chunk of archives
that is asked for twice, and none that is not.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from thaw.core.job_states import JobState
from thaw.core.vault_states import VaultState
from thaw.core.vault_watching import may_request, paused, with_conflict
from thaw.core.watch_figures import hours_before
from thaw.store.job_states import JobStates
from thaw.store.reader import BATCH_GET_ITEMS, SERVICE_ERRORS
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates
from thaw.vaults.allowances import Allowance
from thaw.vaults.chunk_asking import ChunkAsker
from thaw.vaults.chunks import Chunk
from thaw.vaults.news import ArchiveRecords
from thaw.vaults.walking import Row, Walk

HELD_HOURS = 0.25
"""How long nothing is asked for after Glacier took nothing."""

AT_ONCE = 2000
"""Archives to be asked for again that are read in one look."""


class Requested(NamedTuple):
    """What a look came to: answers of Glacier and others by name; why transfers could not go on."""

    counts: Counter[str]
    failed: dict[str, str]


@dataclass(frozen=True)
class Requester:
    """Asks for the archives of all transfers. `now()` is fixed-width ISO-8601."""

    states: JobStates
    vaults: VaultStates
    agains: VaultAgains
    walk: Walk
    records: ArchiveRecords
    chunks: ChunkAsker
    now: Callable[[], str]

    def run(
        self, job_ids: Iterable[str], allowance: Allowance, seconds_left: Callable[[], float]
    ) -> Requested:
        """Goes on with each of the transfers, a chunk of archives at a time, until nothing may be asked for
        or the time is used up. What goes wrong with one does not keep others waiting."""
        requested = Requested(Counter(), {})
        turns = deque((job_id, deque[Row]()) for job_id in job_ids)
        begun = set[str]()
        while turns and seconds_left() > 0:
            job_id, due = turns.popleft()
            try:
                if job_id not in begun:
                    due.extend(self.walk.due(job_id, AT_ONCE))
                begun.add(job_id)
                if self._turn(job_id, due, allowance, requested.counts, seconds_left):
                    turns.append((job_id, due))
            except SERVICE_ERRORS as exc:
                requested.failed[job_id] = str(exc)
        return requested

    def _turn(
        self,
        job_id: str,
        due: deque[Row],
        allowance: Allowance,
        counts: Counter[str],
        seconds_left: Callable[[], float],
    ) -> bool:
        """One chunk of a transfer; whether it may go on."""
        state, vault = self.states.read(job_id), self.vaults.read(job_id)
        if not may_request(state, vault, self.now()):
            return False
        rows = [due.popleft() for _ in range(min(len(due), BATCH_GET_ITEMS))]
        planned = [] if rows else self.walk.planned(vault)
        if not rows and not planned:
            self._all_requested(state, vault)
            return False
        chunk = self.chunks.ask(state, rows or planned, allowance, seconds_left)
        counts.update(chunk.counts)
        self.records.write(state, chunk.news)
        for row in rows:
            if row.again and row not in chunk.left:
                self.agains.done(row.again)
        self._remember(vault, planned, chunk)
        return not chunk.stop and (bool(due) or not chunk.left)

    def _remember(self, vault: VaultState, planned: Sequence[Row], chunk: Chunk) -> None:
        """Where to go on, and why not at once."""
        place = next((row.pointer for row in planned if row in chunk.left), None)
        if planned and place is None:
            place = self.walk.behind(vault, planned[-1].pointer)
        until = hours_before(self.now(), -HELD_HOURS)

        def change(now: VaultState) -> VaultState:
            if now.run != vault.run:
                return now
            if place is not None:
                now = replace(now, next_part=place.part, next_line=place.line)
            if planned or chunk.held:
                now = replace(now, held=chunk.held)
            if chunk.pause:
                now = paused(now, until, chunk.pause)
            return with_conflict(now, chunk.conflict) if chunk.conflict else now

        if change(vault) != vault:
            self.vaults.update(vault.job_id, change)

    def _all_requested(self, state: JobState, vault: VaultState) -> None:
        if vault.held:
            self.vaults.update(vault.job_id, lambda now: replace(now, held=""))
        if not state.requested:
            self.states.update(state.job_id, lambda now: _requested(now, state.run))


def _requested(state: JobState, run: int) -> JobState:
    return replace(state, requested=True) if state.run == run and not state.ended else state
