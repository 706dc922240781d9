"""What is asked of S3 Batch Operations, and what its answers are read as."""

import pytest

from tests.fakes.job_s3 import ACCOUNT
from tests.fakes.s3control import BatchJob, FakeS3Control
from tests.jobs.started import JOBS_BUCKET, ROLE
from thaw.jobs.batch_operations import BatchOperations, BatchProgress
from thaw.jobs.batch_orders import MAX_TEXT, BatchOrder
from thaw.jobs.errors import BatchJobError

ORDER = BatchOrder(
    job_id="july",
    jobs_bucket=JOBS_BUCKET,
    manifest_key="jobs/july/waves/00001.csv",
    manifest_etag='"abc"',
    fields=("Bucket", "Key"),
    tier="Bulk",
    expiration_days=7,
    description="d" * 300,
    client_tag="",
    token="t" * 64,
)


def batch(control: FakeS3Control, role: str = ROLE) -> BatchOperations:
    return BatchOperations(control.client, ACCOUNT, role)


def test_texts_are_cut_to_what_s3_takes_and_quotes_of_an_etag_are_left_out() -> None:
    control = FakeS3Control()
    made = batch(control).create(ORDER)
    asked = control.job(made).request
    assert len(asked["Description"]) == MAX_TEXT
    assert asked["Manifest"]["Location"]["ETag"] == "abc"
    assert asked["Tags"] == [{"Key": "thaw:job", "Value": "july"}]


def test_arns_are_of_the_roles_partition() -> None:
    control = FakeS3Control()
    batch(control, ROLE.replace("arn:aws:", "arn:aws-cn:")).create(ORDER)
    assert control.jobs[0].request["Report"]["Bucket"] == f"arn:aws-cn:s3:::{JOBS_BUCKET}"


def test_a_tier_that_batch_operations_does_not_have_is_refused() -> None:
    control = FakeS3Control()
    with pytest.raises(
        BatchJobError, match="restores with the tiers Standard and Bulk, not Expedited; choose one"
    ):
        batch(control).create(ORDER._replace(tier="Expedited"))
    assert control.jobs == []


def test_a_job_is_described_with_its_counts_and_reasons() -> None:
    control = FakeS3Control()
    control.jobs.append(BatchJob("batch-one", {"Description": "x"}, "Failed", 9, 3, 5, ["This.", "That."]))
    progress = batch(control).describe("batch-one")
    assert progress == BatchProgress("Failed", 9, 3, 5, "2026-11-21T09:00:00.500Z", "This. That.")


@pytest.mark.parametrize(
    ("status", "ended"),
    [("Active", False), ("Cancelling", False), ("Cancelled", True), ("Complete", True), ("Failed", True)],
)
def test_a_job_has_ended_as_s3_spells_it(status: str, *, ended: bool) -> None:
    assert BatchProgress(status, 0, 0, 0, "", "").ended is ended


def test_cancelling_what_has_ended_changes_nothing() -> None:
    control = FakeS3Control()
    control.jobs.append(BatchJob("batch-one", {"Description": "x"}, "Active"))
    batch(control).cancel("batch-one", "r" * 300)
    assert control.jobs[0].status == "Cancelled"
    batch(control).cancel("batch-one", "again")


def test_a_job_is_found_by_its_description_on_whatever_page() -> None:
    control = FakeS3Control()
    names = ["one", "two", "d" * MAX_TEXT]
    control.jobs += [BatchJob(f"batch-{name[:3]}", {"Description": name}) for name in names]
    assert batch(control).find("d" * 300) == "batch-ddd"
    assert batch(control).find("nobody") is None
