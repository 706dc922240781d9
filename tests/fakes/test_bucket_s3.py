"""The stand-in for listed buckets answers as moto does: order, beginnings, pages, versions, files."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.fakes.bucket_s3 import Archived, BucketS3
from thaw.listing import Listing, Marker, has_versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEYS = ["a b+c", "a/1", "a/2", "b", "é", "\ue000", "\U0001f600"]

Made = Callable[[list[str]], "S3Client"]


@pytest.fixture(params=["fake", "moto"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Made]":
    """Makes a bucket `photos` of these keys, in GLACIER."""
    if request.param == "fake":
        fake = BucketS3("photos")

        def in_fake(keys: list[str]) -> "S3Client":
            fake.put_archive("photos", [Archived(key) for key in keys])
            return fake.client

        yield in_fake
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="photos")

        def in_moto(keys: list[str]) -> "S3Client":
            for key in keys:
                client.put_object(Bucket="photos", Key=key, Body=b"x", StorageClass="GLACIER")
            return client

        yield in_moto


def listing(s3: "S3Client", *, versions: bool = False, prefix: str = "") -> Listing:
    return Listing(s3, "photos", prefix, versions, lambda: datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize("versions", [False, True])
def test_keys_are_listed_in_the_order_of_their_utf_8_behind_the_beginning(s3: Made, versions: bool) -> None:  # noqa: FBT001
    client = s3(KEYS[::-1])
    everything = listing(client, versions=versions)
    assert [each.key for each in everything.page(Marker()).items] == KEYS
    assert [each.key for each in everything.page(Marker("b")).items] == KEYS[4:]
    if not versions:  # moto leaves out the first version behind a marker that is no key
        assert [each.key for each in everything.page(Marker("az")).items] == KEYS[3:]
    below = listing(client, versions=versions, prefix="a/").page(Marker())
    assert [each.key for each in below.items] == ["a/1", "a/2"]
    assert (below.next, below.delete_markers) == (None, 0)
    [first, *_] = below.items
    assert (first.size_bytes, first.storage_class, first.id.version_id) == (1, "GLACIER", "null")
    assert first.is_latest


def test_a_thousand_are_a_page_and_the_next_begins_behind_it(s3: Made) -> None:
    client = s3([f"{number:04}" for number in range(1001)])
    for versions in (False, True):
        page = listing(client, versions=versions).page(Marker())
        assert len(page.items) == 1000
        assert page.next
        assert page.next.key == "0999"
        following = listing(client, versions=versions).page(page.next)
        assert [each.key for each in following.items] == ["1000"]
        assert following.next is None


def test_a_bucket_that_is_not_there_is_told(s3: Made) -> None:
    client = s3([])
    assert not has_versions(client, "photos")
    nowhere = Listing(client, "nowhere", "", versions=False, now=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(ClientError) as raised:
        nowhere.page(Marker())
    assert raised.value.response.get("Error", {}).get("Code") == "NoSuchBucket"
