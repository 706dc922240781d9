"""A job is begun once, seen to its start, told of, and cancelled; a refused one leaves nothing behind."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.fakes.dynamodb import JOBS, Call, Fault
from tests.jobs.served import ASKED, JOBS_BUCKET, LISTED, NOW, Served, failed, progress_of, refused, restoring
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_states import JobState, JobStatus, Loaded
from thaw.core.times import to_iso
from thaw.jobs.errors import RunsUsedUpError
from thaw.jobs.service_types import Outcome
from thaw.jobs.starting import MAX_RUNS, PAUSES

KEYED = {**ASKED, "idempotency_key": "order 66".replace(" ", "-")}


@pytest.fixture
def served() -> Served:
    return Served()


def refusal(served: Served, body: Any) -> JobRefusedError:
    with pytest.raises(JobRefusedError) as raised:
        served.service.create(body)
    return raised.value


def test_a_job_is_started_and_its_start_awaited(served: Served) -> None:
    served.steps = [lambda state: replace(state, status=JobStatus.LOADING), restoring]
    state, outcome = served.service.create(ASKED)
    assert outcome is Outcome.STARTED
    assert (state.status, state.request.bucket, state.created_at) == (
        JobStatus.RESTORING,
        "archive",
        to_iso(NOW),
    )
    assert served.machines.started == [f"{state.job_id}-1"]
    assert state.execution_arn.endswith(f":{state.job_id}-1")
    assert served.pauses == [0.25, 0.25]


def test_ids_are_of_the_time_and_never_the_same(served: Served) -> None:
    ids = [served.service.create(LISTED).state.job_id for _ in range(2)]
    assert ids[0] == "job-20261121-030405-000000"
    assert len(set(ids)) == 2


def test_a_job_may_be_named(served: Served) -> None:
    assert served.service.create({**ASKED, "job_id": "july"}).state.job_id == "july"


def test_a_name_that_is_taken_is_refused(served: Served) -> None:
    served.service.create({**ASKED, "job_id": "july"})
    raised = refusal(served, {**ASKED, "job_id": "july"})
    assert (raised.status, str(raised)) == (
        409,
        "Job july exists already; choose another job_id, or say again.",
    )


def test_a_preparation_that_takes_long_is_not_awaited_to_its_end(served: Served) -> None:
    served.steps = []
    state, outcome = served.service.create(ASKED)
    assert (outcome, state.status) == (Outcome.PREPARING, JobStatus.PREPARING)
    assert sum(served.pauses) == sum(PAUSES) == 20


def test_a_dry_run_is_over_at_once(served: Served) -> None:
    served.steps = [lambda state: replace(state, status=JobStatus.DRY_RUN)]
    assert served.service.create({**ASKED, "dry_run": True}).outcome is Outcome.STARTED


def test_a_job_that_fails_at_once_is_told_as_failed_and_stays(served: Served) -> None:
    served.steps = [failed]
    state, outcome = served.service.create(ASKED)
    assert outcome is Outcome.FAILED
    assert served.stored() == [state.job_id]


def test_a_refused_job_leaves_nothing_behind(served: Served) -> None:
    def prepared(state: JobState) -> JobState:
        for name in ("summary.json", "import/part-00000.json.gz"):
            served.s3.objects[JOBS_BUCKET, f"jobs/{state.job_id}/{name}"] = b"x"
        served.s3.objects[JOBS_BUCKET, f"jobs/{state.job_id}x/summary.json"] = b"of another job"
        return refused(state)

    served.steps = [prepared]
    raised = refusal(served, {**ASKED, "job_id": "july"})
    assert raised.status == 422
    assert str(raised) == "The manifest in manifests of account (account) names no archived object."
    assert served.stored() == []
    assert [key for bucket, key in served.s3.objects if bucket == JOBS_BUCKET] == ["jobs/julyx/summary.json"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**ASKED, "tier": "FAST"}, 400),
        ({**ASKED, "key": "missing.csv"}, 422),
        ({**ASKED, "bucket": "other"}, 422),
        ({**ASKED, "source_bucket": "vault"}, 422),
        ({**LISTED, "bucket": "other"}, 422),
    ],
)
def test_a_request_at_fault_begins_nothing(served: Served, body: dict[str, Any], status: int) -> None:
    assert refusal(served, body).status == status
    assert served.stored() == served.machines.started == served.pauses == []


def test_a_manifest_of_a_bucket_that_the_stack_does_not_restore_is_refused(served: Served) -> None:
    served.s3.objects["manifests", "july.csv"] = b"foreign,a\n"
    assert str(refusal(served, ASKED)).startswith("Bucket foreign is not among the stack's restore_buckets")


def test_a_manifest_in_a_bucket_that_holds_none_is_not_even_read(served: Served) -> None:
    refusal(served, {**ASKED, "bucket": "other"})
    assert served.s3.reads == []


def test_the_same_key_begins_nothing_a_second_time(served: Served) -> None:
    first = served.service.create(KEYED)
    again = served.service.create(KEYED)
    assert again.outcome is Outcome.REPEATED
    assert again.state == first.state
    assert len(served.machines.started) == 1


def test_the_same_key_is_answered_also_when_the_manifest_is_gone(served: Served) -> None:
    served.service.create(KEYED)
    served.s3.objects.clear()
    assert served.service.create(KEYED).outcome is Outcome.REPEATED


def test_a_key_that_was_used_for_another_request_is_refused(served: Served) -> None:
    served.service.create(KEYED)
    raised = refusal(served, {**KEYED, "tier": "STANDARD"})
    assert raised.status == 409
    assert str(raised).startswith("The idempotency_key was used for another request, job job-")


def test_two_requests_with_one_key_at_once_are_one_job(served: Served) -> None:
    """The second is there between the first one's look and its write."""
    other = Served()
    theirs: list[Any] = []

    def meanwhile(call: Call) -> Fault | None:
        if call.operation == "PutItem" and not theirs:
            theirs.append(None)
            other.dynamodb, other.states = served.dynamodb, served.states
            theirs[0] = served.service.create(KEYED)
        return None

    served.dynamodb.on_call = meanwhile
    ours = served.service.create(KEYED)
    assert ours.outcome is Outcome.REPEATED
    assert ours.state.job_id == theirs[0].state.job_id
    assert len(served.machines.started) == 1


