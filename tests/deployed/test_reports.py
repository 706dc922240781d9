"""The report function under IAM enforcement: what it writes, who calls it, and what it may not do."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.report_layout import Form, Home, dated_key, latest_key
from analytics.schema import REPORTS
from local.emulator import Emulator
from tests.deployed.reporting import KEYS, ask, reporting_stack, restoring
from tests.deployed.stack import JOB, Stack
from tests.waiting import eventually
from thaw.core.times import to_iso

pytestmark = pytest.mark.emulator

PREFIX = "thaw/"
FUNCTION = "thaw-report"
RUN = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
UNUSED_HERE = {"Log", "PutFailuresAside", "SeeWhichReportsAreMissing"}
"""Statements for what a run that goes well, over files of before, does not do, or not in the emulator."""


@pytest.fixture(scope="module")
def stack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One object of three has been asked for, so long ago that it needs attention."""
    asked = restoring("2026-11-01T10:00:00.000Z")
    return reporting_stack(emulator, tmp_path_factory.mktemp("job"), asked)


def invoke(stack: Stack, reports: str, at: datetime = RUN) -> dict[str, Any]:
    """Calls the function and waits for it; its answer, or its error."""
    payload = json.dumps({"reports": reports, "as_of": to_iso(at)})
    answer = stack.emulator.client("lambda").invoke(FunctionName=FUNCTION, Payload=payload)
    return json.loads(answer["Payload"].read())


def home(stack: Stack) -> Home:
    return Home(stack.emulator.account, stack.emulator.region)


def written(stack: Stack, key: str) -> list[dict[str, str]]:
    """The rows of a CSV in the reports bucket."""
    s3, bucket = stack.emulator.client("s3"), stack.outputs["reports_bucket"]
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return list(csv.DictReader(io.StringIO(text)))


def newest(stack: Stack, report: str) -> list[dict[str, str]]:
    return written(stack, latest_key(PREFIX, Form.CSV, report, home(stack)))


def keys(stack: Stack) -> set[str]:
    pages = stack.emulator.client("s3").get_paginator("list_objects_v2")
    return {
        each.get("Key", "")
        for page in pages.paginate(Bucket=stack.outputs["reports_bucket"])
        for each in page.get("Contents", [])
    }


@pytest.fixture(scope="module")
def reported(stack: Stack) -> Stack:
    """After a run of each kind."""
    for kind in ("rollups", "objects"):
        assert "rows" in invoke(stack, kind)
    return stack


def test_every_report_is_there_for_its_time_and_as_the_newest(reported: Stack) -> None:
    for name in REPORTS:
        for form in Form:
            assert dated_key(PREFIX, form, name, home(reported), RUN) in keys(reported)
            assert latest_key(PREFIX, form, name, home(reported)) in keys(reported)


def test_the_figures_are_those_of_the_records(reported: Stack) -> None:
    counts = {(row["job_id"], row["status"]): row["objects"] for row in newest(reported, "progress")}
    assert {key: count for key, count in counts.items() if count != "0"} == {
        (JOB, "PENDING"): "2",
        (JOB, "RESTORING"): "1",
    }
    (overdue,) = newest(reported, "attention")
    assert (overdue["key"], overdue["reason"]) == (KEYS[1], "restore_overdue")


@pytest.mark.parametrize("name", REPORTS)
def test_athena_reads_each_report_as_its_csv_tells_it(reported: Stack, name: str) -> None:
    connection = ask(reported, reported.emulator.session())
    cursor = connection.cursor().execute(f"SELECT * FROM {name}")  # noqa: S608 - a name of ours
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description]
    assert names == [*(column.name for column in REPORTS[name].columns), "account_id", "region", "as_of"]
    assert len(rows) == len(newest(reported, name))


def test_a_run_again_for_the_same_time_writes_over_the_files_of_before(reported: Stack) -> None:
    before = keys(reported)
    assert "rows" in invoke(reported, "rollups")
    assert keys(reported) == before


def test_the_schedule_calls_the_function_for_the_time_it_was_due(reported: Stack) -> None:
    scheduler: Any = reported.emulator.client("scheduler")
    (group,) = [each for each in scheduler.list_schedules()["Schedules"] if each["Name"] == "thaw-reports"]
    schedule = scheduler.get_schedule(Name="thaw-reports", GroupName=group["GroupName"])
    before, now = keys(reported), datetime.now(UTC)
    scheduler.create_schedule(
        Name="once",
        ScheduleExpression=f"at({now - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S})",
        **{name: schedule[name] for name in ("GroupName", "FlexibleTimeWindow", "Target")},
    )
    (key,) = eventually(lambda: {key for key in keys(reported) - before if "/csv/progress/" in key})
    assert key >= dated_key(PREFIX, Form.CSV, "progress", home(reported), now - timedelta(seconds=2))


def test_whoever_listens_is_told_where_the_reports_are(reported: Stack) -> None:
    sqs, topic = reported.emulator.client("sqs"), reported.outputs["reports_topic_arn"]
    url = sqs.create_queue(QueueName="listening")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    reported.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    invoke(reported, "rollups")
    messages = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    told = json.loads(messages[0].get("Body", ""))["Message"]
    assert f"s3://{reported.outputs['reports_bucket']}/{PREFIX}latest/csv/progress/" in told


def test_a_run_that_fails_for_good_stands_in_the_failure_queue(reported: Stack) -> None:
    client, sqs = reported.emulator.client("lambda"), reported.emulator.client("sqs")
    config: Any = client.get_function_event_invoke_config(FunctionName=FUNCTION)
    assert config["MaximumRetryAttempts"] == 2
    client.put_function_event_invoke_config(
        FunctionName=FUNCTION, MaximumRetryAttempts=0, DestinationConfig=config["DestinationConfig"]
    )
    client.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=b'{"reports": "nonsense"}')
    url = sqs.get_queue_url(QueueName="thaw-report-failures")["QueueUrl"]
    messages = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    failed = json.loads(messages[0].get("Body", ""))
    assert failed["requestPayload"] == {"reports": "nonsense"}
    assert "nonsense" in failed["responsePayload"]["errorMessage"]


def policies(stack: Stack) -> dict[str, dict[str, Any]]:
    """The documents of the function's role by name."""
    iam = stack.emulator.client("iam")
    names = iam.list_role_policies(RoleName=FUNCTION)["PolicyNames"]
    documents: Any = {
        name: iam.get_role_policy(RoleName=FUNCTION, PolicyName=name)["PolicyDocument"] for name in names
    }
    return documents


def test_the_role_has_no_statement_that_a_run_can_do_without(reported: Stack) -> None:
    """Takes its time: the emulator starts the function anew after each run that fails, and most do."""
    iam, needless = reported.emulator.client("iam"), set[str]()
    kinds = {"report": "rollups", "query": "objects"}
    for name, document in policies(reported).items():
        for statement in document["Statement"]:
            rest = [each for each in document["Statement"] if each is not statement]
            less = json.dumps({**document, "Statement": rest})
            iam.put_role_policy(RoleName=FUNCTION, PolicyName=name, PolicyDocument=less)
            if "rows" in invoke(reported, kinds[name]):
                needless.add(statement["Sid"])
        iam.put_role_policy(RoleName=FUNCTION, PolicyName=name, PolicyDocument=json.dumps(document))
    assert needless == UNUSED_HERE
    assert "rows" in invoke(reported, "objects"), "with all of them it runs again"
