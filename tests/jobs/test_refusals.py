"""What a job cannot be made of is refused with a sentence, and leaves nothing but the job's state."""

import time
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.bucket_s3 import Archived, BucketS3
from tests.fakes.dynamodb import client_error
from tests.jobs.preparations import BUCKET, BY_MANIFEST, BY_SELECTION, JOB, MANIFEST, RULES, Stack
from tests.jobs.test_preparing_manifests import inventory
from tests.manifests.inventories import row
from thaw.core.job_requests import JobRequest, Selection, Way
from thaw.core.job_states import JobStatus
from thaw.jobs.preparing import JobNotPreparedError
from thaw.store.errors import JobNotFoundError


def refused(made: Stack, request: JobRequest = BY_MANIFEST) -> str:
    """Why; the status is in the state."""
    made.ask(request)
    prepared = made.prepare()
    assert (prepared.done, prepared.refused) == (True, True)
    state = made.state
    assert (state.status, state.ended_at) == (JobStatus.FAILED, "2026-11-21T09:30:00.000Z")
    assert made.s3.keys("jobs") == [], "nothing is left"
    assert made.prepare().refused, "and it stays so"
    return state.reason


def with_manifest(*rows: str, archive: tuple[Archived, ...] = ()) -> Stack:
    made = Stack()
    made.manifest(*rows)
    made.s3.put_archive(BUCKET, archive)
    return made


def test_an_empty_manifest() -> None:
    made = with_manifest()
    assert refused(made) == f"The manifest {MANIFEST} is empty: it has no row."
    assert made.state.refusal == 422


def test_a_manifest_of_another_bucket() -> None:
    made = with_manifest("photos,a", "films,b")
    assert refused(made) == (
        f"The manifest {MANIFEST} names objects of bucket films, but the job is one of bucket photos:"
        " a job restores from one bucket."
    )
    assert made.state.refusal == 422


def test_a_manifest_that_is_not_there() -> None:
    made = Stack()
    assert refused(made) == f"There is no manifest {MANIFEST}."
    assert made.state.refusal == 404


def test_a_manifest_that_may_not_be_read() -> None:
    class Closed(BucketS3):
        def head_object(self, **_: Any) -> dict[str, Any]:
            raise client_error("HeadObject", "403", "arn:aws:iam::123456789012:role/x may not")

    made = Stack(s3=Closed("jobs"))
    reason = refused(made)
    assert reason.startswith(f"The manifest {MANIFEST} cannot be read: ")
    assert "123456789012" not in reason
    assert made.state.refusal == 422


def test_what_is_no_manifest() -> None:
    made = Stack()
    made.s3.files["manifests", "manifest.json"] = b"[1, 2]"
    assert "is not the manifest.json of an S3 Inventory" in refused(
        made, replace(BY_MANIFEST, manifest="s3://manifests/manifest.json")
    )
    made = Stack()
    made.s3.files["manifests", "m.pdf"] = b"%PDF"
    assert "is neither an S3 Inventory manifest.json nor" in refused(
        made, replace(BY_MANIFEST, manifest="s3://manifests/m.pdf")
    )


def test_rows_none_of_which_is_archived() -> None:
    made = with_manifest("photos,a", "photos,b", archive=(Archived("a", storage_class="STANDARD"),))
    assert refused(made) == (
        f"Nothing is to be restored: none of the 2 rows of {MANIFEST} names an archived object (photos/a: the"
        " object is not archived: its storage class is STANDARD)."
    )
    assert made.state.refusal == 422


def test_rows_none_of_which_can_be_read() -> None:
    assert "archived object (line 1: the row has 1 columns, not 2 or 3)." in refused(with_manifest("photos"))


def test_a_selection_that_finds_nothing_archived() -> None:
    made = with_manifest(archive=(Archived("a", storage_class="STANDARD"),))
    assert refused(made, replace(BY_SELECTION, selection=Selection(prefix="a"))) == (
        "Nothing is to be restored: of 1 objects below photos/a none is archived and chosen."
    )


def test_a_bucket_that_is_not_there() -> None:
    made = Stack()
    assert refused(made, BY_SELECTION) == "There is no bucket photos."
    assert made.state.refusal == 404


def test_a_bucket_of_a_manifest_that_is_not_there() -> None:
    made = Stack()
    made.manifest("photos,a")
    assert refused(made) == "There is no bucket photos."


def test_a_jobs_bucket_that_is_not_there_is_no_fault_of_the_request() -> None:
    class Lost(BucketS3):
        def put_object(self, **_: Any) -> None:
            raise client_error("PutObject", "NoSuchBucket")

    made = Stack(s3=Lost("jobs"))
    made.s3.put_archive(BUCKET, [Archived("a")])
    made.ask(BY_SELECTION)
    with pytest.raises(ClientError):
        made.prepare()
    assert made.state.status is JobStatus.PREPARING


