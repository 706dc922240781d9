"""A job of a thousand objects from the API's call to its end, under IAM enforcement, failures included."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from local.emulator import Emulator
from tests.deployed.jobs import COLD, MANIFESTS, WARM, JobStack, job_stack, put_manifest
from thaw.core.job_states import JobStatus

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.emulator

GIB = 2**30
PLAIN = [f"scans/ü & {number:04}+50%.tif" for number in range(960)]
EMPTY = [f"empty/{number}" for number in range(20)]
FORBIDDEN = [f"forbidden/{number}" for number in range(10)]
TAKEN = [f"taken/{number}" for number in range(5)]
RICH = [f"rich/{number}" for number in range(4)]
HUGE = "huge/6 GiB"
FAILED = {*FORBIDDEN, *TAKEN}
COPIED = [*PLAIN, *EMPTY, *RICH, HUGE]
KEYS = [*COPIED, *FORBIDDEN, *TAKEN]

KEPT: dict[str, Any] = {
    "Metadata": {"owner": "lab 7", "thaw-local": "kept"},
    "ContentType": "image/tiff",
    "CacheControl": "max-age=60",
    "ContentDisposition": 'attachment; filename="a.tif"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de",
    "ServerSideEncryption": "AES256",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, restore_seconds=1.0, wait_scale=0.02) as running:
        yield running


def put_small(s3: "S3Client", key: str) -> Any:
    return s3.put_object(Bucket=COLD, Key=key, Body=b"cold", StorageClass="GLACIER")


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> JobStack:
    stack = job_stack(emulator, batch_size=100, batching_window_seconds=1)
    s3 = emulator.client("s3")
    cold: Any = {"Bucket": COLD, "StorageClass": "GLACIER"}
    with ThreadPoolExecutor(8) as pool:
        small = [*PLAIN, *FORBIDDEN, *TAKEN]
        assert all(pool.map(partial(put_small, s3), small))
    for key in EMPTY:
        s3.put_object(**cold, Key=key, Body=b"")
    for key in RICH:
        s3.put_object(
            **cold, Key=key, Body=b"rich", Tagging="colour=blue&a%20b=c", **KEPT, ChecksumAlgorithm="SHA256"
        )
    s3.put_object(**cold, Key=HUGE, Body=b"", Metadata={"thaw-local-size": str(6 * GIB)})
    for key in TAKEN:
        s3.put_object(Bucket=WARM, Key=f"from/{key}", Body=b"something else")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:RestoreObject",
        "Resource": f"arn:aws:s3:::{COLD}/forbidden/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    s3.put_bucket_policy(Bucket=COLD, Policy=policy)
    return stack


@pytest.fixture(scope="module")
def job(emulator: Emulator, stack: JobStack) -> str:
    """The job, at its end."""
    emulator.client("s3").put_object(Bucket=COLD, Key="readable", Body=b"not archived")
    rows = [[COLD, quote(key)] for key in KEYS]
    put_manifest(emulator, "july.csv", [*rows, [COLD, "readable"], [COLD, "missing"], rows[0]])
    copy = {"storage_class": "STANDARD_IA", "destination_bucket": WARM, "destination_prefix": "from/"}
    begun = stack.create(
        bucket=MANIFESTS, key="july.csv", tier="BULK", expiration_days=30, client_tag="july", copy=copy
    )
    emulator.take_calls()
    assert stack.watch_until_ended(begun["BulkJobId"], 100.0) is JobStatus.COMPLETE_WITH_FAILURES
    return begun["BulkJobId"]


def test_every_row_of_the_manifest_is_accounted_for(stack: JobStack, job: str) -> None:
    validated = stack.state(job).validated
    assert validated is not None
    assert (validated.rows_in, validated.objects, validated.duplicates, validated.rejects) == (
        1003,
        1000,
        1,
        2,
    )
    assert stack.objects(job) == {"COPIED": len(COPIED), "FAILED": len(FAILED)}
    assert all(verification.proven for verification in stack.proven(job))


def test_what_failed_says_why(stack: JobStack, job: str) -> None:
    codes = {
        item["key"]["S"]: item["error_code"]["S"] for item in stack.items().values() if "failed_at" in item
    }
    assert codes == dict.fromkeys(FORBIDDEN, "AccessDenied") | dict.fromkeys(TAKEN, "DestinationExists")
    (wave,) = stack.state(job).waves
    assert (wave.batch_status, wave.failed_tasks, wave.reported, wave.problem) == (
        "Complete",
        len(FORBIDDEN),
        True,
        "",
    )


def test_events_are_few_and_truthful(stack: JobStack, job: str) -> None:
    events = stack.events(job)
    percents = [int(event["ProgressPercent"]) for event in events]
    assert len({event["EventId"] for event in events}) == len(events) <= 12
    assert percents == sorted(percents)
    assert (events[0]["Status"], percents[0]) == ("Restoring", 0)
    assert (events[-1]["Status"], percents[-1]) == ("CompleteWithFailures", 98)
    assert events[-1]["FailedBatchFiles"] == str(len(FORBIDDEN))
    assert all(percent < 100 for percent in percents)


def test_each_object_is_restored_by_one_request_and_copied_by_one(emulator: Emulator, job: str) -> None:
    assert job
    calls = emulator.take_calls()
    assert calls["s3:CopyObject"] == len(COPIED) - 1 + len(TAKEN), "the huge one goes in parts"


def test_copies_have_all_that_their_sources_have(emulator: Emulator, job: str) -> None:
    assert job
    s3 = emulator.client("s3")
    for key in [*RICH, PLAIN[0], EMPTY[0]]:
        source = s3.head_object(Bucket=COLD, Key=key, ChecksumMode="ENABLED")
        copy = s3.head_object(Bucket=WARM, Key=f"from/{key}", ChecksumMode="ENABLED")
        others = {"ResponseMetadata", "LastModified", "StorageClass", "Restore"}
        assert {name: value for name, value in source.items() if name not in others} == {
            name: value for name, value in copy.items() if name not in others
        }
        assert copy.get("StorageClass") == "STANDARD_IA"
        tags = [
            s3.get_object_tagging(Bucket=COLD, Key=key),
            s3.get_object_tagging(Bucket=WARM, Key=f"from/{key}"),
        ]
        assert tags[0]["TagSet"] == tags[1]["TagSet"]


def test_an_object_of_more_than_5_gb_is_copied_in_parts(emulator: Emulator, job: str) -> None:
    assert job
    head = emulator.client("s3").head_object(Bucket=WARM, Key=f"from/{HUGE}")
    assert head["ContentLength"] == 6 * GIB
    assert "-" in head["ETag"]
    assert emulator.client("s3").list_multipart_uploads(Bucket=WARM).get("Uploads", []) == []


def test_nothing_of_the_source_is_gone(emulator: Emulator, job: str) -> None:
    assert job
    pages = emulator.client("s3").get_paginator("list_objects_v2").paginate(Bucket=COLD)
    assert sum(len(page.get("Contents", [])) for page in pages) == len(KEYS) + 1
