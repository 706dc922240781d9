"""What may be asked for now: room among what is staged, and what is left of the day's bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from thaw.core.job_rules import JobRules
from thaw.core.vault_budgets import Room
from thaw.core.vault_needs import Cost
from thaw.store.vault_budget import VaultBudget

_DAY_WIDTH = len("2026-11-21")


@dataclass
class Allowance:
    """The budgets of all transfers of the account and Region, during one look.

    `now()` is fixed-width ISO-8601. `held` says in a sentence why less than all was granted last.
    """

    budget: VaultBudget
    room: Room
    rules: JobRules
    now: Callable[[], str]
    held: str = field(default="", init=False)
    _granted_on: str = field(default="", init=False)

    def grant(self, wanted: Sequence[tuple[Cost, int]]) -> int:
        """How many of `wanted`, from the first on, may be asked for: what each costs, and its size. They are
        taken off the budgets until `give_back`."""
        self.held = ""
        fitting = self._fitting(wanted)
        granted = self._of_the_day([_day_bytes(each) for each in wanted[:fitting]])
        self.room.take(size for cost, size in wanted[:granted] if cost.stages)
        return granted

    def give_back(self, unasked: Sequence[tuple[Cost, int]]) -> None:
        """What was granted and not asked for."""
        size = sum(map(_day_bytes, unasked))
        if size:
            self.budget.give_back(self._granted_on, size)
        self.room.give_back(size for cost, size in unasked if cost.stages)

    def _fitting(self, wanted: Sequence[tuple[Cost, int]]) -> int:
        staging = [number for number, (cost, _) in enumerate(wanted) if cost.stages]
        fits = self.room.fits([wanted[number][1] for number in staging])
        if fits == len(staging):
            return len(wanted)
        staged, limit = self.room.staged, self.room.limit
        self.held = (
            f"{staged.objects:,} archives of {staged.size_bytes:,} bytes are asked for and not transferred"
            f" yet, of at most {limit.objects:,} and {limit.size_bytes:,} at a time; more follow as they"
            " are done."
        )
        return staging[fits]

    def _of_the_day(self, sizes: Sequence[int]) -> int:
        """As many as are left of the day, taken off it; what is larger than a day's limit, alone."""
        limit = self.rules.vault_bytes_per_day
        day = self._granted_on = self.now()[:_DAY_WIDTH]
        count = len(sizes) if not limit else self._left_of(day, limit, sizes)
        taken = sum(sizes[:count])
        if taken and not self.budget.reserve(day, taken, limit):
            count = 0
        if count < len(sizes):
            self._hold_for_the_day(day, limit)
        return count

    def _left_of(self, day: str, limit: int, sizes: Sequence[int]) -> int:
        left = max(limit - self.budget.asked_bytes(day), 0)
        count = sum(size <= left for size in accumulate(sizes))
        return count or int(left == limit and len(sizes) > 0)

    def _hold_for_the_day(self, day: str, limit: int) -> None:
        self.held = (
            f"Of the {limit:,} bytes that all transfers may ask for on {day} (vault_bytes_per_day) nothing is"
            " left that is enough for the next archive; it goes on at midnight, UTC."
        )


def _day_bytes(wanted: tuple[Cost, int]) -> int:
    cost, size = wanted
    return size if cost.retrieves else 0
