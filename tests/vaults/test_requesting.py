"""Archives are asked for in the order of the plan, within every budget: none twice, and none is dropped."""

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.core.vault_watched import retrieved, transfer
from tests.core.watched import START, after
from tests.vaults.watched import JOBS_BUCKET, LIVE, RULES, TIMEOUT, TOPIC, World, glacier_error, worlds
from thaw.core.archives import Pointer
from thaw.core.history import History, Status
from thaw.core.job_states import JobState
from thaw.core.keys import ObjectId
from thaw.core.vault_runs import begun
from thaw.store.vault_budget import VaultBudget
from thaw.vaults import requesting, walking
from thaw.vaults.news import ArchiveRecords, News

THROTTLED = glacier_error("ThrottlingException", "Rate exceeded")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with worlds() as made:
        yield made


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three archives are asked for in one go."""
    for module in (requesting, walking):
        monkeypatch.setattr(module, "BATCH_GET_ITEMS", 3)


def test_a_plan_is_asked_for_in_its_order_and_every_retrieval_job_points_at_its_row(world: World) -> None:
    world.add([10, 20, 30], [40, 50])
    watched = world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1", "a2", "a3", "a4"]
    assert watched.counts["accepted"] == 5
    parameters = {each["jobParameters"]["ArchiveId"]: each for each in world.glacier.parameters}
    assert parameters["a4"] == {
        "accountId": "-",
        "vaultName": "photos",
        "jobParameters": {
            "Type": "archive-retrieval",
            "ArchiveId": "a4",
            "Tier": "Standard",
            "SNSTopic": TOPIC,
            "Description": Pointer("job-1", 1, 1).text,
        },
    }
    assert (world.vault.next_part, world.vault.next_line) == (2, 0)
    assert world.state.requested
    assert {world.status(f"a{number}") for number in range(5)} == {Status.RESTORING}
    assert world.budget.asked_bytes("2026-11-21") == 150


@pytest.mark.usefixtures("small_chunks")
def test_nothing_is_asked_for_twice_by_later_looks(world: World) -> None:
    world.add([10] * 7, [10] * 4)
    for _ in range(3):
        world.look()
    assert len(world.glacier.asked) == len(set(world.glacier.asked)) == 11


def test_only_what_needs_it_is_asked_for(world: World) -> None:
    """Number 19 of the published system's failures: a resumed run waits the quota again for what is done."""
    expired = retrieved(-30, asked=-35)._replace(restore_expired_at=after(-6))
    world.add(
        [10] * 6,
        history={
            "a0": History(restore_requested_at=START),
            "a1": retrieved(-1, asked=-5),
            "a2": History(copied_at=START),
            "a3": expired,
            "a4": retrieved(-30, asked=-35),
        },
    )
    world.look()
    assert sorted(world.glacier.asked) == ["a3", "a4", "a5"]
    assert world.budget.asked_bytes("2026-11-21") == 30


def test_the_bytes_of_a_day_are_never_more_than_allowed_and_the_rest_follows_the_next_day(
    world: World,
) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=100)
    world.add([40, 40, 40, 40])
    world.look()
    world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1"]
    assert world.budget.asked_bytes("2026-11-21") == 80
    assert "vault_bytes_per_day" in world.vault.held
    assert (world.vault.next_line, world.state.requested) == (2, False)
    world.look(hours=24)
    assert sorted(world.glacier.asked) == ["a0", "a1", "a2", "a3"]
    assert (world.vault.held, world.state.requested) == ("", True)


def test_an_archive_larger_than_a_day_is_asked_for_alone(world: World) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=100)
    world.add([500, 10])
    world.look()
    assert world.glacier.asked == ["a0"]
    world.look(hours=24)
    assert world.glacier.asked == ["a0", "a1"]


@pytest.mark.usefixtures("small_chunks")
def test_two_transfers_share_the_budgets_and_neither_starves(world: World) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=90)
    world.add([10] * 8)
    world.add([10] * 8, job_id="job-2")
    world.look()
    asked = [name.startswith("job-2") for name in world.glacier.asked]
    assert (len(asked), sum(asked)) == (9, 3)


def test_no_more_is_under_way_than_the_stack_allows(world: World) -> None:
    """Number 25: without it, what is not downloaded within 24 hours expires."""
    world.rules = replace(RULES, vault_staged_bytes=100)
    world.add([40, 40, 40, 40])
    world.look()
    assert world.glacier.asked == ["a0", "a1"]
    assert "asked for and not transferred" in world.vault.held
    world.tell({"a0": retrieved(1, asked=0.1)})
    world.look()
    assert len(world.glacier.asked) == 2, "retrieved is not transferred"
    world.tell({"a0": History(copied_at=world.now)})
    world.look()
    assert world.glacier.asked == ["a0", "a1", "a2"]


