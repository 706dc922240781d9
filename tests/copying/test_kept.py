"""What a copy has of its source, by one request and in parts: all that the job asks for, and no more."""

from dataclasses import replace
from typing import Any

import pytest

from tests.copying.worlds import ELSEWHERE, KEY_ARN, LIVE, PARTNER, RULES, World, archived
from tests.fakes.stored_objects import Stored
from tests.store.tables import BUCKET
from thaw.copying.outcomes import Copied, Failed
from thaw.copying.requests import MAX_TAGGING_HEADER
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import Destination

SIZES = pytest.mark.parametrize("size", [1000, 6 * 2**30], ids=["at once", "in parts"])

RICH = archived(
    headers={
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a b.txt"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de, en",
        "ContentType": "text/plain; charset=utf-8",
        "Expires": "Thu, 01 Dec 2033 16:00:00 GMT",
    },
    metadata={"owner": "finance", "note": "=?UTF-8?B?w4TDtsO8?="},
    tags={"team": "a & b", "größe": "1/2", "empty": ""},
    redirect="/elsewhere.html",
    sse="aws:kms",
    kms_key=KEY_ARN,
    bucket_key=True,
    algorithm="CRC32C",
    grants=[
        {"Grantee": {"ID": "owner", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"ID": "auditor", "Type": "CanonicalUser"}, "Permission": "READ"},
        {
            "Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers", "Type": "Group"},
            "Permission": "READ",
        },
    ],
)


def copied(copy: CopyRequest, source: Stored) -> Stored:
    """The copy of a source, checked by the copier."""
    world = World(copy)
    world.add("a", source)
    assert isinstance(world.one("a"), Copied), world.failure("a")
    return world.s3.current(copy.destination_bucket, copy.destination_prefix + "a")


@SIZES
def test_all_is_kept_if_asked_for(size: int) -> None:
    copy = copied(replace(ELSEWHERE, keep_acl=True, storage_class="STANDARD_IA"), replace(RICH, size=size))
    assert copy.headers == RICH.headers
    assert copy.metadata == RICH.metadata
    assert copy.tags == RICH.tags
    assert copy.redirect == RICH.redirect
    assert (copy.sse, copy.kms_key, copy.bucket_key) == ("aws:kms", KEY_ARN, True)
    assert (copy.algorithm, copy.composite) == ("CRC32C", False)
    assert copy.storage_class == "STANDARD_IA"
    assert copy.grants == [
        {"Permission": "FULL_CONTROL", "Header": 'id="owner"'},
        {
            "Permission": "READ",
            "Header": 'id="auditor", uri="http://acs.amazonaws.com/groups/global/AllUsers"',
        },
    ]


@SIZES
def test_nothing_is_kept_if_nothing_is_asked_for(size: int) -> None:
    bare = replace(ELSEWHERE, keep_metadata=False, keep_tags=False, keep_encryption=False)
    copy = copied(bare, replace(RICH, size=size))
    assert (copy.headers, copy.metadata, copy.tags, copy.grants) == ({}, {}, {}, [])
    assert (copy.redirect, copy.sse, copy.kms_key, copy.bucket_key) == ("", "AES256", "", False)


@SIZES
def test_an_acl_that_gives_nobody_else_anything_is_no_header(size: int) -> None:
    """A bucket whose ACLs are disabled would refuse one."""
    copy = copied(replace(ELSEWHERE, keep_acl=True), archived(size=size))
    assert (copy.grants, copy.canned_acl) == ([], "")


@SIZES
@pytest.mark.parametrize("algorithm", ["SHA256", "CRC32", "CRC64NVME"])
def test_the_checksum_keeps_its_algorithm(size: int, algorithm: str) -> None:
    assert copied(ELSEWHERE, archived(size=size, algorithm=algorithm)).algorithm == algorithm


def test_an_object_from_before_checksums_gets_one() -> None:
    assert (
        copied(ELSEWHERE, archived(size=6 * 2**30, algorithm="")).checksums["ChecksumType"] == "FULL_OBJECT"
    )


