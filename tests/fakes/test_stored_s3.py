"""The stand-in for S3 does what S3 does, as moto knows it: metadata, missing files, conditional writes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.fakes.stored_s3 import StoredS3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(params=["fake", "moto"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    if request.param == "fake":
        yield StoredS3("reports").client
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="reports")
        yield client


def put(s3: "S3Client", body: bytes, **condition: Any) -> None:
    s3.put_object(
        Bucket="reports",
        Key="a/ü.csv",
        Body=body,
        ContentType="text/csv",
        Metadata={"as-of": "2026-11-22T03:00:00.000Z"},
        **condition,
    )


def test_a_file_is_told_with_its_metadata(s3: "S3Client") -> None:
    put(s3, b"1")
    answer = s3.head_object(Bucket="reports", Key="a/ü.csv")
    assert answer["Metadata"] == {"as-of": "2026-11-22T03:00:00.000Z"}
    assert answer["ContentType"] == "text/csv"


def test_a_missing_file_is_404(s3: "S3Client") -> None:
    with pytest.raises(ClientError) as raised:
        s3.head_object(Bucket="reports", Key="a/ü.csv")
    assert raised.value.response.get("Error", {}).get("Code") == "404"


def test_a_file_is_replaced_on_condition_that_it_is_the_one_seen(s3: "S3Client") -> None:
    put(s3, b"1", IfNoneMatch="*")
    seen = s3.head_object(Bucket="reports", Key="a/ü.csv")["ETag"]
    put(s3, b"1", IfMatch=seen)
    put(s3, b"2", IfMatch=seen)
    for condition in ({"IfMatch": seen}, {"IfNoneMatch": "*"}):
        with pytest.raises(ClientError) as raised:
            put(s3, b"3", **condition)
        assert raised.value.response.get("Error", {}).get("Code") == "PreconditionFailed"