def test_a_bucket_that_the_stack_does_not_name() -> None:
    assert "restore_buckets" in refused(Stack(), replace(BY_SELECTION, bucket="secrets"))


def test_intelligent_tiering_with_an_expiration() -> None:
    made = with_manifest("photos,a", archive=(Archived("a", storage_class="INTELLIGENT_TIERING"),))
    assert refused(made) == (
        "photos/a is in INTELLIGENT_TIERING, whose objects are restored for good, so that S3 takes no"
        " expiration: leave out expiration_days, and make another job of the objects in other classes."
    )
    assert made.state.refusal == 422


def test_intelligent_tiering_together_with_other_archived_objects() -> None:
    archive = (Archived("a", storage_class="INTELLIGENT_TIERING"), Archived("b"))
    made = with_manifest("photos,a", "photos,b", archive=archive)
    assert refused(made, replace(BY_MANIFEST, expiration_days=None)) == (
        "photos/b is in GLACIER, whose restores need an expiration: give expiration_days, and make another"
        " job of objects in INTELLIGENT_TIERING."
    )


def test_expedited_for_deep_archive_and_for_batch_operations() -> None:
    request = replace(BY_SELECTION, tier="Expedited")
    archive = (Archived("a", storage_class="DEEP_ARCHIVE"),)
    assert refused(with_manifest(archive=archive), request) == (
        "photos/a is in DEEP_ARCHIVE, which has no tier EXPEDITED: use STANDARD or BULK, or make another job"
        " of it."
    )
    by_csv = replace(BY_MANIFEST, way=Way.REQUESTS, tier="Expedited")
    assert "has no tier EXPEDITED" in refused(with_manifest("photos,a", archive=archive), by_csv)
    batch = replace(BY_MANIFEST, tier="Expedited")
    assert "S3 Batch Operations takes only STANDARD and BULK" in refused(with_manifest("photos,a"), batch)


def test_expedited_for_a_deep_archive_that_the_inventory_tells(tmp_path: Any) -> None:
    made = Stack()
    uri = inventory(tmp_path, made, row("a", storage_class="DEEP_ARCHIVE"))
    request = replace(BY_MANIFEST, way=Way.REQUESTS, tier="Expedited", manifest=uri)
    assert "Tier Expedited does not exist for DEEP_ARCHIVE" in refused(made, request)


def test_more_rows_than_a_job_takes() -> None:
    made = with_manifest(*(f"photos,{number}" for number in range(101)))
    made.rules = replace(RULES, max_objects=100)
    assert refused(made) == (
        "The manifest has 101 rows or more, but a job of this stack takes 100 objects at most: prepare the"
        " manifest with `thaw manifest prepare` and let DynamoDB import it, make several jobs of it, or raise"
        " the stack's setting job_max_objects."
    )
    assert made.state.refusal == 413
    assert made.s3.calls["PutObject"] == 0


def test_a_million_rows_are_refused_after_the_first_thousands() -> None:
    made = Stack()
    made.s3.files["manifests", "m.csv"] = b"photos,2026/11/21/a-key-of-usual-length.jpg\n" * 1_000_000
    made.rules = replace(RULES, max_objects=1000)
    began = time.monotonic()
    refused(made)
    assert made.state.refusal == 413
    assert time.monotonic() - began < 5, "reading all of it takes longer"


def test_a_manifest_that_is_too_long_by_its_size_alone_is_not_even_read() -> None:
    class Long(BucketS3):
        def head_object(self, **_: Any) -> dict[str, Any]:
            return {"ContentLength": 10**12}

    made = Stack(s3=Long("jobs"))
    assert refused(made).startswith(f"{MANIFEST} has 1,000,000,000,000 bytes, but a job of this stack takes")
    made = Stack(s3=Long("jobs"))
    gzip = "s3://manifests/m.csv.gz"
    assert refused(made, replace(BY_MANIFEST, manifest=gzip)).startswith(
        f"{gzip} has 1,000,000,000,000 bytes, more than the function has room for, but a job"
    )


@pytest.mark.parametrize("state", [{"cancel_requested_at": "x"}, {"status": JobStatus.TIMEOUT}])
def test_a_job_that_was_cancelled_or_has_ended_is_not_prepared(state: dict[str, Any]) -> None:
    made = with_manifest("photos,a", archive=(Archived("a"),))
    made.ask(BY_MANIFEST, **state)
    with pytest.raises(JobNotPreparedError, match=r"Job job-1 (was cancelled|has ended \(Timeout\)) before"):
        made.prepare()
    assert made.s3.keys("jobs") == []


def test_a_job_that_nobody_asked_for_is_told() -> None:
    with pytest.raises(JobNotFoundError, match=JOB):
        Stack().prepare()
