"""The scheduled reports as `pulumi up` would create them: when, with which rights, and who is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.report_layout import RUN_COLUMNS, Form, Home, dated_key, latest_key, latest_prefix
from analytics.schema import REPORTS, Kind, Origin
from infra import layers as built_layers
from infra.errors import PackagingError
from infra.metrics import HOUR
from infra.report_alarms import OBJECT_RUNS, ROLLUP_RUNS, silent_hours
from infra.report_policies import ReportAccess, report
from infra.report_schedules import SCHEDULED_TIME
from infra.report_tables import glue_columns
from lambdas.report.handler import RUN_METRICS
from lambdas.report.request import parse_request
from lambdas.report.settings import Settings
from local.deployer import layers
from tests.infra.recording import ACCOUNT, REGION, Recorded, record, record_into
from tests.lambdas.report.deployed import NOW, RUN, RUN_TIME

HOME = Home(ACCOUNT, REGION)
BUCKET = f"thaw-reports-{ACCOUNT}-{REGION}"


@pytest.fixture(scope="module")
def made() -> Recorded:
    return record({"reports_email": "me@example.org"})


@pytest.fixture(scope="module")
def given() -> Recorded:
    """In a bucket that is there already, at its root, without reports of the objects."""
    return record(
        {
            "reports_bucket": "theirs",
            "reports_prefix": "",
            "object_report_schedule": "",
            "report_schedule": "cron(0 6 ? * MON *)",
            "reports_email": "me@example.org",
        }
    )


def function(recorded: Recorded) -> dict[str, Any]:
    return recorded.one("lambda/function:Function", "report-function").inputs


def statements(recorded: Recorded, role_policy: str) -> dict[str, Any]:
    document = json.loads(recorded.one("iam/rolePolicy:RolePolicy", role_policy).inputs["policy"])
    return {each["Sid"]: each for each in document["Statement"]}


def target(recorded: Recorded, name: str) -> dict[str, Any]:
    return recorded.one("scheduler/schedule:Schedule", name).inputs["target"]


def test_the_function_s_environment_is_what_its_settings_read(made: Recorded) -> None:
    variables = function(made)["environment"]["variables"]
    settings = Settings.from_environment({**variables, "AWS_REGION": REGION})
    assert settings == Settings(
        rollups_table="thaw-rollups",
        reports_bucket=BUCKET,
        reports_prefix="thaw/",
        topic_arn=made.outputs["reports_topic_arn"],
        work_group="thaw",
        data_catalog="thaw_dynamodb",
        database="thaw",
        attention_hours=24,
        usd_per_gb_month=0.0245,
        account_id=ACCOUNT,
        region=REGION,
    )


def test_the_function_has_its_layer_the_time_and_no_more_than_one_architecture(made: Recorded) -> None:
    inputs = function(made)
    layer = made.one("LayerVersion").inputs
    assert inputs["layers"] == ["arn:aws:lambda:eu-central-1:123456789012:report-layer"]
    assert inputs["architectures"] == layer["compatibleArchitectures"] == ["arm64"]
    assert [inputs["runtime"]] == layer["compatibleRuntimes"]
    assert inputs["timeout"] == 900
    assert inputs["handler"] == "lambdas.report.handler.handler"


def test_without_the_layer_nothing_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_stand_in(_root: Path, _target: Path) -> None:
        """As on AWS."""

    monkeypatch.setattr(layers, "stand_in", no_stand_in)
    monkeypatch.setattr(built_layers, "REPORT", built_layers.Layer("no_such", ""))
    recorded = Recorded()
    with pytest.raises(PackagingError, match=r"no-such-layer.zip, is not built; run `make layer`\."):
        record_into(recorded, {})
    assert recorded.resources == []


def test_each_schedule_asks_for_its_reports_with_the_time_it_is_for(made: Recorded) -> None:
    for name, kind, expression in (
        ("report-schedule", "rollups", "rate(15 minutes)"),
        ("object-report-schedule", "objects", "cron(0 3 * * ? *)"),
    ):
        inputs = made.one("scheduler/schedule:Schedule", name).inputs
        assert inputs["scheduleExpression"] == expression
        assert inputs["scheduleExpressionTimezone"] == "UTC"
        assert inputs["flexibleTimeWindow"] == {"mode": "OFF"}
        event = json.loads(inputs["target"]["input"].replace(SCHEDULED_TIME, RUN))
        request = parse_request(event, NOW)
        assert (request.kind, request.at) == (kind, RUN_TIME)


def test_without_reports_of_the_objects_the_counters_give_what_they_can(given: Recorded) -> None:
    event = json.loads(target(given, "report-schedule")["input"].replace(SCHEDULED_TIME, RUN))
    names = parse_request(event, NOW).names(Origin.ROLLUPS)
    assert names == [name for name in REPORTS if name != "attention"]
    assert len(given.of_type("scheduler/schedule:Schedule")) == 1


def test_no_schedule_leaves_the_function_to_be_called_by_hand() -> None:
    off = record({"report_schedule": "", "object_report_schedule": ""})
    assert off.of_type("scheduler/schedule:Schedule") == off.of_type("ScheduleGroup") == []
    assert function(off)
    assert not [each for each in off.of_type("MetricAlarm") if each.name.endswith("-missing")]


def test_a_failed_run_is_tried_again_and_then_stands_in_the_queue(made: Recorded) -> None:
    queue = "arn:aws:sqs:eu-central-1:123456789012:thaw-report-failures"
    invocations = made.one("FunctionEventInvokeConfig").inputs
    assert invocations["destinationConfig"] == {"onFailure": {"destination": queue}}
    assert invocations["maximumRetryAttempts"] == 2
    assert statements(made, "report-role-policy-report")["PutFailuresAside"]["Resource"] == queue
    assert made.one("iam/rolePolicy:RolePolicy", "report-role-policy-report").urn in (
        made.one("FunctionEventInvokeConfig").dependencies
    )


def test_a_call_that_could_not_be_made_stands_there_too(made: Recorded) -> None:
    queue = "arn:aws:sqs:eu-central-1:123456789012:thaw-report-failures"
    for name in ("report-schedule", "object-report-schedule"):
        assert target(made, name)["deadLetterConfig"] == {"arn": queue}
    rights = statements(made, "report-scheduler-policy")
    assert rights["PutFailuresAside"]["Resource"] == queue
    assert rights["CallFunction"]["Resource"] == target(made, "report-schedule")["arn"]


def test_only_the_schedules_of_this_stack_take_on_the_scheduler_s_role(made: Recorded) -> None:
    role = made.one("iam/role:Role", "report-scheduler-role").inputs
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    group = "arn:aws:scheduler:eu-central-1:123456789012:thaw-report-scheduler"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": group, "aws:SourceAccount": ACCOUNT}}
    for schedule in made.of_type("scheduler/schedule:Schedule"):
        assert schedule.inputs["groupName"] == "thaw-report-scheduler"


def test_the_function_reads_counters_by_query_alone_and_no_object(made: Recorded) -> None:
    rights = statements(made, "report-role-policy-report")
    assert rights["ReadCounters"]["Action"] == ["dynamodb:Query"]
    assert rights["ReadCounters"]["Resource"].endswith(":thaw-rollups")
    assert not [each for each in rights.values() if "thaw-objects" in json.dumps(each)]


def test_its_queries_have_the_rights_that_athena_s_component_gives(made: Recorded) -> None:
    policy = made.one("iam/rolePolicy:RolePolicy", "report-role-policy-query").inputs["policy"]
    assert policy == made.outputs["athena_query_policy"]


@pytest.mark.parametrize("prefix", ["", "thaw/"])
def test_the_function_may_write_the_keys_of_this_account_and_region_alone(prefix: str) -> None:
    access = ReportAccess(
        rollups_table="t",
        reports_bucket="arn:aws:s3:::shared",
        reports_prefix=prefix,
        topic=f"arn:aws:sns:{REGION}:{ACCOUNT}:thaw-reports",
        failures="q",
        log_group="l",
    )
    rights = {each["Sid"]: each["Resource"] for each in json.loads(report(access))["Statement"]}
    others = [Home("999999999999", REGION), Home(ACCOUNT, "us-east-1")]
    for name in REPORTS:
        for form in Form:
            latest, dated = (
                latest_key(prefix, form, name, HOME),
                dated_key(prefix, form, name, HOME, RUN_TIME),
            )
            assert allowed(rights["WriteReports"], latest)
            assert allowed(rights["WriteReports"], dated)
            assert allowed([rights["SeeHowNewReportsAre"]], latest)
            for other in others:
                assert not allowed(rights["WriteReports"], latest_key(prefix, form, name, other))


def allowed(resources: list[str], key: str) -> bool:
    """Whether IAM's wildcards let the key through."""
    parts = [resource.removeprefix("arn:aws:s3:::shared/").split("*") for resource in resources]
    return any(
        len(part) == 3 and key.startswith(part[0]) and part[1] in key[len(part[0]) :] for part in parts
    )