@pytest.mark.parametrize("algorithm", ["SHA256", "CRC32"])
def test_the_checksum_of_an_upload_in_parts_stays_one_of_parts(algorithm: str) -> None:
    source = archived(size=6 * 2**30, algorithm=algorithm, parts=700, composite=True)
    assert copied(ELSEWHERE, source).composite


@SIZES
def test_an_object_under_two_layers_of_kms_stays_so(size: int) -> None:
    copy = copied(ELSEWHERE, archived(size=size, sse="aws:kms:dsse", kms_key=KEY_ARN))
    assert (copy.sse, copy.kms_key) == ("aws:kms:dsse", KEY_ARN)


@SIZES
def test_a_key_of_one_region_cannot_go_to_another_and_a_multi_region_key_is_its_replica(size: int) -> None:
    world = World(CopyRequest(destination_bucket=PARTNER))
    world.add("a", archived(size=size, sse="aws:kms", kms_key=KEY_ARN))
    assert isinstance(world.one("a"), Failed)
    code, message = world.failure("a")
    assert code == "EncryptionNotKept"
    assert "Region eu-north-1, the copy's bucket in eu-west-1" in message
    replicated = "arn:aws:kms:eu-north-1:111122223333:key/mrk-1234"
    copy = copied(CopyRequest(destination_bucket=PARTNER), archived(sse="aws:kms", kms_key=replicated))
    assert copy.kms_key == "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234"


def test_a_destination_whose_region_is_named_keeps_a_key_of_that_region() -> None:
    rules = replace(RULES, copy_destinations=(Destination(LIVE, region="eu-north-1"),))
    world = World(ELSEWHERE, rules)
    world.add("a", archived(sse="aws:kms", kms_key=KEY_ARN))
    assert isinstance(world.one("a"), Copied)
    assert world.s3.current(LIVE, "from/a").kms_key == KEY_ARN


def test_tags_too_long_for_a_header_are_put_on_afterwards_even_by_the_delivery_after_a_crash() -> None:
    tags = {f"tag {number}": "ü" * 250 for number in range(10)}
    world = World()
    world.add("a", archived(size=6 * 2**30, tags=tags))
    assert sum(map(len, tags.values())) > MAX_TAGGING_HEADER
    world.s3.on_call = _crash_at_tagging
    with pytest.raises(MemoryError):
        world.one("a")
    assert world.s3.current(LIVE, "from/a").tags == {}
    world.s3.on_call = lambda _: None
    assert isinstance(world.one("a", receives=2), Copied)
    assert world.s3.current(LIVE, "from/a").tags == tags
    assert world.s3.count("CompleteMultipartUpload") == 1


@pytest.mark.parametrize("lost", [{"missing_metadata": 2}, {"headers": {"Expires": "never"}}])
def test_metadata_that_a_copy_in_parts_cannot_have_is_refused(lost: dict[str, Any]) -> None:
    world = World()
    world.add("a", archived(size=6 * 2**30, **lost))
    assert isinstance(world.one("a"), Failed)
    assert world.failure("a")[0] == "MetadataNotKept"
    assert copied(replace(ELSEWHERE, keep_metadata=False), archived(size=6 * 2**30, **lost)).metadata == {}


def test_a_grantee_that_is_neither_id_nor_group_is_refused() -> None:
    world = World(replace(ELSEWHERE, keep_acl=True))
    grant = {"Grantee": {"Type": "AmazonCustomerByEmail"}, "Permission": "READ"}
    world.add("a", archived(grants=[grant]))
    assert isinstance(world.one("a"), Failed)
    assert world.failure("a")[0] == "AclNotKept"
    assert world.s3.current(BUCKET, "a").storage_class == "GLACIER"


def _crash_at_tagging(call: object) -> None:
    if getattr(call, "operation", "") == "PutObjectTagging":
        raise MemoryError
