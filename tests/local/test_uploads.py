"""Multipart uploads of the emulator as AWS lists them."""

import json
from collections.abc import Iterator

import boto3
import pytest

from local.emulator import Emulator

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


def test_a_list_names_the_session_of_the_role_that_began_an_upload(emulator: Emulator) -> None:
    s3, iam, sts = emulator.client("s3"), emulator.client("iam"), emulator.client("sts")
    s3.create_bucket(Bucket="uploads")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="thaw-transfer-large", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    rights = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    iam.put_role_policy(
        RoleName="thaw-transfer-large", PolicyName="put", PolicyDocument=json.dumps({"Statement": [rights]})
    )
    given = sts.assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="one")["Credentials"]
    session = boto3.client(
        "s3",
        region_name=s3.meta.region_name,
        endpoint_url=s3.meta.endpoint_url,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    ours = session.create_multipart_upload(Bucket="uploads", Key="a")["UploadId"]
    other = s3.create_multipart_upload(Bucket="uploads", Key="a")["UploadId"]
    listed = s3.list_multipart_uploads(Bucket="uploads").get("Uploads", [])
    makers = {upload.get("UploadId"): upload.get("Initiator", {}).get("ID", "") for upload in listed}
    assert ":assumed-role/thaw-transfer-large/one" in makers[ours]
    assert ":assumed-role/" not in makers[other]