def test_throttled_requests_slow_down_and_stay_due(world: World) -> None:
    """Number 1: every error of InitiateJob was logged and dropped."""
    world.glacier.errors["a1"] = [THROTTLED] * 3
    world.add([10, 20, 30])
    world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1", "a2"]
    assert len([seconds for seconds in world.pauses if seconds >= 0.25]) >= 3
    assert world.due() == []


def test_what_stays_throttled_is_asked_for_at_the_next_look_and_no_attempt_is_counted(world: World) -> None:
    world.glacier.errors["a1"] = [THROTTLED] * 50
    world.add([10, 20, 30])
    for _ in range(5):
        world.look()
        assert (world.status("a1"), world.due()) == (Status.PENDING, [])
        assert (world.vault.next_line, world.state.requested) == (1, False)
    world.glacier.errors.clear()
    world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1", "a2"], "and what was taken is not asked for again"
    assert world.budget.asked_bytes("2026-11-21") == 60, "what was not taken is given back"


def test_a_refusal_of_everything_pauses_and_says_why(world: World) -> None:
    world.glacier.errors["*"] = [glacier_error("PolicyEnforcedException", "denied by policy")] * 20
    world.add([10] * 20)
    watched = world.look()
    assert world.glacier.asked == []
    assert world.vault.pause_reason.endswith("PolicyEnforcedException: denied by policy")
    assert watched.counts["held"] >= 1
    calls = world.glacier.calls["InitiateJob"]
    assert world.look().paused == 1
    assert world.glacier.calls["InitiateJob"] == calls, "not before the pause is over"
    world.glacier.errors.clear()
    world.look(hours=0.25)
    assert len(world.glacier.asked) == 20
    assert world.budget.asked_bytes("2026-11-21") == 200


def test_a_vault_that_is_gone_fails_no_archive(world: World) -> None:
    gone = glacier_error("ResourceNotFoundException", "Vault not found for ARN: arn:aws:glacier:...", 404)
    world.glacier.errors["*"] = [gone] * 20
    world.add([10] * 3)
    world.look()
    assert world.status("a0") is Status.PENDING
    assert "Vault not found" in world.vault.pause_reason


def test_an_archive_that_is_gone_fails_at_once_with_the_reason(world: World) -> None:
    gone = glacier_error("ResourceNotFoundException", "The archive ID was not found: a1", 404)
    world.glacier.errors["a1"] = [gone]
    world.add([10, 20, 30])
    world.look()
    failure = world.record("a1").history.failure
    assert (failure.error_code, failure.error_message) == (
        "ArchiveNotFound",
        "The archive ID was not found: a1",
    )
    assert sorted(world.glacier.asked) == ["a0", "a2"]
    assert world.budget.asked_bytes("2026-11-21") == 40


def test_other_refusals_are_tried_three_times_then_recorded_with_the_code(world: World) -> None:
    world.glacier.errors["a1"] = [glacier_error("InvalidParameterValueException", "bad")] * 9
    world.add([10, 20, 30])
    world.look()
    assert world.due() == [(1, 1)]
    world.look()
    assert (world.due(), world.status("a1")) == ([(1, 2)], Status.PENDING)
    world.look()
    failure = world.record("a1").history.failure
    assert (failure.error_code, failure.error_message) == ("InvalidParameterValueException", "bad")
    world.look()
    assert (world.due(), world.glacier.calls["InitiateJob"]) == ([], 5)


@pytest.mark.parametrize("error", [TIMEOUT, glacier_error("ServiceUnavailableException", status=500)])
def test_an_outage_pauses_and_counts_no_attempt(world: World, error: Exception) -> None:
    world.glacier.errors["*"] = [error] * 300
    world.add([10] * 20)
    world.look()
    assert (world.due(), world.glacier.asked) == ([], [])
    assert world.vault.pause_reason
    world.glacier.errors.clear()
    world.look(hours=0.3)
    assert len(world.glacier.asked) == 20


def test_one_archive_that_is_never_answered_does_not_hold_the_others(world: World) -> None:
    world.add([10, 20, 30])
    world.glacier.errors["a2"] = [TIMEOUT] * 300
    for _ in range(4):
        world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1"]
    assert world.record("a2").history.failure.error_code == "ReadTimeoutError"


def test_a_request_without_an_answer_is_repeated_once_as_it_may_have_been_taken_and_paid(
    world: World,
) -> None:
    world.add([10, 20, 30])
    world.glacier.errors["a2"] = [TIMEOUT] * 300
    world.look()
    assert world.glacier.calls["InitiateJob"] == 2 + 2


