"""States of vault transfers: made once, changed by one at a time, gone with a refused first run."""

from dataclasses import replace

import pytest

from tests.fakes.dynamodb import JOBS, Call, FakeDynamoDB
from thaw.core.job_state_json import JobStateError
from thaw.core.vault_state_json import vault_state_from_json, vault_state_to_json
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.store.backoff import MAX_ATTEMPTS
from thaw.store.errors import ContentionError, JobNotFoundError
from thaw.store.vault_states import VaultStates

FULL = VaultState(
    "vault-photos-1",
    run=3,
    token="task token",  # noqa: S106 - of a state machine
    inventory=Inventory("job", "", "JSON", "jobs/x/vault/inventory.json", size_bytes=7, checked=True),
    plan=Plan(parts=2, archives=1500, size_bytes=10**12, excluded=3, renamed=4, existing=5),
    next_part=1,
    next_line=999,
    pause_reason="Glacier said so",
)


def states(fake: FakeDynamoDB, pauses: list[float] | None = None) -> VaultStates:
    return VaultStates(fake.client, JOBS, ([] if pauses is None else pauses).append)


def test_a_state_is_read_as_it_was_created() -> None:
    vaults = states(FakeDynamoDB())
    created = vaults.create(FULL)
    assert created == replace(FULL, revision=1)
    assert vaults.read(FULL.job_id) == vaults.find(FULL.job_id) == created


def test_who_creates_it_again_gets_what_is_there() -> None:
    vaults = states(FakeDynamoDB())
    vaults.create(FULL)
    assert vaults.create(VaultState(FULL.job_id)) == replace(FULL, revision=1)


def test_a_transfer_that_nobody_asked_for_is_told_by_name() -> None:
    vaults = states(FakeDynamoDB())
    assert vaults.find("july") is None
    with pytest.raises(JobNotFoundError, match="No vault transfer 'july' is in jobs; list them with"):
        vaults.read("july")


def test_of_two_changes_at_once_both_are_in_the_end() -> None:
    fake = FakeDynamoDB()
    vaults = states(fake)
    vaults.create(FULL)
    others = [lambda: states(fake).update(FULL.job_id, lambda state: replace(state, next_line=0))]

    def on_call(call: Call) -> None:
        if call.operation == "PutItem" and others:
            others.pop()()

    fake.on_call = on_call
    changed = vaults.update(FULL.job_id, lambda state: replace(state, next_part=2))
    assert (changed.next_part, changed.next_line, changed.revision) == (2, 0, 3)
    assert vaults.read(FULL.job_id) == changed


def test_a_change_that_changes_nothing_is_not_written() -> None:
    fake = FakeDynamoDB()
    vaults = states(fake)
    created = vaults.create(FULL)
    assert vaults.update(FULL.job_id, lambda state: state) == created
    assert fake.count("PutItem") == 1


def test_who_is_always_too_late_gives_up_and_says_so() -> None:
    fake = FakeDynamoDB()
    pauses: list[float] = []
    vaults = states(fake, pauses)
    vaults.create(FULL)

    def on_call(call: Call) -> None:
        if call.operation == "PutItem":
            item = fake.tables[JOBS][FULL.job_id, "vault"]
            item["revision"] = {"N": str(int(item["revision"]["N"]) + 1)}
            item["document"] = {"S": vault_state_to_json(replace(FULL, revision=int(item["revision"]["N"])))}

    fake.on_call = on_call
    with pytest.raises(ContentionError, match="vault-photos-1 was changed by others in each of 8"):
        vaults.update(FULL.job_id, lambda state: replace(state, run=9))
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_a_deleted_state_is_gone_and_deleting_again_is_no_error() -> None:
    vaults = states(FakeDynamoDB())
    vaults.create(FULL)
    vaults.delete(FULL.job_id)
    vaults.delete(FULL.job_id)
    assert vaults.find(FULL.job_id) is None


def test_what_is_no_state_is_refused_with_the_likely_reason() -> None:
    with pytest.raises(JobStateError, match=r"cannot be read .* another version of Thaw"):
        vault_state_from_json('{"job_id": "x", "unheard_of": 1}')
    assert vault_state_from_json(vault_state_to_json(FULL)) == FULL