def test_a_start_that_was_cut_short_is_made_up_for_by_the_same_request(served: Served) -> None:
    served.machines.start_execution = _dies  # pyright: ignore[reportAttributeAccessIssue] - for this test
    with pytest.raises(ConnectionError):
        served.service.create(KEYED)
    del served.machines.start_execution
    again = served.service.create(KEYED)
    assert again.outcome is Outcome.REPEATED
    assert served.machines.started == [f"{again.state.job_id}-1"]
    assert again.state.execution_arn


def _dies(**_: object) -> None:
    raise ConnectionError


def test_a_refused_request_may_be_made_again_with_its_key_once_it_is_mended(served: Served) -> None:
    served.steps = [refused, restoring]
    refusal(served, KEYED)
    served.machines.end(served.machines.started[0])
    state, outcome = served.service.create(KEYED)
    assert outcome is Outcome.STARTED
    assert state.run == 2, "the name of the first execution is used up"
    assert served.machines.started[1] == f"{state.job_id}-2"


def test_a_refusal_that_came_after_the_wait_is_told_to_the_next_request_with_the_key(served: Served) -> None:
    served.steps = []
    job_id = served.service.create(KEYED).state.job_id
    served.states.update(job_id, refused)
    assert refusal(served, KEYED).status == 422
    assert served.stored() == []


def test_a_job_whose_names_are_all_used_up_is_not_started(served: Served) -> None:
    served.machines.ended = {f"july-{run}" for run in range(1, MAX_RUNS + 1)}
    with pytest.raises(RunsUsedUpError, match=r"^Job july was started 1000 times in 90 days"):
        served.service.create({**ASKED, "job_id": "july"})


def test_jobs_are_listed_newest_first_in_pages(served: Served) -> None:
    ids = [served.service.create(LISTED).state.job_id for _ in range(5)]
    listed: list[str] = []
    start = None
    while True:
        page = served.service.list(2, start)
        listed += [state.job_id for state in page.states]
        if not page.next:
            break
        start = page.next
    assert listed == ids[::-1]


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_page_has_its_limit(served: Served, limit: int) -> None:
    with pytest.raises(JobRefusedError, match=rf"^limit is {limit}; it must be from 1 to 100\.$"):
        served.service.list(limit)


@pytest.mark.parametrize("start", ["", "x", "2026-11-21T03:04:05.000Z", "2026-11-21T03:04:05.000Z/etc"])
def test_a_start_that_no_page_gave_is_refused(served: Served, start: str) -> None:
    with pytest.raises(JobRefusedError, match=r"^start must be the next of the page before") as raised:
        served.service.list(10, start)
    assert raised.value.status == 400