def test_what_a_slow_glacier_took_is_written_down_in_time_and_never_asked_for_again(world: World) -> None:
    """Each request takes so long that the time of a look is over in the middle of a chunk."""
    world.add([10] * 60)
    left, ask = [100.0], world.glacier.initiate_job

    def slow(**request: Any) -> dict[str, str]:
        left[0] -= 10
        assert left[0] > -120, "the function is ended here"
        return ask(**request)

    world.glacier.initiate_job = slow  # type: ignore[method-assign]
    world.watcher().watch("me", lambda: left[0])
    taken = list(world.glacier.asked)
    assert 0 < len(taken) < 60
    assert {world.status(name) for name in taken} == {Status.RESTORING}
    for _ in range(6):
        left[0] = 100.0
        world.watcher().watch("me", lambda: left[0])
    assert sorted(world.glacier.asked) == sorted(f"a{number}" for number in range(60))


def test_refusals_of_all_pause_so_that_not_everything_fails_for_one_cause(world: World) -> None:
    world.glacier.errors["*"] = [glacier_error("InvalidParameterValueException", "Invalid SNS topic")] * 20
    world.add([10] * 20)
    world.look()
    assert "Invalid SNS topic" in world.vault.pause_reason
    assert {attempts for _, attempts in world.due()} == {1}
    world.look()
    assert {attempts for _, attempts in world.due()} == {1}, "paused"
    world.glacier.errors.clear()
    world.look(hours=0.3)
    assert (len(world.glacier.asked), world.due()) == (20, [])


def test_what_is_to_be_asked_for_again_comes_first(world: World) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=20)
    world.add([10, 10, 10], history={"a0": History(restore_requested_at=after(-6))})
    world.again(0)
    world.look()
    assert world.glacier.asked == ["a0", "a1"]
    assert (world.due(), world.vault.next_line) == ([], 2)


def test_prolonging_a_window_costs_no_budget_and_waits_for_none(world: World) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=10, vault_staged_bytes=5)
    histories = {"a0": History(restore_requested_at=after(-6)), "a1": retrieved(-20, asked=-23)}
    world.add([1000, 1000, 1000], history=histories)
    assert world.budget.reserve("2026-11-21", 10, 10)
    world.again(0)
    world.again(1, failed=False)
    world.look()
    assert world.glacier.asked == ["a1"]
    assert (world.budget.asked_bytes("2026-11-21"), world.status("a1")) == (10, Status.RESTORED)
    assert world.due() == [(0, 1)]


def test_a_limit_that_is_lowered_in_the_day_holds_back_nothing_that_costs_nothing(world: World) -> None:
    world.rules = replace(RULES, vault_bytes_per_day=50)
    world.add([10, 20, 30], history={"a0": retrieved(-20, asked=-25)})
    world.budget.reserve("2026-11-21", 500, 0)
    world.again(0, failed=False)
    world.look()
    assert world.glacier.asked == ["a0"]


def test_a_destination_that_takes_nothing_pauses_until_it_takes_something(world: World) -> None:
    world.add([10] * 8, history={f"a{number}": retrieved(-1, asked=-5) for number in range(5)})
    refused = tuple(f"a{number}" for number in range(5))
    world.vaults.update("job-1", lambda vault: replace(vault, refused=refused, refusal="AccessDenied: no"))
    watched = world.look()
    assert "AccessDenied: no" in world.vault.pause_reason
    assert world.glacier.asked == []
    assert world.look(hours=1).paused == 1
    assert watched.failed == {}
    world.look(hours=1.5)
    assert sorted(world.glacier.asked) == ["a5", "a6", "a7"]


@pytest.mark.parametrize("copied", [True, False])
def test_a_few_refusals_and_those_among_successes_pause_nothing(world: World, *, copied: bool) -> None:
    world.add([10] * 8)
    if copied:
        world.tell({"a7": History(restore_requested_at=START, copied_at=START)})
    refused = tuple(f"b{number}" for number in range(5 if copied else 4))
    world.vaults.update("job-1", lambda vault: replace(vault, refused=refused, refusal="AccessDenied: no"))
    world.look()
    assert not world.vault.pause_reason
    assert len(world.glacier.asked) == (7 if copied else 8)
    assert len(world.vault.refused) == (0 if copied else 4)


def test_an_object_that_may_not_be_looked_at_stops_nothing(world: World) -> None:
    """Its archive is retrieved, and the transfer decides."""
    world.add([10, 20], exists=("a0",))

    def forbidden(**_: object) -> None:
        error: Any = {"Error": {"Code": "403", "Message": "Forbidden"}}
        raise ClientError(error, "HeadObject")

    world.s3.meta.events.register("before-call.s3.HeadObject", forbidden)
    assert world.look().failed == {}
    assert sorted(world.glacier.asked) == ["a0", "a1"]


def test_what_is_done_meanwhile_is_not_asked_for_again(world: World) -> None:
    world.add([10, 10], history={"a0": History(copied_at=START)})
    world.again(0)
    world.look()
    assert (world.glacier.asked, world.due()) == (["a1"], [])


