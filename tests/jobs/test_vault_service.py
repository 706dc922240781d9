"""A vault goes to one place by one job: begun once, resumed after its end, stopped, and told of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.dynamodb import JOBS, Call, Fault
from tests.jobs.served import (
    FOUND,
    JOBS_BUCKET,
    LISTED,
    RULES,
    TRANSFER,
    Served,
    failed,
    progress_of,
    refused,
    restoring,
)
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.vault_runs import validated, vault_job_id
from thaw.core.vault_states import Plan, VaultState
from thaw.jobs.service_types import Created, Outcome

JOB = vault_job_id("photos", "live", "photos/")
PLAN = Plan(parts=1, archives=2, size_bytes=3000, excluded=2, renamed=0, existing=0)


@pytest.fixture
def served() -> Served:
    served = Served()
    served.steps = []
    return served


def good(served: Served) -> Callable[[JobState], JobState]:
    """What the workflow does first with a good request."""

    def step(state: JobState) -> JobState:
        served.vaults.create(VaultState(state.job_id))
        served.vaults.update(state.job_id, lambda vault: validated(vault, state))
        return state

    return step


def begin(served: Served, **more: Any) -> Created:
    served.steps = served.steps or [good(served)]
    return served.service.transfer({**TRANSFER, **more})


def end(served: Served, status: JobStatus = JobStatus.CANCELLED, **more: Any) -> JobState:
    """The transfer ends, after its archives were planned and loaded unless `more` says otherwise."""
    served.vaults.update(JOB, lambda vault: replace(vault, plan=PLAN))
    ended = {"status": status, "ended_at": "x", "validated": FOUND, "loaded": Loaded(objects=2), **more}
    return served.states.update(JOB, lambda state: replace(state, **ended))


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(JobRefusedError) as raised:
        act()
    return raised.value.status, str(raised.value)


def test_a_transfer_is_begun_by_its_own_machine_and_awaited_until_it_is_found_good(served: Served) -> None:
    state, outcome = begin(served)
    assert (outcome, state.job_id, state.status) == (Outcome.PREPARING, JOB, JobStatus.PREPARING)
    assert served.machines.started == [f"{JOB}-1"]
    assert state.execution_arn.endswith(f":execution:thaw-transfer-vault:{JOB}-1")
    assert served.pauses == [0.25]


def test_one_that_begins_at_once_is_told_as_begun(served: Served) -> None:
    served.steps = [lambda state: state, restoring]
    assert begin(served).outcome is Outcome.STARTED


def test_a_transfer_that_is_under_way_is_not_begun_again(served: Served) -> None:
    begin(served)
    assert refusal(lambda: begin(served)) == (
        409,
        (
            f"Vault photos is being moved to this place by job {JOB}, which is Preparing; wait until it has"
            " ended, or stop it."
        ),
    )
    assert refusal(lambda: begin(served, tier="STANDARD", replan=True, destination_prefix="photos"))[0] == 409
    assert begin(served, destination_prefix="other").state.job_id != JOB


def test_of_two_who_ask_at_the_same_time_one_is_refused(served: Served) -> None:
    def meanwhile(call: Call) -> Fault | None:
        if call.operation == "PutItem":
            served.dynamodb.on_call = lambda _: None
            begin(served)
        return None

    served.dynamodb.on_call = meanwhile
    assert refusal(lambda: begin(served))[0] == 409
    assert served.machines.started == [f"{JOB}-1"]


def test_the_same_request_with_its_key_begins_nothing(served: Served) -> None:
    begin(served, idempotency_key="k")
    assert begin(served, idempotency_key="k").outcome is Outcome.REPEATED
    end(served)
    state, outcome = begin(served, idempotency_key="k")
    assert (outcome, state.status, state.run) == (Outcome.REPEATED, JobStatus.CANCELLED, 1)
    assert refusal(lambda: begin(served, idempotency_key="k", tier="STANDARD")) == (
        409,
        f"The idempotency_key was used for another request, job {JOB}: choose another key.",
    )


def test_a_start_that_was_cut_short_is_made_up_for(served: Served) -> None:
    request = begin(served, idempotency_key="k").state.request
    served.states.delete(JOB)
    served.put(JobState(JOB, request, JobStatus.PREPARING, "2026-11-21T03:04:05.000Z"))
    assert begin(served, idempotency_key="k").state.execution_arn


def test_one_that_has_moved_archives_is_resumed_and_not_begun_again(served: Served) -> None:
    begin(served)
    end(served)
    assert refusal(lambda: begin(served)) == (
        409,
        (
            f"Job {JOB} has moved archives of vault photos to this place, and is Cancelled: resume it, which"
            " goes on with its plan, or say replan, for a new one."
        ),
    )


def test_it_may_be_planned_anew_for_another_request(served: Served) -> None:
    begin(served)
    end(served)
    state, _ = begin(served, replan=True, name_pattern="*.jpg")
    assert state.request.vault is not None
    assert (state.run, state.continues, state.validated) == (2, True, None)
    assert (state.request.vault.replan, state.request.vault.name_pattern) == (True, "*.jpg")
    vault = served.vaults.read(JOB)
    assert (vault.validated_run, vault.plan) == (2, None)


def test_what_was_moved_keeps_its_storage_class(served: Served) -> None:
    begin(served)
    end(served)
    assert refusal(lambda: begin(served, replan=True, storage_class="GLACIER_IR")) == (
        409,
        (
            f"Job {JOB} has moved archives into STANDARD, and they would not be moved again: leave"
            " storage_class as it was, or choose another prefix."
        ),
    )


@pytest.mark.parametrize("status", [JobStatus.DRY_RUN, JobStatus.FAILED, JobStatus.CANCELLED])
def test_after_a_run_that_moved_nothing_it_is_begun_anew(served: Served, status: JobStatus) -> None:
    begin(served, dry_run=True)
    end(served, status, loaded=None)
    state, _ = begin(served, storage_class="DEEP_ARCHIVE")
    assert (state.run, state.continues, state.validated) == (2, False, None)
    assert served.vaults.read(JOB).plan is None, "it makes a plan of its own"
    assert served.machines.started == [f"{JOB}-1", f"{JOB}-2"]


def test_a_dry_run_is_carried_out_by_resuming_it_with_its_plan(served: Served) -> None:
    begin(served, dry_run=True)
    end(served, JobStatus.DRY_RUN, loaded=None)
    served.steps = [good(served)]
    state, _ = served.service.resume(JOB, {})
    assert (state.run, state.request.dry_run, state.validated) == (2, False, FOUND)
    vault = served.vaults.read(JOB)
    assert (vault.validated_run, vault.plan) == (2, PLAN)


def test_a_stopped_transfer_goes_on_where_it_was(served: Served) -> None:
    began = begin(served, timeout_hours=9, client_tag="tag").state
    end(served, keep_uploads=True, cancel_requested_at="x", closed=True, reason="because", trouble=("late",))
    served.steps = [good(served)]
    state, _ = served.service.resume(JOB, {"tier": "EXPEDITED"})
    expected = JobState(
        job_id=JOB,
        request=replace(began.request, tier="Expedited"),
        status=JobStatus.PREPARING,
        created_at=began.created_at,
        execution_arn=f"{began.execution_arn[:-1]}2",
        run=2,
        continues=True,
        validated=FOUND,
        revision=state.revision,
    )
    assert state == expected
    assert served.vaults.read(JOB).plan == PLAN


def test_a_run_that_ended_without_a_plan_makes_one(served: Served) -> None:
    begin(served)
    end(served, JobStatus.FAILED, validated=None, loaded=None)
    state, _ = served.service.resume(JOB, {"timeout_hours": 3})
    assert state.request.vault is not None
    assert (state.request.vault.replan, state.request.timeout_hours) == (True, 3)


def test_resuming_with_a_new_plan(served: Served) -> None:
    begin(served)
    end(served)
    served.steps = [good(served)]
    state, _ = served.service.resume(JOB, {"replan": True})
    assert (state.validated, served.vaults.read(JOB).plan) == (None, None)
    assert state.request.vault is not None
    assert (state.request.vault.replan, state.request.vault.new_inventory) == (True, True)


@pytest.mark.parametrize("given", ["plan", "inventory"])
def test_a_new_plan_is_not_made_of_what_was_given_to_an_earlier_run(served: Served, given: str) -> None:
    begin(served, **{given: f"s3://{JOBS_BUCKET}/given.csv"})
    end(served)
    served.steps = [good(served)]
    again, _ = served.service.resume(JOB, {})
    assert again.request.vault is not None
    assert getattr(again.request.vault, given) == f"s3://{JOBS_BUCKET}/given.csv"
    assert not again.request.vault.new_inventory
    end(served)
    served.steps = [good(served)]
    state, _ = served.service.resume(JOB, {"replan": True})
    assert state.request.vault is not None
    assert (getattr(state.request.vault, given), state.request.vault.new_inventory) == ("", True)


@pytest.mark.parametrize("said", [False, True])
def test_a_dry_run_asked_for_anew_needs_no_new_inventory_unless_it_is_said(
    served: Served,
    said: bool,  # noqa: FBT001 - a parameter
) -> None:
    begin(served, dry_run=True)
    end(served, JobStatus.DRY_RUN, loaded=None)
    state, _ = begin(served, name_pattern="*.jpg", **({"replan": True} if said else {}))
    assert state.request.vault is not None
    assert (state.request.vault.replan, state.request.vault.new_inventory) == (True, said)


def test_what_cannot_be_resumed_says_why(served: Served) -> None:
    begin(served)
    assert refusal(lambda: served.service.resume(JOB, {}))[0] == 409
    assert refusal(lambda: served.service.resume("nobody", {})) == (404, 'There is no job "nobody".')
    assert refusal(lambda: served.service.resume("a/b", {})) == (404, 'There is no job "a/b".')
    served.steps = [restoring]
    served.service.create({**LISTED, "job_id": "july"})
    assert refusal(lambda: served.service.resume("july", {})) == (
        409,
        "Job july is no transfer of a vault: give the job_id of one, or choose another prefix.",
    )


def test_a_vault_that_the_stack_has_no_more_is_not_resumed() -> None:
    served = Served()
    served.steps = []
    begin(served)
    end(served)
    without = Served(replace(RULES, vaults=()))
    without.dynamodb.tables = served.dynamodb.tables
    assert refusal(lambda: without.service.resume(JOB, {})) == (
        422,
        "Vault photos is not among the stack's vaults, and no other is transferred.",
    )
    assert without.states.read(JOB).run == 1


def test_a_refused_transfer_leaves_nothing(served: Served) -> None:
    served.s3.objects[JOBS_BUCKET, f"jobs/{JOB}/vault/inventory.csv"] = b"x"
    served.steps = [lambda state: refused(good(served)(state))]
    status, sentence = refusal(lambda: begin(served))
    assert (status, sentence.partition(" names ")[2]) == (422, "no archived object.")
    assert served.dynamodb.tables[JOBS] == {}
    assert not [key for bucket, key in served.s3.objects if bucket == JOBS_BUCKET]


def test_one_that_is_refused_by_its_plan_is_told_to_whoever_asks_again(served: Served) -> None:
    begin(served, idempotency_key="k")
    served.states.update(JOB, refused)
    assert refusal(lambda: begin(served, idempotency_key="k"))[0] == 422
    assert served.dynamodb.tables[JOBS] == {}
    assert begin(served, idempotency_key="k").outcome is Outcome.PREPARING


def test_a_refused_later_run_leaves_the_plan(served: Served) -> None:
    begin(served, dry_run=True)
    end(served, JobStatus.DRY_RUN, loaded=None)
    served.steps = [refused]
    assert refusal(lambda: served.service.resume(JOB, {}))[0] == 422
    assert served.vaults.read(JOB).plan == PLAN
    assert served.states.read(JOB).status is JobStatus.FAILED


def test_a_transfer_that_fails_at_once_says_so(served: Served) -> None:
    served.steps = [failed]
    assert begin(served).outcome is Outcome.FAILED


def test_a_transfer_is_shown_with_its_vault(served: Served) -> None:
    begin(served)
    state, progress, vault = served.service.show(JOB)
    assert (state.job_id, progress) == (JOB, None)
    assert vault == served.vaults.read(JOB)
    served.states.update(JOB, restoring)
    served.progress[JOB] = progress_of(JOB, pending=1)
    assert served.service.show(JOB).progress is not None


def test_other_jobs_have_no_vault(served: Served) -> None:
    served.steps = [restoring]
    served.service.create({**LISTED, "job_id": "july"})
    assert served.service.show("july").vault is None


@pytest.mark.parametrize("keep", [False, True])
def test_a_transfer_is_stopped_with_or_without_its_uploads(served: Served, *, keep: bool) -> None:
    begin(served)
    state = served.service.cancel(JOB, keep_uploads=keep)
    assert (bool(state.cancel_requested_at), state.keep_uploads) == (True, keep)
    assert served.service.cancel(JOB).keep_uploads is keep, "asking again changes nothing"


def test_only_a_transfer_has_uploads_to_keep(served: Served) -> None:
    served.steps = [restoring]
    served.service.create({**LISTED, "job_id": "july"})
    assert refusal(lambda: served.service.cancel("july", keep_uploads=True)) == (
        409,
        "Job july is no transfer of a vault, and has no uploads to keep.",
    )


def test_a_job_id_that_another_job_has_is_refused(served: Served) -> None:
    served.steps = [restoring]
    served.service.create({**LISTED, "job_id": JOB})
    status, sentence = refusal(lambda: begin(served))
    assert (status, sentence.partition(":")[0]) == (409, f"Job {JOB} is no transfer of a vault")
