"""Whatever call its functions die at: each archive of a vault is copied once and intact, or failed with why.

`make test` takes a sample of the calls, `make test-chaos` each of them, before and after, or some shards.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from tests.chaos.vault_scenes import FEW, SCENE, Planted, assert_all_is_well, delete_what_goes, plant
from tests.vault_world.crashes import Place, Strike
from tests.vault_world.world import VAULT, World, world
from thaw.core.job_states import JobStatus
from thaw.core.vault_states import VaultState
from thaw.store.vault_states import VaultStates

SAMPLE = 2
SHARDS = 32


def moved(made: World, scene: tuple[Planted, ...] = SCENE) -> tuple[str, Mapping[str, Planted]]:
    """A whole transfer, to the end of its job."""
    planted = plant(made, scene)
    job_id = launched(made)
    delete_what_goes(made, planted)
    until_done(made, job_id)
    return job_id, planted


def until_done(made: World, job_id: str) -> None:
    """A run that its state machine could not begin has failed, or became none: somebody tries again."""
    for number in range(3):
        if made.until_ended(job_id).status is JobStatus.COMPLETE_WITH_FAILURES:
            return
        made.resume(f"try-{number}", job_id)
    raise AssertionError(made.failures)


def launched(made: World) -> str:
    """A run that has begun to ask for archives; one that failed before, or became none, is tried again."""
    job_id = made.launch("run-1", tier="STANDARD")
    for number in range(3):
        state = made.states.find(job_id)
        if state is not None and state.started_at:
            return job_id
        if state is None:
            made.launch(f"again-{number}", tier="STANDARD")
        elif made.until_ended(job_id).status is JobStatus.FAILED:
            made.resume(f"again-{number}", job_id)
    raise AssertionError(made.failures)


def resumed(made: World) -> tuple[str, Mapping[str, Planted]]:
    """A transfer that is stopped half way, a large archive being transferred, and gone on with."""
    planted = plant(made)
    job_id = launched(made)
    delete_what_goes(made, planted)
    made.held.add("thaw-transfer-large")
    while not made.counts(job_id).get("COPIED"):
        made.tick()
    stop(made, job_id)
    made.held.clear()
    assert made.until_ended(job_id).status is JobStatus.CANCELLED
    asked = made.glacier.state.calls["InitiateJob"]
    made.tick()
    assert made.glacier.state.calls["InitiateJob"] == asked, "nothing is asked for any more"
    made.resume("resume", job_id)
    until_done(made, job_id)
    return job_id, planted


def stop(made: World, job_id: str) -> None:
    """Somebody stops it, until that is taken."""
    for _ in range(3):
        if made.asked_quietly("DELETE", f"/jobs/{job_id}") == 202:
            return
    raise AssertionError(made.failures)


WAYS = {"moved": moved, "resumed": resumed}


@cache
def calls_of(way: str) -> int:
    """How many calls the functions make when nobody dies."""
    with world() as made:
        job_id, planted = WAYS[way](made)
        assert_all_is_well(made, job_id, planted)
        return len(made.crashes.calls)


def survives(way: str, number: int, *, after: bool) -> None:
    with world(Strike(number, after)) as made:
        job_id, planted = WAYS[way](made)
        assert_all_is_well(made, job_id, planted)
        assert_closed(made, job_id)


def assert_closed(made: World, job_id: str) -> None:
    """The job told its end, and its manifest has every archive of the plan."""
    state = made.state(job_id)
    assert (state.status, state.closed) == (JobStatus.COMPLETE_WITH_FAILURES, True)
    vault: VaultState = VaultStates(made.dynamodb, "jobs").read(job_id)
    assert vault.plan is not None
    assert vault.plan.archives + vault.plan.excluded == len(made.glacier.of(VAULT).archives) + 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sample", range(SAMPLE))
def test_a_death_at_a_call_loses_no_archive(way: str, sample: int) -> None:
    calls = calls_of(way)
    survives(way, (2 * sample + 1) * calls // (2 * SAMPLE), after=sample % 2 == 1)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shard", range(SHARDS), ids="shard-{:02}".format)
def test_a_death_at_any_call_loses_no_archive(way: str, shard: int) -> None:
    for number in range(shard, calls_of(way), SHARDS):
        for after in (False, True):
            survives(way, number, after=after)


BOUNDARIES = (
    ("prepare_vault", "glacier:InitiateJob"),
    ("prepare_vault", "s3:CompleteMultipartUpload"),
    ("start_job", "dynamodb:UpdateItem"),
    ("watch_vaults", "glacier:InitiateJob"),
    ("watch_vaults", "dynamodb:TransactWriteItems"),
    ("watch_vaults", "stepfunctions:StartExecution"),
    ("transfer_archives", "s3:PutObject"),
    ("transfer_archives", "stepfunctions:StartExecution"),
    ("transfer_large", "s3:CreateMultipartUpload"),
    ("transfer_large", "s3:CompleteMultipartUpload"),
    ("finish_vault", "s3:PutObject"),
)
"""Where something outside has changed, and nobody may have written it down."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("function", "call"), BOUNDARIES)
def test_a_death_where_it_matters_most_loses_no_archive(function: str, call: str, *, after: bool) -> None:
    with world(Place(function, call, after)) as made:
        job_id, planted = moved(made, FEW)
        assert made.functions.deaths == 1, "else this proves nothing"
        assert_all_is_well(made, job_id, planted)
        assert_closed(made, job_id)
