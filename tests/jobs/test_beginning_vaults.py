"""A transfer begins once, at the start of its plan, and not after somebody stopped it."""

from contextlib import suppress
from dataclasses import replace

import pytest

from tests.fakes.dynamodb import JOBS, Call, Fault
from tests.jobs.served import TRANSFER
from tests.jobs.started import JOB, NOW, DiedError, World
from thaw.core.job_states import JobStatus
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.core.vault_states import VaultState
from thaw.jobs.beginning_vaults import VaultBeginner
from thaw.jobs.errors import CancelledError
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_states import VaultStates

USED = VaultState(JOB, run=1, validated_run=2, next_part=3, next_line=4, held="because")


CALLS = 8
"""What a step that is not disturbed asks of DynamoDB."""


class Transfer:
    """A transfer that is loaded and registered."""

    def __init__(self, *, run: int = 2) -> None:
        self.world = World()
        self.vaults = VaultStates(self.world.dynamodb.client, JOBS, lambda _: None)
        self.world.begin(parse_vault_transfer(TRANSFER), run=run)
        self.vaults.create(USED)
        self.ask_again(1)

    def ask_again(self, line: int) -> None:
        """An archive of the plan's first part is to be requested again."""
        item = f"again#00000#{line:05}"
        row = {"job_id": {"S": JOB}, "item": {"S": item}, "due": {"S": "yes"}, "attempts": {"N": "1"}}
        self.world.dynamodb.tables[JOBS][JOB, item] = row

    @property
    def to_ask_again(self) -> list[str]:
        return [item for _, item in self.world.dynamodb.tables[JOBS] if item.startswith("again#")]

    def begin(self, now: str = NOW) -> None:
        agains = VaultAgains(self.world.dynamodb.client, JOBS)
        VaultBeginner(self.world.states, self.vaults, agains, lambda: now).begin(JOB)


def test_it_restores_from_the_start_of_its_plan() -> None:
    transfer = Transfer()
    transfer.begin()
    state = transfer.world.state
    assert (state.status, state.started_at) == (JobStatus.RESTORING, NOW)
    vault = transfer.vaults.read(JOB)
    assert (vault.run, vault.next_part, vault.next_line, vault.held) == (2, 0, 0, "")
    assert transfer.to_ask_again == []


def test_beginning_again_changes_nothing() -> None:
    transfer = Transfer()
    transfer.begin()
    transfer.vaults.update(JOB, lambda vault: replace(vault, next_part=1))
    transfer.ask_again(2)
    before = (transfer.world.state, transfer.vaults.read(JOB), transfer.to_ask_again)
    transfer.begin("2027-01-01T00:00:00.000Z")
    assert (transfer.world.state, transfer.vaults.read(JOB), transfer.to_ask_again) == before


def test_one_that_was_stopped_does_not_begin() -> None:
    transfer = Transfer()
    transfer.world.states.update(JOB, lambda state: replace(state, cancel_requested_at=NOW))
    with pytest.raises(CancelledError, match=f"Job {JOB} was cancelled at"):
        transfer.begin()
    assert transfer.vaults.read(JOB).run == 1


def dying_at(transfer: Transfer, number: int, *, before: bool) -> None:
    """The function is ended before or after its call of this number takes effect."""
    left = iter(range(number, -1, -1))

    def on_call(_: Call) -> Fault | None:
        if next(left, None) != 0:
            return None
        return Fault(before=DiedError()) if before else Fault(after=DiedError())

    transfer.world.dynamodb.on_call = on_call


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(CALLS))
def test_a_step_that_dies_anywhere_is_made_up_for_by_the_next(number: int, *, before: bool) -> None:
    transfer = Transfer()
    dying_at(transfer, number, before=before)
    with suppress(DiedError):
        transfer.begin()
    transfer.begin()
    assert transfer.world.state.status is JobStatus.RESTORING
    assert (transfer.vaults.read(JOB).run, transfer.vaults.read(JOB).next_part) == (2, 0)
    assert transfer.to_ask_again == []


def test_all_of_its_calls_are_among_those_at_which_it_dies() -> None:
    transfer = Transfer()
    made = len(transfer.world.dynamodb.calls)
    transfer.begin()
    assert len(transfer.world.dynamodb.calls) - made == CALLS
