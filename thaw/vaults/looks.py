"""What a look at vault transfers sees, and what it comes to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from thaw.core.job_states import JobState
from thaw.core.jobs import Progress, Totals
from thaw.core.progress_events import count
from thaw.core.times import to_millis
from thaw.core.vault_budgets import rate
from thaw.core.vault_states import VaultState
from thaw.core.watch_figures import JobCounters, eta

COUNTED_AGAIN = 1000
"""Archives that wait to be asked for again are counted up to so many."""

NO_TOTALS = Totals(0, 0)


class Seen(NamedTuple):
    """A transfer as a look found it; `due_again` archives wait to be asked for again."""

    state: JobState
    vault: VaultState
    progress: Progress
    counters: JobCounters
    due_again: int


class Figures(NamedTuple):
    """What is told of a transfer: `bytes_per_second` of the last two hours; `eta_seconds` None where nothing
    tells; `due_again` is counted up to COUNTED_AGAIN."""

    job_id: str
    progress: Progress
    bytes_per_second: float
    eta_seconds: float | None
    due_again: int


@dataclass
class Watched:
    """What a look came to. `counts`: answers of Glacier and findings of sweeps, by name; `failed`: why
    transfers could not be looked at, by job; `paused`: how many Glacier does not let go on."""

    jobs: list[Figures] = field(default_factory=list[Figures])
    counts: Counter[str] = field(default_factory=Counter[str])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    paused: int = 0
    staged: Totals = NO_TOTALS
    staged_limit: Totals = NO_TOTALS
    day_bytes: int = 0


def figures_of(seen: Seen, now: str) -> Figures:
    """What is told of a transfer; `now` is fixed-width ISO-8601."""
    counted = count(seen.state, seen.progress)
    done_at = eta(seen.state, counted.done, counted.total, now)
    seconds = (to_millis(done_at) - to_millis(now)) / 1000 if done_at else None
    return Figures(seen.state.job_id, seen.progress, rate(seen.counters, now), seconds, seen.due_again)
