"""A transfer has one name by construction, and its runs remember what they may."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_vault_request_parsing import ASKED
from thaw.core.archives import Pointer
from thaw.core.job_request_fields import JOB_ID
from thaw.core.job_states import JobState, JobStatus
from thaw.core.vault_request_parsing import parse_vault_transfer
from thaw.core.vault_runs import begun, validated, vault_job_id
from thaw.core.vault_states import Inventory, Plan, VaultState

INVENTORY = Inventory(retrieval_job_id="r", checked=True)
PLAN = Plan(parts=1, archives=3, size_bytes=6, excluded=0, renamed=0, existing=0)
PLANNED = VaultState("j", validated_run=1, inventory=INVENTORY, plan=PLAN, next_part=2, next_line=3)
NAMES = st.from_regex(r"\A[A-Za-z0-9_.\-]{1,255}\Z")


def job(run: int, *, replan: bool = False) -> JobState:
    request = parse_vault_transfer({**ASKED, "replan": replan})
    return JobState("j", request, JobStatus.PREPARING, "2026-11-21T00:00:00.000Z", run=run)


def test_the_id_of_a_transfer_tells_its_vault() -> None:
    assert vault_job_id("my.photos_2013", "live", "a/") == "vault-myphotos2013-585793f8"


@given(NAMES, st.text(max_size=20))
def test_every_transfer_has_an_id_that_a_job_and_its_executions_may_have(vault: str, prefix: str) -> None:
    job_id = vault_job_id(vault, "live", prefix)
    assert re.fullmatch(JOB_ID, job_id)
    assert len(f"{job_id}-1000-100") <= 80
    assert Pointer.of(Pointer(job_id, 99999, 999).text) == Pointer(job_id, 99999, 999)


@given(st.tuples(NAMES, NAMES, st.text(max_size=5)), st.tuples(NAMES, NAMES, st.text(max_size=5)))
def test_another_vault_bucket_or_prefix_is_another_transfer(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (vault_job_id(*one) == vault_job_id(*other)) == (one == other)


def test_parts_of_the_place_are_not_mixed_up() -> None:
    assert vault_job_id("v", "live", "a/b/") != vault_job_id("v", "livea", "/b/")
    assert vault_job_id("a.b", "live", "") != vault_job_id("a_b", "live", "")


def test_a_run_that_is_found_good_keeps_the_plan() -> None:
    assert validated(PLANNED, job(2)) == replace(PLANNED, validated_run=2)


def test_a_run_that_plans_anew_forgets_the_plan_once() -> None:
    fresh = validated(PLANNED, job(2, replan=True))
    assert fresh == VaultState("j", validated_run=2)
    planned = replace(fresh, plan=PLAN, inventory=INVENTORY)
    assert validated(planned, job(2, replan=True)) == planned


def test_a_run_begins_at_the_start_of_the_plan() -> None:
    used = replace(
        PLANNED,
        token="t",  # noqa: S106 - of a step
        paused_until="2026",
        pause_reason="because",
        held="budget",
        conflict="another",
        swept_at="2026",
        sweep_began_at="2026",
        manifest_execution="arn",
        manifest_attempts=3,
    )
    second = begun(used, 2)
    assert second == replace(PLANNED, run=2, token="t", next_part=0, next_line=0)  # noqa: S106 - of a step
    moved = replace(second, next_part=1, held="budget")
    assert begun(moved, 2) == moved
