"""A bucket restored twice, a job cancelled, an object too large for a function: under IAM enforcement."""

from collections.abc import Iterator, Sequence

import pytest

from local.emulator import Emulator
from tests.deployed.jobs import COLD, WARM, JobStack, job_stack
from tests.deployed.stack import archive
from tests.waiting import eventually
from thaw.core.job_states import JobStatus

pytestmark = pytest.mark.emulator

GIB = 2**30
TO_WARM = {"storage_class": "STANDARD", "destination_bucket": WARM}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, restore_seconds=0.5, wait_scale=0.02, batch_tasks_per_second=10) as running:
        yield running


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> JobStack:
    return job_stack(emulator)


def warm(emulator: Emulator, prefix: str) -> set[str]:
    """The keys of copies."""
    listed = emulator.client("s3").list_objects_v2(Bucket=WARM, Prefix=prefix)
    return {item.get("Key", "") for item in listed.get("Contents", [])}


def keys(prefix: str, numbers: Sequence[int]) -> list[str]:
    return [f"{prefix}a + {number}/ü" for number in numbers]


def test_a_second_run_of_a_bucket_asks_only_for_what_is_new(emulator: Emulator, stack: JobStack) -> None:
    given = {"bucket_name": COLD, "prefix": "twice/", "copy": TO_WARM}
    archive(emulator, COLD, keys("twice/", range(30)))
    emulator.client("s3").put_object(Bucket=COLD, Key="twice/readable", Body=b"not archived")
    emulator.take_calls()
    first = stack.run("restore_bucket_machine_arn", given)
    assert first["status"] == "SUCCEEDED", first
    (begun,) = stack.states.active()
    assert stack.watch_until_ended(begun.job_id) is JobStatus.COMPLETE
    calls = emulator.take_calls()
    assert (calls["s3:RestoreObject"], calls["restore requests"], calls["s3:CopyObject"]) == (30, 30, 30)
    archive(emulator, COLD, keys("twice/", range(30, 35)))
    second = stack.run("restore_bucket_machine_arn", given)
    assert second["status"] == "SUCCEEDED", second
    assert stack.watch_until_ended(begun.job_id) is JobStatus.COMPLETE
    calls = emulator.take_calls()
    assert (calls["s3:RestoreObject"], calls["s3:CopyObject"]) == (5, 5), "the rest was done"
    assert (stack.state(begun.job_id).run, stack.objects(begun.job_id)) == (2, {"COPIED": 35})
    assert warm(emulator, "twice/") == set(keys("twice/", range(35)))
    assert all(verification.proven for verification in stack.proven(begun.job_id))


def test_a_bucket_that_is_not_in_the_config_is_refused(stack: JobStack) -> None:
    ended = stack.run("restore_bucket_machine_arn", {"bucket_name": "somebody-elses"})
    assert ended["status"] == "FAILED"
    assert "somebody-elses" in ended["cause"]
    assert list(stack.states.active()) == []


def test_a_cancelled_job_ends_in_s3_too_and_asks_for_nothing_more(
    emulator: Emulator, stack: JobStack
) -> None:
    archive(emulator, COLD, keys("cancelled/", range(60)))
    begun = stack.create(bucket=COLD, prefix="cancelled/", tier="BULK", expiration_days=3, copy=TO_WARM)
    job_id = begun["BulkJobId"]
    assert stack.call("DELETE", f"/jobs/{job_id}").status == 202
    assert stack.watch_until_ended(job_id) is JobStatus.CANCELLED
    (wave,) = stack.state(job_id).waves
    described = emulator.client("s3control").describe_job(AccountId=emulator.account, JobId=wave.batch_job_id)
    assert described.get("Job", {}).get("Status") in ("Cancelling", "Cancelled")
    assert stack.objects(job_id).get("PENDING", 0) > 0
    assert stack.events(job_id)[-1]["Status"] == "Cancelled"
    again = stack.call("DELETE", f"/jobs/{job_id}")
    assert (again.status, again.body["error"]["code"]) == (409, "Conflict")
    shown = stack.call("GET", f"/jobs/{job_id}")
    assert (shown.status, shown.body["Status"]) == (200, "Cancelled")
    assert all(verification.proven for verification in stack.proven(job_id))


