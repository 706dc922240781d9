"""The beginning of a manifest tells whose objects it names, or what is wrong with it."""

import pytest

from tests.jobs.served import ACCOUNT, ServedS3
from thaw.core.job_request_errors import JobRefusedError
from thaw.jobs.manifest_head import HEAD_BYTES, named_bucket

INVENTORY = (
    b'{\n "sourceBucket" : "archive",\n "destinationBucket": "arn:aws:s3:::inventories", "files": [{"key'
)


def named(key: str, body: bytes) -> str:
    s3 = ServedS3()
    s3.objects["manifests", key] = body
    return named_bucket(s3.client, "manifests", key)


@pytest.mark.parametrize(
    "body",
    [
        b"archive,a%20key",
        b"archive,a,version\r\narchive,b,\r\n",
        b'"archive","a, b"\n',
        b"\xef\xbb\xbfarchive,a\n",
        b"\n\narchive,a\n",
        b"archive," + b"%C3%A9" * 1000 + b"\n" + b"archive,x\n" * HEAD_BYTES,
        b"archive,\xff\xfe\n",
    ],
)
def test_the_first_row_names_the_bucket(body: bytes) -> None:
    assert named("july.csv", body) == "archive"


@pytest.mark.parametrize("body", [INVENTORY, INVENTORY + b" " * HEAD_BYTES * 2])
def test_an_inventory_names_its_source(body: bytes) -> None:
    assert named("inv/all/2026-07-01T01-00Z/manifest.json", body) == "archive"


@pytest.mark.parametrize(
    ("key", "body", "sentence"),
    [
        ("july.csv", b"", "The manifest s3://manifests/july.csv is empty."),
        ("july.csv", b"\n\n", "The manifest s3://manifests/july.csv is empty."),
        ("july.csv", b"archive\n", "is no manifest of S3 Batch Operations: its first row has 1 columns,"),
        ("july.csv", b"a,b,c,d\n", "is no manifest of S3 Batch Operations: its first row has 4 columns,"),
        ("july.csv", b"\x1f\x8b\x08\x00\x01\x02", "is no manifest of S3 Batch Operations"),
        ("manifest.json", b"{}", "is no manifest of S3 Inventory: it has no sourceBucket."),
        ("manifest.json", b"archive,a\n", "is no manifest of S3 Inventory: it has no sourceBucket."),
    ],
)
def test_what_is_no_manifest_is_refused(key: str, body: bytes, sentence: str) -> None:
    with pytest.raises(JobRefusedError) as raised:
        named(key, body)
    assert sentence in str(raised.value)
    assert raised.value.status == 422


def test_a_manifest_that_is_not_there_is_refused() -> None:
    with pytest.raises(JobRefusedError, match=r"^There is no manifest at s3://manifests/july\.csv\.$"):
        named_bucket(ServedS3().client, "manifests", "july.csv")


def test_a_manifest_that_may_not_be_read_is_refused_without_telling_why_in_aws_words() -> None:
    s3 = ServedS3()
    s3.denied.add("july.csv")
    with pytest.raises(JobRefusedError, match=r"cannot be read \(AccessDenied\)") as raised:
        named_bucket(s3.client, "manifests", "july.csv")
    assert ACCOUNT not in str(raised.value)
