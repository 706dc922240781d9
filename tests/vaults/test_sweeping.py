"""A sweep finds what nobody told of, saves what would lapse, and asks again for what Glacier forgot."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from tests.core.vault_watched import retrieved
from tests.core.watched import START, after
from tests.vaults.watched import JOBS_BUCKET, RULES, World, retrieval, worlds
from thaw.core.archives import Pointer
from thaw.core.history import History, Status
from thaw.vaults.judging import window_over
from thaw.vaults.sweep_places import read_place

ASKED = History(restore_requested_at=START)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    """Archives a0 to a3, asked for; the plan is at its end and nothing is listed."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with worlds() as made:
        made.add([10] * 4, history=dict.fromkeys(("a0", "a1", "a2", "a3"), ASKED))
        made.vaults.update("job-1", lambda vault: replace(vault, next_part=1, swept_at=START))
        made.glacier.jobs = [retrieval(line, "InProgress") for line in range(4)]
        yield made


def test_retrievals_that_ended_without_a_word_are_sent_to_the_queue_as_glacier_would_have(
    world: World,
) -> None:
    """Number 9 and 43: notifications get lost, doubled, or come early."""
    world.glacier.jobs[1] = retrieval(1, at=after(0.4))
    world.glacier.jobs[3] = retrieval(3, "Failed", at=after(0.4))
    world.look(hours=0.5)
    assert world.queue.sent == [world.glacier.jobs[1], world.glacier.jobs[3]]
    assert (world.vault.swept_at, world.vault.sweep_began_at) == (world.now, "")
    assert world.due() == []


def test_what_is_settled_is_not_sent(world: World) -> None:
    world.tell({"a0": History(copied_at=after(0.1))})
    world.glacier.jobs = [retrieval(0, at=after(0.1))]
    world.look(hours=0.5)
    assert world.queue.sent == []


def test_jobs_of_others_and_of_an_older_plan_are_left_alone(world: World) -> None:
    world.glacier.jobs = [
        retrieval(0, JobDescription="somebody's"),
        retrieval(1, JobDescription="thaw job-2 0 1"),
        retrieval(2, ArchiveId="a3"),
        retrieval(9, JobDescription="thaw job-1 0 9"),
        retrieval(3, Action="InventoryRetrieval"),
    ]
    watched = world.look(hours=0.5)
    assert (world.queue.sent, watched.failed) == ([], {})


def test_a_sweep_comes_every_half_hour_and_when_a_run_begins(world: World) -> None:
    world.look(hours=0.4)
    assert world.glacier.calls["ListJobs"] == 0
    world.look(hours=0.1)
    assert world.glacier.calls["ListJobs"] == 2
    world.look(hours=0.4)
    assert world.glacier.calls["ListJobs"] == 2
    world.vaults.update("job-1", lambda vault: replace(vault, swept_at=""))
    world.look()
    assert world.glacier.calls["ListJobs"] == 4


def test_a_sweep_comes_earlier_when_something_is_late(world: World) -> None:
    world.look(hours=6.5)
    calls = world.glacier.calls["ListJobs"]
    world.look(hours=0.15)
    assert world.glacier.calls["ListJobs"] == calls
    world.look(hours=0.05)
    assert world.glacier.calls["ListJobs"] > calls


def test_a_doubled_message_is_not_added_to_a_full_queue_at_every_sweep(world: World) -> None:
    world.queue.waiting = 1000
    world.glacier.jobs[0] = retrieval(0, at=after(0.2))
    sent: list[int] = []
    for _ in range(7):
        world.look(hours=1)
        sent.append(len(world.queue.sent))
    assert sent == [0, 1, 1, 1, 1, 1, 2], "at an hour, and at six"


def test_what_will_lapse_is_asked_for_again_once(world: World) -> None:
    world.tell({"a0": retrieved(1)})
    world.glacier.jobs[0] = retrieval(0, at=after(1))
    world.look(hours=18)
    world.look(hours=0.5)
    assert world.glacier.asked.count("a0") == 0
    world.look(hours=1)
    world.look(hours=0.5)
    world.look(hours=0.5)
    assert world.glacier.asked.count("a0") == 1
    assert (world.status("a0"), world.record("a0").history.restore_expires_at) == (
        Status.RESTORED,
        after(25),
    )


def test_what_has_lapsed_is_written_down_and_asked_for_again(world: World) -> None:
    world.tell({"a0": retrieved(1)})
    world.glacier.jobs[0] = retrieval(0, at=after(1))
    world.glacier.jobs[1] = retrieval(1, at=after(2))
    world.vaults.update("job-1", lambda vault: replace(vault, paused_until=after(99), pause_reason="no"))
    world.look(hours=27)
    for name, completed in (("a0", 1), ("a1", 2)):
        history = world.record(name).history
        assert world.status(name) is Status.EXPIRED
        assert (history.restore_completed_at, history.restore_expired_at) == (
            after(completed),
            after(completed + 24),
        )
    assert world.due() == [(0, 0), (1, 0)], "no failure of Glacier"
    world.vaults.update("job-1", lambda vault: replace(vault, paused_until=""))
    world.look()
    assert sorted(world.glacier.asked) == ["a0", "a1"]