def test_an_archive_whose_retrievals_failed_too_often_is_not_asked_for_again(world: World) -> None:
    """Whoever counted the third failure may have died before it was recorded."""
    world.add([10], history={"a0": History(restore_requested_at=START)})
    for attempt in range(3):
        world.again(0, f"retrieval-{attempt}")
    world.look()
    assert world.glacier.asked == []
    failure = world.record("a0").history.failure
    assert (failure.error_code, failure.error_message) == ("RetrievalFailed", "It failed.")
    assert world.due() == []


def test_what_is_at_the_key_already_is_not_retrieved_and_a_stranger_is_a_conflict(world: World) -> None:
    """Number 6: an object at the key was neither marked done nor compared."""
    world.add([10, 20], exists=("a0",))
    world.s3.put_object(Bucket=LIVE, Key="v/a0", Body=b"another's")
    watched = world.look()
    assert world.glacier.asked == ["a1"]
    assert world.record("a0").history.failure.error_code == "ObjectConflict"
    assert watched.counts["conflicts"] == 1
    assert "v/a0" in world.vault.conflict


def test_a_transfer_that_was_stopped_asks_for_nothing(world: World) -> None:
    """Number 21: nothing could be stopped."""
    world.add([10], state=transfer(requested=False, cancel_requested_at=START))
    world.look()
    assert world.glacier.asked == []


def test_only_one_look_at_a_time_asks(world: World) -> None:
    world.add([10])
    assert world.budget.take_lease("somebody", world.now, after(1))
    watched = world.look()
    assert (world.glacier.asked, len(watched.jobs)) == ([], 1), "it only tells"
    world.look(hours=1)
    assert world.glacier.asked == ["a0"]
    assert world.budget.lease_holder() == ""


def test_a_look_that_waited_for_another_counts_what_that_one_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks before it has the lease would grant the same room twice."""
    world.rules = replace(RULES, vault_staged_bytes=100)
    world.add([40] * 4)
    take, before = VaultBudget.take_lease, list[str]()

    def late(self: VaultBudget, holder: str, now: str, until: str) -> bool:
        if holder == "late" and not before:
            before.append(holder)
            world.look("early")
        return take(self, holder, now, until)

    monkeypatch.setattr(VaultBudget, "take_lease", late)
    world.look("late")
    assert world.glacier.asked == ["a0", "a1"]


def test_a_transfer_that_cannot_go_on_keeps_no_other_waiting(world: World) -> None:
    world.add([10])
    world.add([10], job_id="job-2")
    world.s3.delete_object(Bucket=JOBS_BUCKET, Key="jobs/job-1/vault/plan/part-00000.csv.gz")
    watched = world.look()
    assert world.glacier.asked == ["job-2-0"]
    assert list(watched.failed) == ["job-1"]
    assert "plan" in watched.failed["job-1"]


def test_a_look_without_time_asks_for_nothing(world: World) -> None:
    world.add([10])
    world.look(seconds=0)
    assert world.glacier.asked == []


@pytest.mark.usefixtures("small_chunks")
def test_whoever_dies_before_writing_leaves_one_chunk_that_is_asked_for_twice_and_none_that_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add([10] * 8)
    write, calls = ArchiveRecords.write, list[int]()

    def dying(self: ArchiveRecords, state: JobState, news: Mapping[ObjectId, News]) -> None:
        calls.extend([len(news)] if news else [])
        if len(calls) == 2:
            raise KeyboardInterrupt
        write(self, state, news)

    monkeypatch.setattr(ArchiveRecords, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        world.look()
    assert (len(world.glacier.asked), world.vault.next_line) == (6, 3)
    world.look()
    counts = Counter(world.glacier.asked)
    assert set(counts) == {f"a{number}" for number in range(8)}
    assert sorted(name for name, times in counts.items() if times > 1) == ["a3", "a4", "a5"]
    assert world.state.requested


def test_a_next_run_goes_through_the_plan_from_its_start_and_asks_only_for_what_is_not_done(
    world: World,
) -> None:
    """Numbers 18 and 19: a finished run that is relaunched, and a resume that waits the quota again."""
    world.add([10, 20, 30])
    world.look()
    world.tell({"a0": History(copied_at=world.now)})
    world.states.update("job-1", lambda state: replace(state, run=2, requested=False))
    expired = {"a1": retrieved(1)._replace(restore_expired_at=after(25))}
    world.tell(expired)
    world.look(hours=30)
    assert len(world.glacier.asked) == 3, "the run is not begun"
    world.vaults.update("job-1", lambda vault: begun(vault, 2))
    world.look()
    assert world.glacier.asked[3:] == ["a1"]
    assert world.state.requested
