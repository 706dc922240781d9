"""The proof of the counters: it holds when they are right, and names each number that is not."""

import pytest

from tests.fakes.dynamodb import OBJECTS, ROLLUPS, Call, FakeDynamoDB, Fault
from tests.store.tables import COMPLETION, REQUEST, record, tables
from thaw.core.history import merge
from thaw.core.jobs import Job, Totals
from thaw.store.errors import JobNotFoundError, MalformedItemError
from thaw.store.jobs import register_job
from thaw.store.verify import Verification, verify

JOB = Job(
    "job-1", "2026-11-21T00:00:00.000Z", "Bulk", Totals(3, 3000), {"GLACIER": Totals(3, 3000)}, ("archive",)
)


def three_objects() -> FakeDynamoDB:
    records = [record("a"), record("b", history=REQUEST), record("c", history=merge(REQUEST, COMPLETION))]
    fake = tables([*records, record("x", job_id="another", history=REQUEST)])
    register_job(fake.client, ROLLUPS, JOB)
    return fake


def verified(fake: FakeDynamoDB) -> Verification:
    (verification,) = verify(fake.client, OBJECTS, ROLLUPS, ["job-1"], lambda _: None).jobs
    return verification


def test_true_counters_are_proven() -> None:
    verification = verified(three_objects())
    assert verification.proven
    assert verification.objects == 3, "the other job's object is passed over"
    assert verification.numbers > 10


def test_objects_of_other_jobs_are_counted() -> None:
    verified_jobs = verify(three_objects().client, OBJECTS, ROLLUPS, ["job-1"], lambda _: None)
    assert verified_jobs.other_jobs == {"another": 1}


def test_every_wrong_counter_is_named_with_both_numbers() -> None:
    fake = three_objects()
    fake.tables[ROLLUPS]["job-1", "status#0"]["restoring_objects"] = {"N": "2"}
    assert verified(fake).differences == [("status restoring_objects", 2, 1)]


def test_a_counter_for_nothing_is_a_difference() -> None:
    fake = three_objects()
    fake.tables[ROLLUPS]["job-1", "status#3"] = {
        "job_id": {"S": "job-1"}, "metric": {"S": "status#3"}, "copied_objects": {"N": "1"}
    }  # fmt: skip
    assert verified(fake).differences == [("status copied_objects", 1, 0)]


def test_a_missing_object_shows_in_the_totals() -> None:
    fake = three_objects()
    del fake.tables[OBJECTS]["archive/a", "null"]
    assert ("total of the job objects", 3, 2) in verified(fake).differences
    assert ("total GLACIER size_bytes", 3000, 2000) in verified(fake).differences


def test_a_stored_status_that_is_not_the_derived_one_is_a_difference() -> None:
    fake = three_objects()
    fake.tables[OBJECTS]["archive/b", "null"]["status"] = {"S": "COPIED"}
    assert not verified(fake).proven


def test_a_job_that_moves_meanwhile_is_not_proven() -> None:
    fake = three_objects()

    def move(call: Call) -> Fault | None:
        if call.operation == "Scan":
            fake.tables[ROLLUPS]["job-1", "status#0"]["restoring_objects"] = {"N": "7"}
        return None

    fake.on_call = move
    verification = verified(fake)
    assert verification.moved
    assert not verification.proven


def test_an_item_that_is_no_record_is_named() -> None:
    fake = three_objects()
    del fake.tables[OBJECTS]["archive/b", "null"]["job_id"]
    with pytest.raises(MalformedItemError, match="archive/b"):
        verified(fake)


def test_a_job_that_is_not_registered_is_refused() -> None:
    with pytest.raises(JobNotFoundError):
        verify(three_objects().client, OBJECTS, ROLLUPS, ["nobody"], lambda _: None)
