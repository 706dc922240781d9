"""Topics that feed queues, tables that forget, documents that are kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.deployer import Deployment
from local.deployer.watching import measured
from local.emulator import Emulator
from tests.waiting import eventually

PROGRAM = Path(__file__).parent / "programs" / "vaults.py"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture
def deployment(emulator: Emulator) -> Iterator[Deployment]:
    """The program, not yet up; nothing of it is left behind."""
    deployment = Deployment(emulator, PROGRAM)
    yield deployment
    deployment.destroy()


@pytest.mark.emulator
def test_a_subscribed_queue_gets_what_was_published_and_nothing_around_it(deployment: Deployment) -> None:
    deployment.up({})
    emulator = deployment.emulator
    emulator.client("sns").publish(TopicArn=deployment.outputs["topic"], Message="done")

    def body() -> str | None:
        queue = deployment.outputs["queue"]
        messages = emulator.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])
        return messages[0].get("Body") if messages else None

    assert eventually(body) == "done"


@pytest.mark.emulator
def test_a_table_forgets_what_it_is_told_to_forget(deployment: Deployment) -> None:
    client = deployment.emulator.client("dynamodb")
    for forgets, status in ((False, "DISABLED"), (True, "ENABLED")):
        deployment.up({"forgets": forgets})
        told: Any = client.describe_time_to_live(TableName="parts")["TimeToLiveDescription"]
        assert (told["AttributeName"], told["TimeToLiveStatus"]) == ("gone_at", status)


@pytest.mark.emulator
def test_what_means_nothing_here_is_said(deployment: Deployment) -> None:
    deployment.up({})
    assert {each.type for each in deployment.not_hosted} == {
        "aws:ssm/document:Document content",
        "aws:cloudwatch/metricAlarm:MetricAlarm alarmActions",
        "aws:cloudwatch/metricAlarm:MetricAlarm metricQueries",
    }


def test_an_alarm_may_look_at_the_sum_of_several_metrics() -> None:
    metric = {"namespace": "AWS/States", "metricName": "ExecutionsFailed", "period": 300, "stat": "Sum"}
    queries = [
        {"id": "sum", "expression": "SUM(METRICS())", "returnData": True},
        {"id": "failed", "metric": {**metric, "dimensions": {"StateMachineArn": "arn"}}},
    ]
    named = {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed"}
    told = named | {"Dimensions": [{"Name": "StateMachineArn", "Value": "arn"}]}
    assert measured({"metricQueries": queries})["Metrics"] == [
        {"Id": "sum", "ReturnData": True, "Expression": "SUM(METRICS())"},
        {"Id": "failed", "ReturnData": False, "MetricStat": {"Metric": told, "Period": 300, "Stat": "Sum"}},
    ]
