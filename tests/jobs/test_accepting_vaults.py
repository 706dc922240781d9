"""The input of `transfer-vault` is a transfer or its next run; an execution gets one run."""

from dataclasses import replace
from typing import Any

import pytest

from tests.jobs.served import FOUND, RULES, TRANSFER
from tests.jobs.started import JOBS_BUCKET, NOW, World
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.vault_runs import vault_job_id
from thaw.jobs.accepting_vaults import VaultAcceptor
from thaw.jobs.errors import AlreadyMovedError, JobRunningError, NoTransferError
from thaw.jobs.vault_jobs import VaultJobs
from thaw.store.errors import JobNotFoundError

FIRST = "arn:aws:states:eu-north-1:123456789012:execution:thaw-transfer-vault:first"
SECOND = "arn:aws:states:eu-north-1:123456789012:execution:thaw-transfer-vault:second"
JOB = vault_job_id("photos", "live", "photos/")
RESUME = {"resume": True, "job_id": JOB}


def accepted(world: World, body: object = TRANSFER, execution: str = FIRST) -> JobState:
    jobs = VaultJobs(world.states, RULES, JOBS_BUCKET, lambda: NOW)
    return VaultAcceptor(jobs).accept(body, execution)


def ended(world: World, **more: Any) -> None:
    change = {"status": JobStatus.CANCELLED, "validated": FOUND, "loaded": Loaded(objects=1), **more}
    world.states.update(JOB, lambda state: replace(state, **change))


def test_a_transfer_is_accepted_as_the_service_makes_it() -> None:
    state = accepted(World(), {**TRANSFER, "min_size_bytes": "", "dry_run": "True"})
    assert (state.job_id, state.status, state.run, state.created_at) == (JOB, JobStatus.PREPARING, 1, NOW)
    assert state.execution_arn == FIRST, "the execution that asks carries it out"
    assert state.request.dry_run


def test_an_execution_that_asks_again_gets_the_same_run() -> None:
    world = World()
    first = accepted(world)
    assert accepted(world) == first
    ended(world)
    second = accepted(world, RESUME, SECOND)
    assert (second.run, second.execution_arn, second.validated) == (2, SECOND, FOUND)
    assert accepted(world, RESUME, SECOND) == second
    ended(world)
    planned = accepted(world, {**TRANSFER, "replan": "true"}, FIRST + "-3")
    assert (planned.run, planned.validated) == (3, None)
    assert accepted(world, {**TRANSFER, "replan": "true"}, FIRST + "-3") == planned


def test_there_are_never_two_at_once() -> None:
    world = World()
    accepted(world)
    for body in (TRANSFER, RESUME):
        with pytest.raises(JobRunningError, match="Vault photos is being moved to this place by job vault-"):
            accepted(world, body, SECOND)
    assert world.states.read(JOB).execution_arn == FIRST


def test_a_finished_transfer_is_not_launched_again_by_mistake() -> None:
    world = World()
    accepted(world)
    ended(world, status=JobStatus.COMPLETE)
    with pytest.raises(AlreadyMovedError, match="resume it, which goes on with its plan, or say replan"):
        accepted(world, execution=SECOND)


def test_what_cannot_be_accepted_is_said() -> None:
    world = World()
    with pytest.raises(JobRefusedError, match="Vault films is not among the stack's vaults"):
        accepted(world, {**TRANSFER, "vault": "films"})
    with pytest.raises(JobNotFoundError, match=f"No job '{JOB}' is in"):
        accepted(world, RESUME)
    world.begin()
    with pytest.raises(NoTransferError, match="Job july is no transfer of a vault"):
        accepted(world, {**RESUME, "job_id": "july"})
