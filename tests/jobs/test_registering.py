"""A loaded job is registered with what was loaded, no more and no less."""

from dataclasses import replace

import pytest

from tests.jobs.started import BUCKET, CREATED, JOB, JOBS_BUCKET, NOW, REQUEST, TABLES, World
from thaw.core import job_files
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.jobs import Job, Totals
from thaw.jobs.errors import CancelledError, LostObjectsError, NothingToDoError
from thaw.jobs.registering import register
from thaw.store.jobs import list_jobs, read_job


def registered(world: World, job_id: str = JOB) -> JobState:
    client = world.dynamodb.client
    return register(world.states, client, TABLES, world.s3.client, JOBS_BUCKET, job_id)


def test_a_loaded_job_is_registered_with_its_totals() -> None:
    world = World()
    world.prepared(["a", "b"], ["c"])
    world.load()
    loaded = registered(world).loaded
    assert loaded is not None
    assert (loaded.objects, loaded.size_bytes, loaded.requests, loaded.requests_bytes) == (3, 3000, 3, 3000)
    totals = Totals(3, 3000)
    expected = Job(JOB, CREATED, "Bulk", totals, {"GLACIER": totals}, (BUCKET,))
    client = world.dynamodb.client
    assert read_job(client, TABLES.rollups, JOB) == expected
    assert list_jobs(client, TABLES.rollups) == [JOB]
    again = registered(world)
    assert again == world.state, "registered again, nothing changes"
    assert read_job(client, TABLES.rollups, JOB) == expected


def test_a_part_that_was_not_loaded_is_missed() -> None:
    world = World()
    world.prepared(["a", "b"], ["c"])
    world.loader.load(JOB, f"{job_files.import_folder(JOB)}part-00000.json.gz")
    with pytest.raises(
        LostObjectsError, match="was found to have 3 objects, and 2 were loaded: start it again"
    ):
        registered(world)
    assert list_jobs(world.dynamodb.client, TABLES.rollups) == []


def test_a_job_whose_objects_are_all_in_another_has_nothing_to_do() -> None:
    world = World()
    world.prepared(["a", "b"], job_id="june")
    world.load("june")
    world.prepared(["a", "b"])
    world.load()
    with pytest.raises(
        NothingToDoError, match=r"all of its 2 objects are in other jobs .* under way: june \(2\)\."
    ):
        registered(world)
    assert world.states.read(JOB).refusal == 409


def test_a_job_that_found_no_object_has_nothing_to_do() -> None:
    world = World()
    world.prepared()
    world.load()
    with pytest.raises(NothingToDoError, match=r"^Nothing is to be restored: no archived object was found"):
        registered(world)


def test_a_second_run_is_registered_with_what_it_adds() -> None:
    world = World()
    world.prepared(["a"])
    world.load()
    registered(world)
    world.states.update(JOB, lambda state: replace(state, status=JobStatus.FAILED))
    world.states.delete(JOB)
    world.prepared(["a", "b"], request=REQUEST)
    world.load()
    registered(world)
    assert read_job(world.dynamodb.client, TABLES.rollups, JOB).totals == Totals(2, 2000)


def test_a_cancelled_job_is_not_registered() -> None:
    world = World()
    world.prepared(["a"])
    world.load()
    world.states.update(JOB, lambda state: replace(state, cancel_requested_at=NOW))
    with pytest.raises(CancelledError):
        registered(world)


def test_a_later_run_that_finds_everything_done_is_registered_with_what_there_is() -> None:
    world = World()
    world.prepared(["a"])
    world.load()
    registered(world)
    world.states.delete(JOB)
    world.s3.files.clear()
    world.prepared()
    world.states.update(JOB, lambda state: replace(state, run=2))
    assert registered(world).loaded == Loaded()
    assert read_job(world.dynamodb.client, TABLES.rollups, JOB).totals == Totals(1, 1000)
