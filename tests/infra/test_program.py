"""What `pulumi up` would create, recorded under mocks."""

import inspect
import json
from typing import Any

import pulumi_aws as aws
import pytest

from infra.errors import SettingsError
from infra.tracking import FIXED, IMPORT_TIMEOUT
from tests.infra.recording import Recorded, record, record_into

FULL: dict[str, Any] = {
    "watched_buckets": [
        {"name": "cold", "prefix": "2019/", "watch": ["restores", "copies"]},
        {"name": "warm", "via": "eventbridge", "prefix": "in/", "watch": ["restores", "copies"]},
    ],
    "copy_rules": [
        {
            "source_bucket": "cold",
            "source_prefix": "2019/",
            "destination_bucket": "warm",
            "destination_prefix": "in/",
        }
    ],
    "import_files": {"bucket": "manifests", "prefix": "x/"},
    "alarm_email": "me@example.org",
    "tags": {"team": "archive"},
}
TAGS = {"application": "thaw", "deployment": "thaw", "team": "archive"}


@pytest.fixture(scope="module")
def full() -> Recorded:
    return record(FULL)


@pytest.fixture(scope="module")
def plain() -> Recorded:
    return record({})


def test_a_preview_registers_the_same_resources(full: Recorded) -> None:
    preview = record(FULL, preview=True)
    assert {each.urn for each in preview.resources} == {each.urn for each in full.resources}


def test_no_two_resources_share_a_urn(full: Recorded) -> None:
    assert len({each.urn for each in full.resources}) == len(full.resources)


def test_every_component_completes_and_every_other_resource_has_a_component(full: Recorded) -> None:
    components = {each.urn for each in full.resources if each.type.startswith("thaw:")}
    assert components <= full.completed_components, "register_outputs is called by each"
    for each in full.resources:
        if each.urn not in components:
            assert each.parent in components, each.name


def test_everything_that_takes_tags_has_them(full: Recorded) -> None:
    taggable = [each for each in full.resources if each.type.startswith("aws:") and takes_tags(each.type)]
    for each in taggable:
        assert each.inputs["tags"] == TAGS, each.name
    assert len({each.type for each in taggable}) >= 13, "tables, queues, alarms, rules, buckets, roles, ..."


def takes_tags(type_: str) -> bool:
    _, module, name = type_.split(":")
    package = {"lambda": "lambda_"}.get(module.split("/")[0], module.split("/")[0])
    arguments = getattr(getattr(aws, package), f"{name}Args")
    return "tags" in inspect.signature(arguments).parameters


@pytest.mark.parametrize("name", ["objects", "rollups"])
def test_tables_are_on_demand_encrypted_recoverable_and_protected(full: Recorded, name: str) -> None:
    table = full.one("dynamodb/table:Table", name)
    assert table.protect
    assert table.ignore_changes == FIXED
    assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
    assert table.inputs["serverSideEncryption"] == {"enabled": True}
    assert table.inputs["deletionProtectionEnabled"] is True
    safeguard = full.one("TableSafeguard", f"{name}-safeguard").inputs
    assert (safeguard["deletion_protection"], safeguard["wanted_name"]) == (True, f"thaw-{name}")


def test_unprotected_tables_can_go() -> None:
    tables = record({"protect_tables": False})
    for table in tables.of_type("dynamodb/table:Table"):
        assert not table.protect
        assert table.inputs["deletionProtectionEnabled"] is False
    for safeguard in tables.of_type("TableSafeguard"):
        assert safeguard.inputs["deletion_protection"] is False


def test_every_argument_that_replaces_a_table_is_ignored_once_it_exists(full: Recorded) -> None:
    replacing = {"name", "hashKey", "rangeKey", "importTable", "attributes"}
    given = set(full.one("dynamodb/table:Table", "objects").inputs)
    harmless = {
        "billingMode",
        "pointInTimeRecovery",
        "serverSideEncryption",
        "deletionProtectionEnabled",
        "tags",
    }
    assert given == replacing | harmless, "a new argument: does a change of it replace the table?"
    assert set(FIXED) == replacing


