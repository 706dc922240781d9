"""Copies by one request: what the default path costs, and how the copy is checked."""

from dataclasses import replace

from tests.copying.worlds import (
    ELSEWHERE,
    IN_PLACE,
    KEY_ARN,
    LIVE,
    PARTNER,
    PARTNER_ACCOUNT,
    World,
    archived,
)
from tests.fakes.stored_objects import OWNER, Stored
from tests.store.tables import BUCKET, assert_exact, history_of
from thaw.copying.outcomes import Copied
from thaw.core.history import Status
from thaw.core.job_requests import CopyRequest
from thaw.core.times import to_iso


def test_a_batch_takes_one_head_and_one_copy_an_object_and_two_batched_reads_and_one_write() -> None:
    world = World()
    for number in range(10):
        world.add(f"{number}")
    world.tables.calls.clear()
    batch = world.deliver(*(world.message(f"{number}") for number in range(10)))
    assert all(isinstance(outcome, Copied) for outcome in batch.outcomes.values())
    assert sorted(world.calls()) == ["CopyObject"] * 10 + ["HeadObject"] * 10
    assert [call.operation for call in world.tables.calls] == [
        "GetItem", "BatchGetItem", "BatchGetItem", "TransactWriteItems"
    ], "the job, the records, the writer's own look, the write"  # fmt: skip
    assert {world.status(f"{number}") for number in range(10)} == {Status.COPIED}
    assert_exact(world.tables)


def test_without_a_common_checksum_the_destination_is_looked_at_once() -> None:
    world = World(replace(ELSEWHERE, keep_encryption=False))
    world.add("a", archived(sse="aws:kms", kms_key=KEY_ARN, algorithm=""))
    assert isinstance(world.one("a"), Copied)
    assert world.calls() == ["HeadObject", "CopyObject", "HeadObject"]


def test_a_kms_object_is_checked_by_its_checksum_in_the_answer() -> None:
    world = World()
    world.add("a", archived(sse="aws:kms", kms_key=KEY_ARN))
    assert isinstance(world.one("a"), Copied)
    assert world.calls() == ["HeadObject", "CopyObject"]


def test_an_object_of_no_bytes_is_copied() -> None:
    world = World()
    world.add("empty", archived("", 0))
    assert isinstance(world.one("empty"), Copied)
    assert world.s3.current(LIVE, "from/empty").size == 0


def test_a_version_is_copied_as_it_is_whatever_came_after_it() -> None:
    world = World(versioned=True)
    first = world.add("a", archived("first"))
    world.s3.put(BUCKET, "a", Stored("second", 5))
    assert isinstance(world.one("a", first), Copied)
    assert world.s3.current(LIVE, "from/a").content == "first"
    (copy,) = [call.request for call in world.s3.calls if call.operation == "CopyObject"]
    assert copy["CopySource"]["VersionId"] == first


def test_in_place_an_object_without_versions_changes_its_class() -> None:
    world = World(IN_PLACE)
    world.add("a")
    assert isinstance(world.one("a"), Copied)
    assert world.s3.current(BUCKET, "a").storage_class == "STANDARD"
    assert world.calls() == ["HeadObject", "CopyObject"]


def test_in_place_a_versioned_object_gets_a_new_version() -> None:
    world = World(IN_PLACE, versioned=True)
    version_id = world.add("a")
    assert isinstance(world.one("a", version_id), Copied)
    old, new = world.s3.buckets[BUCKET].keys["a"]
    assert (old.storage_class, new.storage_class) == ("GLACIER", "STANDARD")
    assert world.calls() == ["HeadObject", "CopyObject"]


def test_another_accounts_bucket_in_another_region_is_asked_there_and_owns_the_copy() -> None:
    world = World(CopyRequest(destination_bucket=PARTNER))
    world.add("a")
    assert isinstance(world.one("a"), Copied)
    assert set(world.regions) == {"", "eu-west-1"}
    (request,) = [call.request for call in world.s3.calls if call.operation == "CopyObject"]
    assert request["ExpectedBucketOwner"] == PARTNER_ACCOUNT
    assert request["ExpectedSourceBucketOwner"] == OWNER
    assert world.s3.current(PARTNER, "a").canned_acl == "bucket-owner-full-control"


def test_the_record_says_when_the_copy_was_checked() -> None:
    world = World()
    world.add("a")
    world.one("a")
    assert history_of(world.tables, "a").copied_at == to_iso(world.s3.now)