def test_a_window_that_is_over_has_one_cause_whoever_finds_it(world: World) -> None:
    """Else what was asked for again because of a message would be once more because of the sweep."""
    completed = after(0.1)
    world.tell({"a0": retrieved(0.1, asked=0)})
    world.glacier.jobs = [retrieval(0, at=completed, job_id="the-job")]
    cause = window_over("the-job")
    world.agains.ask(Pointer("job-1", 0, 0), cause, reason="It is over.", size_bytes=10, failed=False)
    for again in list(world.agains.due("job-1")):
        world.agains.done(again)
    world.vaults.update("job-1", lambda vault: replace(vault, paused_until=after(99)))
    world.look(hours=26)
    assert (0, 0) not in world.due()


def test_a_retrieval_that_glacier_does_not_know_is_lost_and_asked_for_again(world: World) -> None:
    del world.glacier.jobs[2]
    world.look(hours=0.5)
    assert world.glacier.asked == [], "it may not be listed yet"
    world.look(hours=7)
    assert world.glacier.asked == ["a2"]
    world.look(hours=0.5)
    assert world.glacier.asked == ["a2"], "it is listed now"


def test_what_is_lost_three_times_has_failed(world: World) -> None:
    for hours in (7, 8, 8, 8):
        del world.glacier.jobs[3:]
        world.look(hours=hours)
        world.glacier.jobs = [job for job in world.glacier.jobs if job["ArchiveId"] != "a3"]
    assert world.glacier.asked == ["a3", "a3"]
    assert world.record("a3").history.failure.error_code == "RetrievalFailed"


def test_an_archive_that_was_passed_is_found(world: World) -> None:
    world.add([10], job_id="job-2")
    world.vaults.update("job-2", lambda vault: replace(vault, next_part=1))
    world.look(hours=0.5)
    assert "job-2-0" in world.glacier.asked


def test_a_sweep_that_is_cut_short_goes_on_where_it_was(world: World) -> None:
    world.glacier.page_size = 1
    world.glacier.jobs = [retrieval(line, at=after(0.1)) for line in range(4)]
    budget = iter([1.0, 1.0, 1.0, *[0.0] * 100])
    world.now = after(0.5)
    world.watcher().watch("me", lambda: next(budget))
    first = len(world.queue.sent)
    assert 0 < first < 4
    assert world.vault.sweep_began_at == after(0.5)
    world.look()
    assert [job["ArchiveId"] for job in world.queue.sent] == ["a0", "a1", "a2", "a3"]
    assert (world.vault.swept_at, world.vault.sweep_began_at) == (after(0.5), "")


def test_a_job_of_a_plan_that_had_more_parts_stops_no_sweep(world: World) -> None:
    world.glacier.jobs.append(
        retrieval(0, job_id="older", at=after(0.1), JobDescription=Pointer("job-1", 7, 0).text)
    )
    assert world.look(hours=0.5).failed == {}
    assert world.vault.swept_at


def test_the_vault_that_was_swept_longest_ago_is_swept_first(world: World) -> None:
    """One whose sweep takes all the time there is must not stop the others'."""
    world.add([10], job_id="job-2", history={"job-2-0": ASKED})
    world.vaults.update("job-2", lambda vault: replace(vault, next_part=1, swept_at=after(-9)))
    world.glacier.page_size = 1
    budget = iter([100.0, 100.0, 60.0, *[0.0] * 100])
    world.now = after(2)
    world.watcher().watch("me", lambda: next(budget))
    markers = [read_place(world.s3, JOBS_BUCKET, job_id) for job_id in ("job-1", "job-2")]
    assert [place and place.marker for place in markers] == ["", "1"]


def test_what_was_asked_for_before_a_replan_is_not_asked_for_while_it_is_under_way(world: World) -> None:
    """Its retrieval job points at a place of the plan before, and is paid."""
    world.states.update("job-1", lambda state: replace(state, started_at=after(0.5)))
    world.glacier.jobs.clear()
    world.look(hours=3)
    assert world.glacier.asked == []
    world.look(hours=5)
    assert sorted(world.glacier.asked) == ["a0", "a1", "a2", "a3"]


def test_a_list_whose_place_is_lost_is_begun_anew(world: World) -> None:
    world.glacier.stale_markers = 1
    world.glacier.jobs[3] = retrieval(3, at=after(0.1))
    world.look(hours=0.5)
    assert [job["ArchiveId"] for job in world.queue.sent] == ["a3"]
    assert world.glacier.markers == ["", "2", "", "2"]


def test_the_place_of_a_sweep_is_of_its_run(world: World) -> None:
    world.look(hours=0.5)
    keys = [each.get("Key") for each in world.s3.list_objects_v2(Bucket=JOBS_BUCKET).get("Contents", [])]
    assert "jobs/job-1/vault/sweep.json.gz" in keys
    world.vaults.update(
        "job-1", lambda vault: replace(vault, run=2, swept_at="", sweep_began_at=vault.swept_at)
    )
    world.states.update("job-1", lambda state: replace(state, run=2))
    watched = world.look()
    assert (watched.failed, world.vault.swept_at) == ({}, world.now)


def test_the_stack_says_how_often(world: World) -> None:
    world.rules = replace(RULES, vault_sweep_minutes=0)
    world.look()
    world.look()
    assert world.glacier.calls["ListJobs"] == 4
