"""What functions call is counted by operation, and what others call is not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator import Emulator
from tests.local.lambdas import make_function

pytestmark = pytest.mark.emulator

CALLING = """
import json, boto3

def handler(event, context):
    s3, place = boto3.client("s3"), {"Bucket": "counted", "Key": "one"}
    s3.head_object(**place)
    s3.list_objects_v2(Bucket="counted")
    s3.list_object_versions(Bucket="counted")
    s3.copy_object(Bucket="counted", Key="two", CopySource=place)
    upload = {"Bucket": "counted", "Key": "three"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part_copy(**upload, PartNumber=1, CopySource={"Bucket": "counted", "Key": "two"})
    s3.list_parts(**upload)
    parts = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    boto3.client("dynamodb").list_tables()
    boto3.client("sns").list_topics()
    boto3.client("sqs").list_queues()
    boto3.client("events").put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
    boto3.client("stepfunctions").list_state_machines()
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, restore_seconds=0.1) as running:
        yield running


def test_calls_of_functions_are_counted_by_operation_until_they_are_taken(emulator: Emulator) -> None:
    s3, iam = emulator.client("s3"), emulator.client("iam")
    s3.create_bucket(Bucket="counted")
    s3.put_object(Bucket="counted", Key="one", Body=b"1", StorageClass="GLACIER_IR")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="counted", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName="counted", PolicyName="all", PolicyDocument=policy)
    make_function(emulator, "calling", CALLING, role)
    emulator.take_calls()
    answer = emulator.client("lambda").invoke(FunctionName="calling")
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert emulator.take_calls() == {
        "s3:HeadObject": 1,
        "s3:ListObjectsV2": 1,
        "s3:ListObjectVersions": 1,
        "s3:CopyObject": 1,
        "s3:CreateMultipartUpload": 1,
        "s3:UploadPartCopy": 1,
        "s3:ListParts": 1,
        "s3:CompleteMultipartUpload": 1,
        "dynamodb:ListTables": 1,
        "sns:ListTopics": 1,
        "sqs:ListQueues": 1,
        "events:PutEvents": 1,
        "states:ListStateMachines": 1,
    }
    assert emulator.take_calls() == {}


def test_every_restore_request_is_counted_whoever_makes_it(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="asked")
    s3.put_object(Bucket="asked", Key="one", Body=b"1", StorageClass="GLACIER")
    emulator.take_calls()
    request: Any = {"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}
    s3.restore_object(Bucket="asked", Key="one", RestoreRequest=request)
    assert emulator.take_calls() == {"restore requests": 1}
