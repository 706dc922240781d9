"""The manifest: every archive of the plan once, where it is or why it is nowhere, and only then the end."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from benchmarks.tables import OBJECTS, fill
from tests.vaults.finished import (
    COPIED,
    COPIED_AT,
    CREATED,
    FAILED,
    JOB,
    JOBS_BUCKET,
    NOW,
    TARGET,
    Transfer,
    archive,
    checksum,
    content,
)
from thaw.core.history import NOTHING, History
from thaw.core.vault_files import manifest_counts, manifest_folder, plan_part
from thaw.store.items import CHECKSUM, DESTINATION, DESTINATION_VERSION
from thaw.store.vault_uploads import OpenUpload, VaultUploads
from thaw.vaults.errors import ManifestError, OpenUploadsError
from thaw.vaults.manifests import ManifestRow, failed_rows, manifest_rows, part_files, read_summary

UPLOAD = OpenUpload(JOB, "a_id", TARGET, "old/a", 2**24, NOW, "retrieval")
STAGED = History("2026-11-21T01:00:00.000Z", "2026-11-21T05:00:00.000Z", "2026-11-22T05:00:00.000Z")


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


def test_an_archive_in_s3_is_in_the_manifest_with_all_that_proves_it() -> None:
    transfer = Transfer({"a": COPIED})
    transfer.finish()
    (row,) = manifest_rows(transfer.s3, JOBS_BUCKET, JOB)
    planned = archive("a")
    assert row == ManifestRow(
        *("a_id", TARGET, "old/a", "", planned.size_bytes, planned.sha256_tree_hash),
        *(checksum(content("a")), COPIED_AT, CREATED, "a"),
    )
    assert list(failed_rows(transfer.s3, JOBS_BUCKET, JOB)) == []


def test_every_archive_that_is_not_in_s3_is_listed_with_its_reason() -> None:
    transfer = Transfer({"failed": FAILED, "pending": NOTHING, "staged": STAGED, "none": None, "taken": None})
    transfer.records({"taken": COPIED}, job_id="vault-photos-other")
    transfer.finish()
    failed = {row.archive_id: row for row in failed_rows(transfer.s3, JOBS_BUCKET, JOB)}
    told = {name: (row.status, row.error_code, row.error_message) for name, row in failed.items()}
    assert told == {
        "failed_id": ("FAILED", "ArchiveNotFound", "Glacier has it no more."),
        "pending_id": (
            "PENDING",
            "NotTransferred",
            "It was not asked of Glacier before the transfer ended; resume the transfer.",
        ),
        "staged_id": (
            "RESTORED",
            "NotTransferred",
            "It was retrieved and not yet transferred when the transfer ended; resume the transfer.",
        ),
        "none_id": ("NO_RECORD", "NoRecord", "No record of it is left: resume the transfer."),
        "taken_id": ("ELSEWHERE", "OtherJob", "Job vault-photos-other has it."),
    }
    assert failed["failed_id"].failed_at == FAILED.failure.at
    assert list(manifest_rows(transfer.s3, JOBS_BUCKET, JOB)) == []


def test_the_parts_add_up_to_the_plan_and_close_the_transfer() -> None:
    transfer = Transfer({"a": COPIED, "b": FAILED}, {"c": COPIED}, excluded=("x",))
    assert not transfer.states.read(JOB).closed
    transfer.finish()
    assert transfer.states.read(JOB).closed
    summary = read_summary(transfer.s3, JOBS_BUCKET, JOB)
    sizes = [archive(name).size_bytes for name in "abc"]
    assert (summary["archives"], summary["size_bytes"], summary["excluded"]) == (3, sum(sizes), 1)
    assert summary["by_status"] == {
        "COPIED": {"objects": 2, "size_bytes": sizes[0] + sizes[2]},
        "FAILED": {"objects": 1, "size_bytes": sizes[1]},
    }
    assert (summary["vault"], summary["destination"]) == ("photos", "s3://target/old/")
    assert (summary["closed_at"], summary["run"]) == (NOW, 1)


def test_rows_come_in_the_order_of_the_plan_over_all_parts() -> None:
    transfer = Transfer({"c": COPIED, "a": COPIED}, {"b": COPIED})
    transfer.finish()
    rows = manifest_rows(transfer.s3, JOBS_BUCKET, JOB)
    assert [row.archive_id for row in rows] == ["c_id", "a_id", "b_id"]


def test_where_an_earlier_run_put_an_archive_is_what_the_manifest_tells() -> None:
    transfer = Transfer({"a": COPIED})
    item = transfer.dynamodb.scan(TableName=OBJECTS)["Items"][0]
    moved = {DESTINATION: "s3://target/former/a", DESTINATION_VERSION: "v7", CHECKSUM: "SHA256:x-2"}
    fill(transfer.dynamodb, OBJECTS, [{**item, **{name: {"S": text} for name, text in moved.items()}}])
    transfer.finish()
    (row,) = manifest_rows(transfer.s3, JOBS_BUCKET, JOB)
    assert (row.key, row.version_id, row.checksum) == ("former/a", "v7", "SHA256:x-2")


def test_finishing_again_tells_what_is_true_then_and_keeps_nothing_of_before() -> None:
    transfer = Transfer({"a": FAILED})
    transfer.finish()
    transfer.records({"a": COPIED})
    transfer.finish()
    assert [row.key for row in manifest_rows(transfer.s3, JOBS_BUCKET, JOB)] == ["old/a"]
    assert list(failed_rows(transfer.s3, JOBS_BUCKET, JOB)) == []


def test_a_file_of_a_former_longer_plan_is_no_part_of_the_manifest() -> None:
    transfer = Transfer({"a": COPIED}, {"b": COPIED})
    plan = transfer.vaults.read(JOB).plan
    assert plan is not None
    shorter = replace(plan, parts=1, archives=1, size_bytes=archive("a").size_bytes)
    transfer.vaults.update(JOB, lambda state: replace(state, plan=shorter))
    assert transfer.finisher().write_part(JOB, plan_part(JOB, 1)) is None
    transfer.finish()
    assert [row.archive_id for row in manifest_rows(transfer.s3, JOBS_BUCKET, JOB)] == ["a_id"]


def test_a_part_that_was_not_written_keeps_the_transfer_open() -> None:
    transfer = Transfer({"a": COPIED}, {"b": COPIED})
    transfer.finisher().write_part(JOB, plan_part(JOB, 0))
    with pytest.raises(ManifestError, match=f"Part 1 of the manifest of {JOB} is missing"):
        transfer.finisher().close(JOB)
    assert not transfer.states.read(JOB).closed


def test_a_part_of_an_earlier_run_keeps_the_transfer_open() -> None:
    transfer = Transfer({"a": COPIED})
    transfer.finisher().write_part(JOB, plan_part(JOB, 0))
    transfer.states.update(JOB, lambda state: replace(state, run=2))
    with pytest.raises(ManifestError, match="is of run 1, not of 2: write it again"):
        transfer.finisher().close(JOB)
    assert not transfer.states.read(JOB).closed


def test_parts_that_do_not_add_up_to_the_plan_keep_the_transfer_open() -> None:
    transfer = Transfer({"a": COPIED})
    transfer.finisher().write_part(JOB, plan_part(JOB, 0))
    key = manifest_counts(JOB, 0)
    counts = json.loads(transfer.s3.get_object(Bucket=JOBS_BUCKET, Key=key)["Body"].read())
    counts["by_status"]["COPIED"][0] += 1
    transfer.s3.put_object(Bucket=JOBS_BUCKET, Key=key, Body=json.dumps(counts).encode())
    with pytest.raises(
        ManifestError, match=r"has 2 archives of \d+ bytes, its plan 1 of \d+: it is not closed"
    ):
        transfer.finisher().close(JOB)
    assert not transfer.states.read(JOB).closed


def test_a_transfer_is_not_closed_over_an_upload_that_is_open() -> None:
    transfer = Transfer({"a": COPIED})
    uploads = VaultUploads(transfer.dynamodb, "jobs")
    uploads.begin(UPLOAD)
    with pytest.raises(OpenUploadsError, match="s3://target/old/a is still open"):
        transfer.finish()
    assert not transfer.states.read(JOB).closed
    transfer.states.update(JOB, lambda state: replace(state, keep_uploads=True))
    transfer.finish()
    assert transfer.states.read(JOB).closed, "who stops may keep them"


def test_a_run_that_began_meanwhile_is_not_closed_by_the_end_of_the_one_before() -> None:
    transfer = Transfer({"a": COPIED})
    found = transfer.finisher()
    found.write_part(JOB, plan_part(JOB, 0))

    def next_run() -> str:
        transfer.states.update(JOB, lambda state: replace(state, run=2))
        return NOW

    replace(found, now=next_run).close(JOB)
    assert not transfer.states.read(JOB).closed


def test_what_is_no_part_of_the_plan_is_refused() -> None:
    with pytest.raises(ManifestError, match="jobs/x is no part of the plan"):
        Transfer({"a": COPIED}).finisher().write_part(JOB, "jobs/x")


def test_before_the_end_there_is_no_manifest_and_it_is_said_so() -> None:
    transfer = Transfer({"a": COPIED})
    with pytest.raises(
        ManifestError, match=f"Transfer {JOB} has no .*manifest.json in thaw-jobs: its manifest"
    ):
        read_summary(transfer.s3, JOBS_BUCKET, JOB)


def test_the_same_records_make_the_same_bytes() -> None:
    transfer = Transfer({"a": COPIED})
    transfer.finish()
    first = list(part_files(transfer.s3, JOBS_BUCKET, JOB, manifest_folder(JOB)))
    transfer.finish()
    assert list(part_files(transfer.s3, JOBS_BUCKET, JOB, manifest_folder(JOB))) == first
    assert gzip.decompress(first[0]).decode().startswith("archive_id,bucket,key,version_id,size_bytes,")
