"""A job's totals are what was loaded into it: registered, registered again, and taken back."""

from contextlib import suppress
from dataclasses import replace

import pytest

from tests.chaos.workers import Killed
from tests.fakes.dynamodb import JOBS, OBJECTS, ROLLUPS, Call, FakeDynamoDB, Fault
from tests.store.loads import CREATED, NOW, asked, begin, load, loader, turn
from tests.store.tables import COMPLETION, COPY, REQUEST, assert_exact, record, tables, target, writer
from thaw.core.history import merge
from thaw.core.job_states import JobStatus
from thaw.core.jobs import Job, Totals
from thaw.core.keys import ObjectId
from thaw.store.errors import JobNotFoundError
from thaw.store.jobs import list_jobs, read_job, register_job
from thaw.store.loading import Load
from thaw.store.registration import register_loaded, unregister_loaded
from thaw.store.verify import Verification, verify

NEW = Job("new", CREATED, "Bulk", Totals(0, 0), {}, ("archive",))


_LOAD = Load("new", 1, NOW)


def _register(fake: FakeDynamoDB, job: Job = NEW) -> Job:
    return register_loaded(fake.client, ROLLUPS, JOBS, job)


def _unregister(fake: FakeDynamoDB) -> None:
    unregister_loaded(fake.client, ROLLUPS, JOBS, "new")


def _verified(fake: FakeDynamoDB, job_id: str = "new") -> Verification:
    (verification,) = verify(fake.client, OBJECTS, ROLLUPS, [job_id], lambda _: None, JOBS).jobs
    return verification


def _unload(fake: FakeDynamoDB, run: int = 1) -> None:
    loader(fake).unload("new", run, [ObjectId(f"archive/{key}", "null") for key in "abc"])


def _imported() -> FakeDynamoDB:
    """Tables with a job of one object that a table import brought, and that somebody registered."""
    fake = tables([record("a", job_id="new")])
    register_job(
        fake.client,
        ROLLUPS,
        replace(NEW, totals=Totals(1, 1000), by_storage_class={"GLACIER": Totals(1, 1000)}),
    )
    return fake


def test_the_totals_are_what_was_loaded() -> None:
    fake = FakeDynamoDB()
    load(fake, asked("new", "a", "b"))
    job = _register(fake)
    assert job == replace(NEW, totals=Totals(2, 2000), by_storage_class={"GLACIER": Totals(2, 2000)})
    assert read_job(fake.client, ROLLUPS, "new") == job
    assert list_jobs(fake.client, ROLLUPS) == ["new"]
    assert _register(fake) == job
    assert _verified(fake).proven


def test_a_second_run_adds_to_the_totals_and_keeps_when_the_job_began() -> None:
    fake = FakeDynamoDB()
    load(fake, asked("new", "a"))
    _register(fake)
    load(fake, asked("new", "a", "b"), run=2)
    job = _register(fake, replace(NEW, created_at="2026-12-01T00:00:00.000Z", buckets=("other",)))
    assert (job.totals, job.created_at, job.buckets) == (Totals(2, 2000), CREATED, ("archive", "other"))
    assert _verified(fake).proven


def test_what_a_table_import_brought_is_counted_once_however_often_a_job_is_registered() -> None:
    fake = _imported()
    load(fake, asked("new", "a", "b"))
    assert _register(fake).totals == _register(fake).totals == Totals(2, 2000)
    assert _verified(fake).proven


def test_a_job_without_objects_is_forgotten_to_its_last_row() -> None:
    fake = FakeDynamoDB()
    load(fake, asked("new", "a", "b"))
    list(loader(fake, slot=3).load(_LOAD, asked("new", "c")))
    writer(fake, slot=lambda: 1).apply({target("a"): REQUEST})
    _register(fake)
    _unload(fake)
    _unregister(fake)
    assert [fake.items(table) for table in (OBJECTS, ROLLUPS, JOBS)] == [[], [], []]
    _unregister(fake)


def test_a_job_that_was_never_registered_is_forgotten_too() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new")
    load(fake, asked("new", "a"))
    _unload(fake)
    _unregister(fake)
    assert [fake.items(OBJECTS), fake.items(ROLLUPS)] == [[], []]
    assert list(fake.tables[JOBS]) == [("new", "state")]


