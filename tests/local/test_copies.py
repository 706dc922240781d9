"""Copies of the emulator's S3 as AWS makes them."""

from typing import TYPE_CHECKING, Any

import pytest

from local.emulator import Emulator

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

pytestmark = pytest.mark.emulator

GIB = 2**30
LARGE: "CopySourceTypeDef" = {"Bucket": "copies", "Key": "large"}


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> "S3Client":
    client = emulator.client("s3")
    client.create_bucket(Bucket="copies")
    client.put_object(Bucket="copies", Key="one", Body=b"1")
    size = {"thaw-local-size": str(6 * GIB)}
    client.put_object(Bucket="copies", Key="large", Body=b"", Metadata=size, StorageClass="GLACIER_IR")
    return client


def test_a_copy_is_made_only_where_its_condition_holds(s3: "S3Client") -> None:
    copy: Any = {"Bucket": "copies", "Key": "two", "CopySource": {"Bucket": "copies", "Key": "one"}}
    etag = s3.copy_object(**copy, IfNoneMatch="*")["CopyObjectResult"].get("ETag", "")
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.copy_object(**copy, IfNoneMatch="*")
    s3.copy_object(**copy, IfMatch=etag)
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.copy_object(**copy, IfMatch='"another"')


def test_an_object_of_more_than_5_gib_is_copied_in_parts_only(s3: "S3Client") -> None:
    assert s3.head_object(Bucket="copies", Key="large")["ContentLength"] == 6 * GIB
    with pytest.raises(s3.exceptions.ClientError, match="InvalidRequest"):
        s3.copy_object(Bucket="copies", Key="too large", CopySource=LARGE)
    upload: Any = {"Bucket": "copies", "Key": "copied"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    with pytest.raises(s3.exceptions.ClientError, match="InvalidRequest"):
        s3.upload_part_copy(**upload, PartNumber=1, CopySource=LARGE, CopySourceRange=f"bytes=0-{5 * GIB}")
    parts: list[Any] = []
    for number, (first, end) in enumerate(((0, 5 * GIB), (5 * GIB, 6 * GIB)), 1):
        given = f"bytes={first}-{end - 1}"
        answer = s3.upload_part_copy(**upload, PartNumber=number, CopySource=LARGE, CopySourceRange=given)
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"].get("ETag", "")})
    listed = s3.list_parts(**upload)
    assert [part.get("Size") for part in listed.get("Parts", [])] == [5 * GIB, GIB]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, MpuObjectSize=6 * GIB)
    head = s3.head_object(Bucket="copies", Key="copied")
    assert (head["ContentLength"], head["ETag"].strip('"').partition("-")[2]) == (6 * GIB, "2")


def test_a_range_beyond_the_end_of_an_object_that_pretends_is_refused(s3: "S3Client") -> None:
    upload = s3.create_multipart_upload(Bucket="copies", Key="beyond")["UploadId"]
    with pytest.raises(s3.exceptions.ClientError, match="not valid for source object of size: 6442450944"):
        s3.upload_part_copy(
            Bucket="copies",
            Key="beyond",
            UploadId=upload,
            PartNumber=1,
            CopySource=LARGE,
            CopySourceRange=f"bytes={5 * GIB}-{6 * GIB}",
        )