def test_an_imported_table_gets_its_tags_by_other_means(full: Recorded) -> None:
    objects = full.one("dynamodb/table:Table", "objects").inputs
    assert objects["importTable"] == {
        "inputFormat": "DYNAMODB_JSON",
        "inputCompressionType": "GZIP",
        "s3BucketSource": {"bucket": "manifests", "keyPrefix": "x/import/"},
    }
    tags = full.of_type("dynamodb/tag:Tag")
    assert {tag.inputs["key"]: tag.inputs["value"] for tag in tags} == TAGS
    assert {tag.inputs["resourceArn"] for tag in tags} == {
        "arn:aws:dynamodb:eu-central-1:123456789012:thaw-objects"
    }


def test_an_import_has_hours_where_the_provider_would_give_it_half_an_hour(
    full: Recorded, plain: Recorded
) -> None:
    assert full.one("dynamodb/table:Table", "objects").create_timeout == IMPORT_TIMEOUT
    assert plain.one("dynamodb/table:Table", "objects").create_timeout == ""


def test_the_job_is_registered_from_the_summary_beside_the_import(full: Recorded) -> None:
    inputs = full.one("JobRegistration").inputs
    assert (inputs["bucket"], inputs["summary_key"]) == ("manifests", "x/summary.json")
    assert inputs["rollups_table"] == "thaw-rollups"
    assert inputs["region"] == "eu-central-1"


def test_without_import_there_is_no_import_no_extra_tag_and_no_registration(plain: Recorded) -> None:
    assert "importTable" not in plain.one("dynamodb/table:Table", "objects").inputs
    assert plain.of_type("dynamodb/tag:Tag") == []
    assert plain.of_type("JobRegistration") == []


def test_a_message_stays_hidden_for_six_function_timeouts_and_the_window(full: Recorded) -> None:
    queue = full.one("sqs/queue:Queue", "queue").inputs
    function = full.one("lambda/function:Function", "function").inputs
    mapping = full.one("EventSourceMapping").inputs
    window = mapping["maximumBatchingWindowInSeconds"]
    assert queue["visibilityTimeoutSeconds"] == 6 * function["timeout"] + window


def test_queues_are_encrypted_and_the_dead_letter_queue_keeps_messages_longest(full: Recorded) -> None:
    queue = full.one("sqs/queue:Queue", "queue").inputs
    dead_letters = full.one("sqs/queue:Queue", "dead-letter-queue").inputs
    assert queue["sqsManagedSseEnabled"] is dead_letters["sqsManagedSseEnabled"] is True
    assert dead_letters["messageRetentionSeconds"] == 14 * 24 * 3600 > queue["messageRetentionSeconds"]


def test_messages_tried_often_enough_go_to_the_dead_letter_queue_of_this_queue_only(full: Recorded) -> None:
    redrive = json.loads(full.one("sqs/redrivePolicy:RedrivePolicy").inputs["redrivePolicy"])
    allow = json.loads(full.one("RedriveAllowPolicy").inputs["redriveAllowPolicy"])
    assert redrive["maxReceiveCount"] == 5
    assert redrive["deadLetterTargetArn"].endswith(":thaw-events-dead-letter")
    assert allow["redrivePermission"] == "byQueue"
    assert [arn.rsplit(":")[-1] for arn in allow["sourceQueueArns"]] == ["thaw-events"]


def test_the_mapping_batches_answers_partially_and_has_a_ceiling(full: Recorded) -> None:
    mapping = full.one("EventSourceMapping").inputs
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["scalingConfig"] == {"maximumConcurrency": 10}
    assert mapping["batchSize"] == 100


