"""A schedule invokes its function, and tells it when it was due."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.emulator import Emulator
from tests.local.lambdas import ROLE, make_function
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

STORING = """
import boto3, json

def handler(event, context):
    boto3.client("s3").put_object(Bucket="heard", Key="event", Body=json.dumps(event))
"""
INPUT = '{"as_of": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>", "kind": "<b>"}'


def test_a_schedule_fills_its_context_attributes_in(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="heard")
    make_function(emulator, "storing", STORING)
    arn = emulator.client("lambda").get_function_configuration(FunctionName="storing").get("FunctionArn", "")
    due = datetime.now(UTC) - timedelta(seconds=1)
    emulator.client("scheduler").create_schedule(
        Name="once",
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": ROLE, "Input": INPUT},
    )
    eventually(lambda: s3.list_objects_v2(Bucket="heard")["KeyCount"])
    event = json.loads(s3.get_object(Bucket="heard", Key="event")["Body"].read())
    assert event["by"] == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/once"
    assert event["kind"] == "<b>"
    told = datetime.strptime(event["as_of"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta() <= told - due.replace(microsecond=0) < timedelta(minutes=1)