def test_the_bucket_is_closed_encrypted_and_kept_while_it_holds_reports(made: Recorded) -> None:
    bucket = made.one("s3/bucket:Bucket", "reports").inputs
    assert (bucket["bucket"], bucket["forceDestroy"]) == (BUCKET, False)
    assert made.one("BucketPublicAccessBlock", "reports-public-access-block")
    assert made.outputs["reports_bucket"] == BUCKET


def expiring(recorded: Recorded) -> list[tuple[str, int]]:
    """Where objects are deleted in the bucket of ours, and after how many days."""
    rules = recorded.one("BucketLifecycleConfiguration", "reports-lifecycle").inputs["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules), "S3 wants them unique"
    return [(rule["filter"]["prefix"], rule["expiration"]["days"]) for rule in rules if "expiration" in rule]


def test_dated_reports_go_after_a_while_and_the_newest_stay(made: Recorded) -> None:
    assert expiring(made) == [("thaw/dated/", 90)]
    ((folder, days),) = expiring(record({"reports_prefix": "", "dated_reports_days": 30}))
    assert (folder, days) == ("dated/", 30)
    for form in Form:
        assert dated_key("", form, "progress", HOME, RUN_TIME).startswith(folder)
        assert not latest_key("", form, "progress", HOME).startswith(folder)
    assert expiring(record({"dated_reports_days": 0})) == []


def test_a_given_bucket_is_used_as_it_is(given: Recorded) -> None:
    assert not [
        each for each in given.resources if each.name.startswith("reports-") and "Bucket" in each.type
    ]
    assert given.outputs["reports_bucket"] == "theirs"
    assert function(given)["environment"]["variables"]["REPORTS_BUCKET"] == "theirs"


def test_every_report_has_a_table_over_the_newest_files_of_all(made: Recorded, given: Recorded) -> None:
    for recorded, place in ((made, f"s3://{BUCKET}/thaw/"), (given, "s3://theirs/")):
        for name in REPORTS:
            inputs = recorded.one("glue/catalogTable:CatalogTable", f"report-{name}").inputs
            storage = inputs["storageDescriptor"]
            assert storage["location"] == place + latest_prefix("", Form.PARQUET, name)
            assert [(each["name"], each["type"]) for each in storage["columns"]] == glue_columns(name)
            assert (inputs["name"], inputs["databaseName"]) == (name, "thaw")
            assert "parquet" in storage["inputFormat"]
            assert storage["serDeInfo"]["serializationLibrary"].endswith("ParquetHiveSerDe")


def test_a_table_has_the_columns_of_its_report_and_those_of_the_run() -> None:
    columns = glue_columns("temporary_storage")
    assert columns[:3] == [("job_id", "string"), ("day", "date"), ("byte_seconds", "double")]
    assert columns[-3:] == [("account_id", "string"), ("region", "string"), ("as_of", "timestamp")]
    kinds = {column.kind for report in REPORTS.values() for column in (*report.columns, *RUN_COLUMNS)}
    assert kinds == set(Kind), "every type is met"


def test_mails_come_with_the_reports_of_the_objects_or_with_all_where_there_are_none(
    made: Recorded, given: Recorded
) -> None:
    daily, every = (each.one("TopicSubscription", "reports-email").inputs for each in (made, given))
    assert json.loads(daily["filterPolicy"]) == {"reports": ["objects"]}
    assert "filterPolicy" not in every
    assert daily["endpoint"] == "me@example.org"


def test_the_alarms_on_the_reports(made: Recorded, given: Recorded) -> None:
    alarms = {each.name: each.inputs for each in made.of_type("MetricAlarm") if "report" in each.name}
    assert set(alarms) == {
        "report-errors",
        "report-failures",
        "reports-missing",
        "object-reports-missing",
    }
    assert alarms["report-errors"]["dimensions"] == {"FunctionName": "thaw-report"}
    assert alarms["report-failures"]["dimensions"] == {"QueueName": "thaw-report-failures"}
    for name, metric, hours in (
        ("reports-missing", ROLLUP_RUNS, 1),
        ("object-reports-missing", OBJECT_RUNS, 26),
    ):
        missing = alarms[name]
        assert (missing["metricName"], missing["dimensions"]) == (metric, {"service": "thaw-report"})
        assert (missing["comparisonOperator"], missing["threshold"]) == ("LessThanThreshold", 1)
        assert missing["treatMissingData"] == "breaching", "a run that never was is what this is about"
        assert (missing["period"], missing["evaluationPeriods"]) == (HOUR, hours)
        assert missing["alarmActions"] == [made.outputs["topic_arn"]]
    weekly = {each.name for each in given.of_type("MetricAlarm") if "report" in each.name}
    assert weekly == {"report-errors", "report-failures"}


def test_the_metrics_that_alarms_miss_are_those_that_the_function_counts() -> None:
    assert (RUN_METRICS["rollups"], RUN_METRICS["objects"]) == (ROLLUP_RUNS, OBJECT_RUNS)


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("rate(1 minute)", 1),
        ("rate(20 minutes)", 1),
        ("rate(21 minutes)", 2),
        ("rate(6 hours)", 18),
        ("rate(2 days)", 144),
        ("rate(3 days)", None),
        ("cron(0 3 * * ? *)", 26),
        ("cron(0/15 * ? * * *)", 26),
        ("cron(0 3 ? * MON-FRI *)", None),
        ("cron(0 3 1 * ? *)", None),
        ("cron(0 3 * 6 ? *)", None),
        ("", None),
    ],
)
def test_silence_is_an_alarm_where_it_is_certain_and_can_be_watched(
    expression: str, hours: int | None
) -> None:
    assert silent_hours(expression) == hours


def test_the_dashboard_shows_the_runs(made: Recorded) -> None:
    body = json.loads(made.one("Dashboard").inputs["dashboardBody"])
    (widget,) = [each for each in body["widgets"] if each["properties"]["title"].startswith("Reports")]
    assert ["Thaw", ROLLUP_RUNS, "service", "thaw-report"] in widget["properties"]["metrics"]