def test_the_progress_of_a_later_run_is_not_asked_for_while_it_is_loaded(served: Served) -> None:
    job_id = served.service.create(ASKED).state.job_id
    served.progress[job_id] = progress_of(job_id, pending=1)
    for status in (JobStatus.PREPARING, JobStatus.LOADING):
        served.states.update(job_id, partial(_with_status, status))
        assert served.service.show(job_id).progress is None


def _with_status(status: JobStatus, state: JobState) -> JobState:
    return replace(state, status=status)


def test_a_job_is_shown_with_its_progress_once_there_is_one(served: Served) -> None:
    job_id = served.service.create(ASKED).state.job_id
    assert served.service.show(job_id).progress is None
    served.progress[job_id] = progress_of(job_id, pending=1)
    assert served.service.show(job_id).progress == served.progress[job_id]


@pytest.mark.parametrize("job_id", ["nobody", "", "../x", "x" * 2000, "a\u0000"])
def test_a_job_that_is_not_there_is_not_found(served: Served, job_id: str) -> None:
    for ask in (served.service.show, served.service.cancel):
        with pytest.raises(JobRefusedError, match=r"^There is no job \"") as raised:
            ask(job_id)
        assert raised.value.status == 404


def test_cancelling_is_noted_once_and_stops_batch_operations_every_time(served: Served) -> None:
    job_id = served.service.create(ASKED).state.job_id
    first = served.service.cancel(job_id)
    served.pause(60)
    again = served.service.cancel(job_id)
    assert first.cancel_requested_at == again.cancel_requested_at > first.created_at
    assert again.status is JobStatus.RESTORING, "it ends when the watcher has seen it"
    assert served.cancelled == [job_id, job_id]


@pytest.mark.parametrize("status", [JobStatus.COMPLETE, JobStatus.CANCELLED, JobStatus.DRY_RUN])
def test_a_job_that_has_ended_cannot_be_cancelled(served: Served, status: JobStatus) -> None:
    job_id = served.service.create(ASKED).state.job_id
    served.states.update(job_id, lambda state: replace(state, status=status))
    before = dict(served.dynamodb.tables[JOBS])
    with pytest.raises(JobRefusedError) as raised:
        served.service.cancel(job_id)
    assert (raised.value.status, str(raised.value)) == (
        409,
        f"Job {job_id} has ended already: it is {status}.",
    )
    assert served.cancelled == []
    assert served.dynamodb.tables[JOBS] == before


def ended(served: Served, status: JobStatus = JobStatus.COMPLETE_WITH_FAILURES) -> None:
    """The job july has loaded its objects and ended."""
    served.service.create({**ASKED, "job_id": "july"})
    served.states.update("july", lambda state: replace(state, status=status, loaded=Loaded(objects=3)))


def test_an_ended_job_runs_again_where_the_request_says_so(served: Served) -> None:
    ended(served)
    served.steps = [restoring]
    state, outcome = served.service.create({**ASKED, "job_id": "july", "again": True})
    assert (outcome, state.run, state.continues) == (Outcome.STARTED, 2, True)
    assert served.machines.started == ["july-1", "july-2"]


def test_a_job_that_has_not_ended_does_not_run_again(served: Served) -> None:
    served.service.create({**ASKED, "job_id": "july"})
    raised = refusal(served, {**ASKED, "job_id": "july", "again": True})
    told = "Job july is Restoring; wait until it has ended, or cancel it."
    assert (raised.status, str(raised)) == (409, told)


def test_a_job_that_is_not_there_cannot_run_again(served: Served) -> None:
    raised = refusal(served, {**ASKED, "job_id": "july", "again": True})
    assert (raised.status, str(raised)) == (409, 'There is no job "july" to run again; leave out again.')


def test_a_next_run_that_is_refused_leaves_the_job_and_its_files(served: Served) -> None:
    ended(served)
    served.s3.objects[JOBS_BUCKET, "jobs/july/rejects.csv"] = b"row"
    served.steps = [refused]
    raised = refusal(served, {**ASKED, "job_id": "july", "again": True})
    assert raised.status == 422
    assert served.states.read("july").run == 2
    assert (JOBS_BUCKET, "jobs/july/rejects.csv") in served.s3.objects


def test_a_refused_job_may_be_asked_for_again_and_is_refused_again(served: Served) -> None:
    for _ in range(2):
        served.steps = [refused]
        assert refusal(served, {**ASKED, "job_id": "july"}).status == 422
        assert served.states.find("july") is None
