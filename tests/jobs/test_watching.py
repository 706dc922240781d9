"""The watcher at work: what it asks of AWS, what it writes, and what it makes good after a failure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from tests.core.vault_watched import transfer, vault_state
from tests.core.watched import after, job, progress, told, wave
from tests.jobs.watched import CREATE_JOB, READ_REPORT, TRANSFER_VAULT, World, jobs_table
from thaw.core.job_requests import Way
from thaw.core.job_states import JobStatus
from thaw.core.progress_events import ProgressEvent


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World(jobs_table())


def watch(world: World, how_far: Any = None, now: str = "") -> None:
    """A look that goes well."""
    world.now = now or world.now
    if how_far is not None:
        world.make_progress("job-1", how_far)
    assert world.watcher().watch().failed == {}


def test_a_job_is_followed_from_its_start_to_its_end(world: World) -> None:
    world.add(job(waves=(wave(status="Active", reported=False),)))
    world.batch.statuses["batch-1"] = "Active"
    watch(world, progress(100, restoring=10))
    world.batch.statuses["batch-1"] = "Complete"
    watch(world, progress(100, restoring=78, restored=22), after(1))
    reading = f"{READ_REPORT.replace('stateMachine', 'execution')}:job-1-1-1-1"
    assert world.machines.statuses == {reading: "RUNNING"}
    watch(world, progress(100, restored=100), after(2))
    assert world.states.read("job-1").status is JobStatus.RESTORING, "the report is not read yet"
    world.states.update(
        "job-1", lambda state: replace(state, waves=(replace(state.waves[0], reported=True),))
    )
    watch(world, now=after(3))
    assert told(world.events) == [
        ("start", "Restoring", "0"),
        ("step-20", "Restoring", "22"),
        ("end", "Complete", "100"),
    ]
    state = world.states.read("job-1")
    assert (state.status, state.ended_at) == (JobStatus.COMPLETE, after(3))
    watch(world, now=after(4))
    assert len(world.events) == 3, "nobody looks at it any more"


def test_the_cost_of_a_look_does_not_grow_with_objects(world: World) -> None:
    costs: list[Counter[str]] = []
    known = wave(3, report_execution="arn:done", report_attempts=1)
    waves = (wave(status="Active", reported=False), wave(2, "Active", reported=False), known)
    world.add(job(waves=waves))
    world.batch.statuses.update({"batch-1": "Active", "batch-2": "Active"})
    for total in (10, 10**9):
        for calls in (world.batch.calls, world.machines.calls, world.reads):
            calls.clear()
        watch(world, progress(total, restoring=total))
        costs.append(world.batch.calls + world.machines.calls + world.reads)
    assert costs[0] == costs[1] == Counter({"describe_job": 2, "counters": 1})
    assert len(world.events) == 1


def test_an_end_whose_event_is_not_out_is_not_written(world: World) -> None:
    world.add(job())
    watch(world, progress(10))

    def away(_: ProgressEvent) -> None:
        raise ConnectionError

    world.publish = away
    world.make_progress("job-1", progress(10, restored=10))
    with pytest.raises(ConnectionError):
        world.watcher().watch()
    assert not world.states.read("job-1").ended, "else nobody would look again, and the event be lost"
    world.publish = None
    watch(world)
    assert told(world.events)[-1] == ("end", "Complete", "100")
    assert world.states.read("job-1").ended


def test_an_end_that_another_watcher_tells_is_left_to_it(world: World) -> None:
    world.add(job())
    watch(world, progress(10))

    def meanwhile(event: ProgressEvent) -> None:
        world.publish = None
        watch(world)
        assert not world.states.read("job-1").ended
        world.events.append(event)

    world.publish = meanwhile
    watch(world, progress(10, restored=10))
    assert told(world.events) == [("start", "Restoring", "0"), ("end", "Complete", "100")]
    assert world.states.read("job-1").ended


def test_a_job_that_cannot_be_looked_at_keeps_nobody_waiting(world: World) -> None:
    world.add(job(waves=(wave(status="Active", reported=False, problem=""),)))
    other = replace(job(), job_id="job-2")
    world.add(other)
    world.batch.statuses["batch-1"] = "Active"
    world.registered["job-1"] = (world.registered["job-1"][0], {("status", "restored_objects"): 7})
    watched = world.watcher().watch()
    assert watched.jobs == 1
    assert "its counters contradict its totals" in watched.failed["job-1"]
    assert {event.job_id for event in world.events} == {"job-2"}


def test_a_cancelled_job_has_its_open_waves_cancelled_at_each_look_until_they_end(world: World) -> None:
    waves = (wave(status="Active", reported=False), wave(2, "Complete"), wave(3, ""))
    world.add(job(waves=waves, requested=False, cancel_requested_at=after(0)))
    world.batch.statuses["batch-1"] = "Active"
    for _ in range(2):
        watch(world, progress(30, restored=10))
    assert world.batch.cancelled == ["batch-1", "batch-1"]
    world.batch.statuses["batch-1"] = "Cancelled"
    watch(world)
    world.states.update(
        "job-1", lambda state: replace(state, waves=tuple(replace(w, reported=True) for w in state.waves))
    )
    watch(world)
    assert world.batch.cancelled == ["batch-1", "batch-1"]
    assert told(world.events)[-1] == ("end", "Cancelled", "33")


def test_waves_start_as_long_as_there_is_room(world: World) -> None:
    world.add(job(copies=True, waves=(wave(), wave(2, ""), wave(3, "")), requested=False))
    world.next_waves = [wave(2, "New", reported=False), wave(3, "New", reported=False)]
    watch(world, progress(30, restored=1, copied=9))
    assert len(world.next_waves) == 2, "one is not copied"
    watch(world, progress(30, copied=10))
    assert len(world.next_waves) == 1, "what wave 2 is about to restore takes all the room"
    assert [each.batch_job_id for each in world.states.read("job-1").waves] == ["batch-1", "batch-2", ""]


def test_a_report_whose_reading_failed_is_read_again_and_then_given_up(world: World) -> None:
    world.add(job(waves=(wave(reported=False),)))
    started: list[int] = []
    for hour in range(6):
        watch(world, progress(10), after(hour))
        started.append(len(world.machines.statuses))
        for arn in world.machines.statuses:
            world.machines.statuses[arn] = "FAILED"
    assert started == [1, 2, 3, 3, 3, 3]
    state = world.states.read("job-1")
    assert state.waves[0].reported
    assert "could not be read" in state.waves[0].problem
    assert told(world.events) == [("start", "Restoring", "0"), ("trouble-unaccounted", "Restoring", "0")]


def test_a_reading_that_was_started_but_not_written_down_is_not_started_twice(world: World) -> None:
    world.add(job(waves=(wave(reported=False),)))
    watch(world, progress(10))
    name = f"{READ_REPORT.replace('stateMachine', 'execution')}:job-1-1-1-1"
    world.machines.statuses[name] = "SUCCEEDED"
    world.states.update(
        "job-1",
        lambda state: replace(
            state, waves=(replace(state.waves[0], report_execution="", report_attempts=0),)
        ),
    )
    watch(world)
    assert list(world.machines.statuses) == [name]
    assert world.states.read("job-1").waves[0].report_execution == name


def test_a_job_whose_workflow_died_is_given_up_with_the_reason(world: World) -> None:
    arn = f"{CREATE_JOB.replace('stateMachine', 'execution')}:job-1-1"
    world.machines.statuses[arn] = "ABORTED"
    world.add(job(status=JobStatus.LOADING))
    del world.registered["job-1"]
    requesting = replace(job(way=Way.REQUESTS, requested=False), job_id="job-2", execution_arn="arn:live")
    world.add(requesting)
    world.machines.statuses["arn:live"] = "RUNNING"
    watch(world)
    ((job_id, reason),) = world.given_up
    assert job_id == "job-1"
    assert "ended as ABORTED" in reason
    assert [event.job_id for event in world.events] == ["job-2"]


def test_a_workflow_of_another_job_that_had_the_id_is_not_taken_for_that_of_this_one(world: World) -> None:
    world.machines.statuses[f"{CREATE_JOB.replace('stateMachine', 'execution')}:job-1-1"] = "FAILED"
    world.machines.started_at -= timedelta(seconds=30)
    world.add(job(status=JobStatus.PREPARING))
    watch(world)
    assert world.given_up == [], "the name is taken, and the starter about to take the next"


def test_a_job_that_ended_since_the_index_was_read_is_not_looked_at(world: World) -> None:
    world.add(job())
    known = world.states.read("job-1")

    class Stale:
        """States whose index is behind."""

        def active(self) -> Iterator[Any]:
            yield known

        def find(self, job_id: str) -> Any:
            return world.states.find(job_id)

    world.states.update("job-1", lambda state: replace(state, status=JobStatus.FAILED))
    stale: Any = Stale()
    assert replace(world.watcher(), states=stale).watch().jobs == 1
    assert world.events == []
    world.states.delete("job-1")
    assert replace(world.watcher(), states=stale).watch().failed == {}


def test_counters_of_an_earlier_run_do_not_end_the_next_one(world: World) -> None:
    """Loading, registering and submitting may all be done before the state is read, which is last."""
    lost = progress(10, copied=7, failed=3)
    loading = job(copies=True, run=2, status=JobStatus.LOADING, requested=False, execution_arn="arn:live")
    world.add(loading)
    world.machines.statuses["arn:live"] = "RUNNING"

    def submitted(_: Any) -> str:
        world.states.update("job-1", lambda _: replace(loading, status=JobStatus.RESTORING, requested=True))
        return "RUNNING"

    watcher = world.watcher()
    executions: Any = SimpleNamespace(of_workflow=submitted)
    world.make_progress("job-1", lost)
    assert replace(watcher, executions=executions).watch().failed == {}
    assert not world.states.read("job-1").ended
    watch(world, progress(10, copied=7, restored=3))
    assert not world.states.read("job-1").ended
    watch(world, lost)
    assert world.states.read("job-1").status is JobStatus.COMPLETE_WITH_FAILURES


def test_a_look_at_one_run_says_nothing_of_the_next(world: World) -> None:
    world.add(job(copies=True, run=2))
    first = replace(world.states.read("job-1"), run=1)
    behind: Any = SimpleNamespace(active=lambda: iter([first]), find=world.states.find)
    world.make_progress("job-1", progress(10, copied=7, failed=3))
    assert replace(world.watcher(), states=behind).watch().events == 0
    assert not world.states.read("job-1").ended


def test_a_vault_transfer_is_watched_with_what_is_remembered_of_it(world: World) -> None:
    world.add(transfer())
    world.vaults.create(vault_state(paused_until=after(9), pause_reason="Glacier takes nothing."))
    watch(world, progress(10, copied=5))
    watch(world, progress(10, copied=10), after(1))
    world.states.update("job-1", lambda state: replace(state, closed=True))
    watch(world, now=after(2))
    assert told(world.events) == [
        ("start", "Restoring", "50"),
        ("trouble-paused", "Restoring", "50"),
        ("end", "Complete", "100"),
    ]
    assert world.machines.calls.total() == 0


def test_a_vault_transfer_whose_workflow_died_is_given_up(world: World) -> None:
    world.add(transfer(status=JobStatus.PREPARING))
    arn = f"{TRANSFER_VAULT.replace('stateMachine', 'execution')}:job-1-1"
    world.machines.statuses[arn] = "RUNNING"
    watch(world)
    assert world.given_up == []
    world.machines.statuses[arn] = "TIMED_OUT"
    watch(world)
    assert [job_id for job_id, _ in world.given_up] == ["job-1"]
