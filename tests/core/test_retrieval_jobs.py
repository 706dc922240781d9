"""Documents that describe jobs of Glacier, as AWS shows them."""

import json
from typing import Any

import pytest

from thaw.core.retrieval_jobs import (
    Action,
    RetrievalJob,
    RetrievalJobError,
    RetrievalStatus,
    inventory_description,
)

ARCHIVE: dict[str, Any] = {
    "Action": "ArchiveRetrieval",
    "ArchiveId": "archive-1",
    "ArchiveSHA256TreeHash": "AB" * 32,
    "ArchiveSizeInBytes": 16777216,
    "Completed": True,
    "CompletionDate": "2026-05-15T17:21:39.339Z",
    "CreationDate": "2026-05-15T17:19:46.700Z",
    "InventorySizeInBytes": None,
    "JobDescription": "thaw job 0 3",
    "JobId": "retrieval-1",
    "RetrievalByteRange": "0-16777215",
    "SHA256TreeHash": "AB" * 32,
    "SNSTopic": "arn:aws:sns:us-east-1:123456789012:thaw-vaults",
    "StatusCode": "Succeeded",
    "StatusMessage": "Succeeded",
    "Tier": "Bulk",
    "VaultARN": "arn:aws:glacier:us-east-1:123456789012:vaults/examplevault",
}
INVENTORY: dict[str, Any] = {
    "Action": "InventoryRetrieval",
    "ArchiveId": None,
    "ArchiveSHA256TreeHash": None,
    "Completed": False,
    "CompletionDate": None,
    "CreationDate": "2026-05-15T17:19:46.700Z",
    "InventorySizeInBytes": None,
    "JobDescription": "thaw vault-photos-0a1b2c3d inventory",
    "JobId": "retrieval-2",
    "SHA256TreeHash": None,
    "StatusCode": "InProgress",
    "StatusMessage": None,
    "VaultARN": "arn:aws:glacier:us-east-1:123456789012:vaults/examplevault",
}


def test_an_archive_that_is_staged_is_read() -> None:
    job = RetrievalJob.of(ARCHIVE)
    assert job == RetrievalJob(
        job_id="retrieval-1",
        vault="examplevault",
        action=Action.ARCHIVE,
        archive_id="archive-1",
        status=RetrievalStatus.SUCCEEDED,
        message="Succeeded",
        description="thaw job 0 3",
        created_at="2026-05-15T17:19:46.700Z",
        completed_at="2026-05-15T17:21:39.339Z",
        size_bytes=16777216,
        tree_hash="ab" * 32,
        tier="Bulk",
    )
    assert job.readable_until == "2026-05-16T17:21:39.339Z"
    assert not job.inventory_of


def test_what_is_null_is_unknown() -> None:
    job = RetrievalJob.of(INVENTORY)
    assert (job.archive_id, job.tree_hash, job.completed_at, job.size_bytes) == ("", "", "", 0)
    assert not job.readable_until


def test_a_failed_job_has_nothing_to_be_read() -> None:
    job = RetrievalJob.of({**ARCHIVE, "StatusCode": "Failed", "StatusMessage": "Internal error"})
    assert (job.status, job.message, job.readable_until) == (RetrievalStatus.FAILED, "Internal error", "")


DATE = "2026-11-20T07:12:00.000Z"


def test_the_inventory_of_a_job_names_it() -> None:
    described = {**INVENTORY, "JobDescription": inventory_description("vault-a.b_c-1", 12, DATE)}
    job = RetrievalJob.of(described)
    assert (job.inventory_of, job.inventory_run, job.inventory_date) == ("vault-a.b_c-1", 12, DATE)
    undated = RetrievalJob.of({**INVENTORY, "JobDescription": inventory_description("vault-a", 1, "")})
    assert (undated.inventory_of, undated.inventory_run, undated.inventory_date) == ("vault-a", 1, "")
    assert not RetrievalJob.of({**INVENTORY, "JobDescription": "my own"}).inventory_of
    archived = {**ARCHIVE, "JobDescription": inventory_description("vault-a", 1, DATE)}
    assert not RetrievalJob.of(archived).inventory_of


@pytest.mark.parametrize("document", [ARCHIVE, INVENTORY])
def test_messages_come_raw_or_in_an_envelope(document: dict[str, Any]) -> None:
    raw = json.dumps(document)
    envelope = json.dumps({"Type": "Notification", "MessageId": "m", "Message": raw})
    assert RetrievalJob.from_message(raw) == RetrievalJob.from_message(envelope) == RetrievalJob.of(document)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**ARCHIVE, "Action": "Select"},
        {**ARCHIVE, "StatusCode": "Done"},
        {**ARCHIVE, "JobId": None},
        {**ARCHIVE, "ArchiveId": 7},
        {**ARCHIVE, "CreationDate": "yesterday"},
        {**ARCHIVE, "CompletionDate": None},
        {**ARCHIVE, "ArchiveSizeInBytes": "large"},
        {**ARCHIVE, "VaultARN": None},
    ],
)
def test_what_describes_no_job_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(RetrievalJobError, match="expected the document that DescribeJob answers"):
        RetrievalJob.of(document)


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '"text"', '{"Type": "Notification", "Message": 3}'])
def test_what_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(RetrievalJobError):
        RetrievalJob.from_message(body)