def test_the_function_s_environment_is_what_its_settings_read(full: Recorded) -> None:
    from lambdas.track_events.settings import Settings

    variables = full.one("lambda/function:Function", "function").inputs["environment"]["variables"]
    settings = Settings.from_environment(variables)
    assert settings.objects_table == "thaw-objects"
    assert settings.rollups_table == "thaw-rollups"
    assert settings.dead_letter_queue_url.endswith("/thaw-events-dead-letter")
    assert [rule.destination_bucket for rule in settings.copy_rules] == ["warm"]
    assert (settings.rollup_slots, settings.max_receive_count) == (8, 5)
    assert variables["POWERTOOLS_SERVICE_NAME"] == "thaw-track-events"
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Thaw"


def test_the_log_is_kept_as_long_as_the_config_says_and_there_before_the_function(full: Recorded) -> None:
    log_group = full.one("LogGroup", "log-group")
    function = full.one("lambda/function:Function", "function")
    assert log_group.inputs["retentionInDays"] == 90
    assert log_group.inputs["name"] == f"/aws/lambda/{function.inputs['name']}"
    assert log_group.urn in function.dependencies


def test_notifications_carry_the_events_that_are_watched(full: Recorded) -> None:
    inputs = full.one("BucketNotifications", "cold-notifications").inputs
    assert inputs["events"] == [
        "s3:ObjectRestore:Post",
        "s3:ObjectRestore:Completed",
        "s3:ObjectRestore:Delete",
        "s3:ObjectCreated:Copy",
        "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    assert (inputs["prefix"], inputs["eventbridge"]) == ("2019/", False)


def test_eventbridge_is_switched_on_and_its_rules_lead_to_the_queue(full: Recorded) -> None:
    switch = full.one("BucketNotifications", "warm-notifications").inputs
    assert (switch["events"], switch["eventbridge"]) == ([], True)
    rules = {each.name: json.loads(each.inputs["eventPattern"]) for each in full.of_type("EventRule")}
    detail = {"bucket": {"name": ["warm"]}, "object": {"key": [{"prefix": "in/"}]}}
    assert rules == {
        "warm-restores": {
            "source": ["aws.s3"],
            "detail-type": [
                "Object Restore Initiated",
                "Object Restore Completed",
                "Object Restore Expired",
            ],
            "detail": detail,
        },
        "warm-copies": {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {**detail, "reason": ["CopyObject", "CompleteMultipartUpload"]},
        },
    }
    targets = full.of_type("EventTarget")
    assert {each.inputs["rule"] for each in targets} == {"thaw-restores-warm", "thaw-copies-warm"}
    assert {each.inputs["arn"].rsplit(":")[-1] for each in targets} == {"thaw-events"}


def test_no_event_comes_before_the_records_and_the_queue_s_policy(full: Recorded) -> None:
    before = {full.one("JobRegistration").urn, full.one("QueuePolicy", "queue-policy").urn}
    for each in [*full.of_type("BucketNotifications"), *full.of_type("EventTarget")]:
        assert before <= set(each.dependencies), each.name


def test_events_go_to_eventbridge_only_when_its_rules_are_there(full: Recorded) -> None:
    switch = full.one("BucketNotifications", "warm-notifications")
    assert {each.urn for each in full.of_type("EventTarget")} <= set(switch.dependencies)


def test_the_alarms_are_those_of_the_design(full: Recorded) -> None:
    alarms = {each.name: each.inputs for each in full.of_type("MetricAlarm") if "report" not in each.name}
    watched = {
        name: (a["namespace"], a["metricName"], a["dimensions"], a["threshold"]) for name, a in alarms.items()
    }
    function, service = {"FunctionName": "thaw-track-events"}, {"service": "thaw-track-events"}
    assert watched == {
        "dead-letters": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": "thaw-events-dead-letter"},
            1,
        ),
        "events-late": ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "thaw-events"}, 1095),
        "function-errors": ("AWS/Lambda", "Errors", function, 1),
        "function-throttles": ("AWS/Lambda", "Throttles", function, 1),
        "untracked-events": ("Thaw", "UntrackedEvents", service, 100),
        "poison-messages": ("Thaw", "PoisonMessages", service, 1),
        **{
            f"undelivered-{rule}": ("AWS/Events", "FailedInvocations", {"RuleName": rule}, 1)
            for rule in ("thaw-restores-warm", "thaw-copies-warm")
        },
    }
    for alarm in alarms.values():
        assert alarm["alarmActions"] == alarm["okActions"] == [full.outputs["topic_arn"]]
        assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["treatMissingData"] == "notBreaching", "a quiet queue is no alarm"