def test_of_a_job_that_keeps_objects_the_totals_are_registered_anew() -> None:
    fake = FakeDynamoDB()
    load(fake, asked("new", "a"))
    _register(fake)
    load(fake, asked("new", "a", "b"), run=2)
    _register(fake)
    _unload(fake, run=2)
    _unregister(fake)
    assert read_job(fake.client, ROLLUPS, "new").totals == Totals(1, 1000)
    assert _verified(fake).proven


@pytest.mark.parametrize("registered", [False, True])
def test_an_imported_job_is_as_it_was_when_its_load_is_undone(*, registered: bool) -> None:
    fake = _imported()
    load(fake, asked("new", "a", "b"))
    if registered:
        _register(fake)
    _unload(fake)
    _unregister(fake)
    assert read_job(fake.client, ROLLUPS, "new").totals == Totals(1, 1000)
    assert _verified(fake).proven


def _undoing() -> FakeDynamoDB:
    """A job that was loaded in two slots and changed in a third, and is out of the tables again."""
    fake = FakeDynamoDB()
    load(fake, asked("new", "a", "b"))
    writer(fake, slot=lambda: 1).apply({target("a"): REQUEST})
    writer(fake, slot=lambda: 2).apply({target("b"): merge(REQUEST, COMPLETION)})
    _register(fake)
    _unload(fake)
    fake.calls.clear()
    return fake


def _calls() -> int:
    fake = _undoing()
    _unregister(fake)
    return len(fake.calls)


@pytest.mark.parametrize("fault", [Fault(before=Killed()), Fault(after=Killed())], ids=["before", "after"])
@pytest.mark.parametrize("number", range(_calls()))
def test_forgetting_may_die_at_any_call_and_is_finished_the_next_time(number: int, fault: Fault) -> None:
    fake = _undoing()
    fake.on_call = lambda _: fault if len(fake.calls) == number else None
    with suppress(Killed):
        _unregister(fake)
    _unregister(fake)
    assert [fake.items(table) for table in (OBJECTS, ROLLUPS, JOBS)] == [[], [], []]


def test_a_job_that_others_took_everything_from_is_not_forgotten() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new", "other")
    load(fake, asked("new", "a"))
    _register(fake)
    writer(fake).apply({target("a"): merge(COMPLETION, COPY)})
    turn(fake, "new", JobStatus.COMPLETE)
    load(fake, asked("other", "a"))
    _unregister(fake)
    assert read_job(fake.client, ROLLUPS, "new").totals == Totals(1, 1000)
    verification = _verified(fake)
    assert (verification.proven, verification.objects) == (True, 0)


def test_a_record_that_moves_on_meanwhile_proves_nothing() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new", "other")
    load(fake, asked("new", "a"))
    _register(fake)
    turn(fake, "new", JobStatus.FAILED)
    moves = [lambda: load(fake, asked("other", "a"))]

    def on_call(call: Call) -> None:
        if call.operation == "Scan" and moves:
            moves.pop()()

    fake.on_call = on_call
    assert _verified(fake).moved


def test_without_the_jobs_table_what_left_shows_as_a_difference() -> None:
    fake = FakeDynamoDB()
    begin(fake, "new", "other")
    load(fake, asked("new", "a"))
    _register(fake)
    turn(fake, "new", JobStatus.FAILED)
    load(fake, asked("other", "a"))
    (blind,) = verify(fake.client, OBJECTS, ROLLUPS, ["new"], lambda _: None).jobs
    assert ("total of the job objects", 1, 0) in blind.differences
    assert _verified(fake).proven


def test_counters_of_records_that_nobody_registered_stay() -> None:
    fake = tables([record("a", job_id="new", history=REQUEST)])
    _unregister(fake)
    assert_exact(fake)
    assert len(fake.items(ROLLUPS)) == 2


def test_a_job_that_is_not_there_has_nothing_to_take_back() -> None:
    fake = FakeDynamoDB()
    _unregister(fake)
    with pytest.raises(JobNotFoundError):
        read_job(fake.client, ROLLUPS, "new")
