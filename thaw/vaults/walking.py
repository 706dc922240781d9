"""The archives of a transfer in the order in which they are asked for: those once more, then the plan's."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from thaw.core.archives import PlannedArchive, Pointer
from thaw.core.vault_states import VaultState
from thaw.store.reader import BATCH_GET_ITEMS
from thaw.store.vault_agains import Again, VaultAgains
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_parts import PlanReader


class Row(NamedTuple):
    """An archive, where it is in the plan, and, if it is asked for once more, as what."""

    pointer: Pointer
    archive: PlannedArchive
    again: Again | None = None


@dataclass(frozen=True)
class Walk:
    """Goes through the rows of transfers."""

    plans: PlanReader
    agains: VaultAgains

    def due(self, job_id: str, at_once: int) -> list[Row]:
        """At most `at_once` archives to be asked for again. Raises PlanError."""
        found = islice(self.agains.due(job_id), at_once)
        return [Row(again.pointer, self.plans.archive(again.pointer), again) for again in found]

    def planned(self, vault: VaultState) -> list[Row]:
        """The next rows of the plan, all of one part, no more than are read at once; [] behind its end.

        Raises PlanError for a part without rows, which would be walked through for ever.
        """
        if at_end(vault):
            return []
        rows = self.plans.part(vault.job_id, vault.next_part)
        if not rows:
            raise PlanError(
                f"Part {vault.next_part} of the plan of {vault.job_id} has no rows: plan it again."
            )
        lines = range(vault.next_line, min(vault.next_line + BATCH_GET_ITEMS, len(rows)))
        return [Row(Pointer(vault.job_id, vault.next_part, line), rows[line]) for line in lines]

    def behind(self, vault: VaultState, pointer: Pointer) -> Pointer:
        """The place behind a row of the plan."""
        last = pointer.line + 1 >= len(self.plans.part(vault.job_id, pointer.part))
        following = (pointer.part + 1, 0) if last else (pointer.part, pointer.line + 1)
        return Pointer(vault.job_id, *following)


def at_end(vault: VaultState) -> bool:
    """Whether every row of the plan was looked at."""
    return vault.plan is None or vault.next_part >= vault.plan.parts


def passed_lines(vault: VaultState, part: int, rows: int) -> Iterator[int]:
    """The lines of a part with so many rows that were looked at."""
    yield from range(rows if part < vault.next_part else min(rows, vault.next_line))