def test_alarms_are_mailed_or_told_to_a_given_topic_or_to_a_topic_without_subscribers(full: Recorded) -> None:
    assert full.one("TopicSubscription", "email").inputs["endpoint"] == "me@example.org"
    topic = "arn:aws:sns:eu-central-1:123456789012:theirs"
    given = record({"alarm_topic_arn": topic})
    ours = [each.name for each in (*given.of_type("sns/topic:Topic"), *given.of_type("TopicPolicy"))]
    assert ours == ["reports-topic", "reports-topic-policy"], "no topic of alarms"
    assert given.one("MetricAlarm", "dead-letters").inputs["alarmActions"] == [topic]
    assert given.outputs["topic_arn"] == topic


def test_an_unsubscribed_topic_is_there_to_be_subscribed(plain: Recorded) -> None:
    assert plain.one("sns/topic:Topic", "topic").inputs["name"] == "thaw-alarms"
    assert plain.of_type("TopicSubscription") == []


def test_the_dashboard_shows_every_alarmed_metric(full: Recorded) -> None:
    body = json.loads(full.one("Dashboard").inputs["dashboardBody"])
    shown = {tuple(metric) for widget in body["widgets"] for metric in widget["properties"]["metrics"]}
    for alarm in full.of_type("MetricAlarm"):
        ((dimension, value),) = alarm.inputs["dimensions"].items()
        assert (alarm.inputs["namespace"], alarm.inputs["metricName"], dimension, value) in shown, alarm.name
    assert ("AWS/DynamoDB", "WriteThrottleEvents", "TableName", "thaw-rollups") in shown


def test_the_stack_says_where_everything_is(full: Recorded) -> None:
    plain_texts = {name: value for name, value in full.outputs.items() if not name.endswith("_policy")}
    assert plain_texts == {
        "objects_table": "thaw-objects",
        "rollups_table": "thaw-rollups",
        "queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/thaw-events",
        "dead_letter_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/thaw-events-dead-letter",
        "function": "thaw-track-events",
        "log_group": "/aws/lambda/thaw-track-events",
        "topic_arn": "arn:aws:sns:eu-central-1:123456789012:thaw-alarms",
        "dashboard": "thaw-tracking",
        "athena_work_group": "thaw",
        "athena_data_catalog": "thaw_dynamodb",
        "athena_database": "thaw",
        "query_results_bucket": "thaw-results-123456789012-eu-central-1",
        "reports_bucket": "thaw-reports-123456789012-eu-central-1",
        "report_function": "thaw-report",
        "reports_topic_arn": "arn:aws:sns:eu-central-1:123456789012:thaw-reports",
    }


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"batch_size": 0}, "thaw:batch_size is 0, but the limits are 1 to 10000"),
        ({"bach_size": 10}, "has the key 'bach_size', which is not known"),
        ({"aws:region": ""}, "aws:region is not set and has no default"),
        ({"aws:region": "mars-north-1"}, "the price file has no price of temporary storage for mars-north-1"),
        ({"aws:assumeRoles": "[{}]"}, "aws:assumeRoles is set, but Thaw also calls AWS through boto3"),
    ],
)
def test_bad_config_is_refused_before_the_first_resource(config: dict[str, Any], sentence: str) -> None:
    recorded = Recorded()
    with pytest.raises(SettingsError, match=sentence):
        record_into(recorded, config)
    assert recorded.resources == []