def test_an_ended_job_runs_again_and_asks_only_for_what_is_not_done(
    emulator: Emulator, stack: JobStack
) -> None:
    archive(emulator, COLD, keys("again/", range(20)))
    asked = {"bucket": COLD, "prefix": "again/", "tier": "BULK", "expiration_days": 3, "copy": TO_WARM}
    job_id = stack.create(**asked, job_id="again")["BulkJobId"]
    assert stack.call("POST", "/create-job", {**asked, "job_id": job_id, "again": True}).status == 409
    eventually(lambda: stack.objects(job_id).get("PENDING", 0) < 20)
    assert stack.call("DELETE", f"/jobs/{job_id}").status == 202
    assert stack.watch_until_ended(job_id) is JobStatus.CANCELLED
    emulator.take_calls()
    assert stack.create(**asked, job_id=job_id, again=True)["BulkJobId"] == job_id
    assert stack.watch_until_ended(job_id) is JobStatus.COMPLETE
    assert emulator.take_calls()["restore requests"] < 20, "some were restored by the first run"
    assert (stack.state(job_id).run, stack.objects(job_id)) == (2, {"COPIED": 20})
    assert warm(emulator, "again/") == set(keys("again/", range(20)))
    assert all(verification.proven for verification in stack.proven(job_id))


def test_the_same_key_begins_one_job(emulator: Emulator, stack: JobStack) -> None:
    archive(emulator, COLD, keys("once/", range(3)))
    asked = {"bucket": COLD, "prefix": "once/", "tier": "BULK", "expiration_days": 3}
    first = stack.call("POST", "/create-job", {**asked, "idempotency_key": "k-1"})
    again = stack.call("POST", "/create-job", {**asked, "idempotency_key": "k-1"})
    assert (first.status, again.status) == (201, 200)
    assert first.body["BulkJobId"] == again.body["BulkJobId"]
    other = stack.call("POST", "/create-job", {**asked, "expiration_days": 4, "idempotency_key": "k-1"})
    assert other.status == 409
    assert stack.watch_until_ended(first.body["BulkJobId"]) is JobStatus.COMPLETE


def test_a_dry_run_says_what_there_is_and_asks_for_nothing(emulator: Emulator, stack: JobStack) -> None:
    archive(emulator, COLD, keys("dry/", range(4)))
    emulator.take_calls()
    asked = stack.create(bucket=COLD, prefix="dry/", tier="STANDARD", expiration_days=3, dry_run=True)
    assert (asked["Status"], asked["validated"]["objects"]) == ("DryRun", 4)
    assert emulator.take_calls()["restore requests"] == 0
    assert not [one for one in stack.items() if one[0].startswith(f"{COLD}/dry/")]


def test_an_object_that_no_function_has_the_time_for_is_copied_by_a_workflow(
    emulator: Emulator, stack: JobStack
) -> None:
    s3 = emulator.client("s3")
    size = {"thaw-local-size": str(350 * GIB)}
    s3.put_object(Bucket=COLD, Key="large/one", Body=b"", StorageClass="DEEP_ARCHIVE", Metadata=size)
    begun = stack.create(bucket=COLD, prefix="large/", tier="BULK", expiration_days=3, copy=TO_WARM)
    assert stack.watch_until_ended(begun["BulkJobId"]) is JobStatus.COMPLETE
    (execution,) = eventually(lambda: stack.executions("copy-large"))
    assert execution["status"] == "SUCCEEDED"
    head = s3.head_object(Bucket=WARM, Key="large/one")
    assert (head["ContentLength"], head["Metadata"]) == (350 * GIB, size)
    assert head["ETag"].strip('"').partition("-")[2] == str(350 * 2), "parts of 512 MiB"
