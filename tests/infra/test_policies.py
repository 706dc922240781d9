"""Least privilege, walked over every policy that the program registers."""

import json
import re
from typing import Any, cast

import pytest

from infra import policies
from infra.names import MAX_RULE_NAME, Names, Place, bounded
from tests.infra.recording import ACCOUNT, Recorded, record

POLICY_INPUTS = ("policy", "assumeRolePolicy")


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record(
        {"watched_buckets": [{"name": "cold"}, {"name": "warm", "via": "eventbridge", "watch": ["copies"]}]}
    )


def as_list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def statements(recorded: Recorded) -> list[tuple[str, dict[str, Any]]]:
    documents = [
        (each.name, json.loads(each.inputs[key]))
        for each in recorded.resources
        for key in POLICY_INPUTS
        if key in each.inputs
    ]
    assert len(documents) >= 9, "two queues, a topic, two buckets, two roles and their trust"
    return [(name, statement) for name, document in documents for statement in document["Statement"]]


WITHIN_OURS = (
    r"arn:aws:cloudwatch:.*:/aws/lambda/thaw-[a-z-]+:\*",
    r"arn:aws:s3:::thaw-[a-z0-9-]+/([a-z0-9*-]+/)*\*",
    r"arn:aws:glue:.*:table/thaw/\*",
    r"arn:aws:glue:.*:database/\*",
)
"""Streams of our log groups, keys in our buckets, tables of our database; to list them, all databases."""


def test_no_allowed_action_has_a_wildcard_and_no_resource_is_everything(recorded: Recorded) -> None:
    for name, statement in statements(recorded):
        if statement["Effect"] == "Allow":
            assert not [action for action in as_list(statement["Action"]) if "*" in action], name
            assert statement.get("Principal") != "*", name
        for resource in as_list(statement.get("Resource", [])):
            known = any(re.fullmatch(pattern, resource) for pattern in WITHIN_OURS)
            assert "*" not in resource or known, (name, resource)
            assert "database/*" not in resource or statement["Action"] == ["glue:GetDatabases"], name


def test_every_service_that_may_send_is_held_to_this_account_and_to_named_sources(recorded: Recorded) -> None:
    sending = [
        s
        for _, s in statements(recorded)
        if s["Effect"] == "Allow" and s.get("Resource") and "Principal" in s
    ]
    assert {s["Principal"]["Service"] for s in sending} == {
        "s3.amazonaws.com",
        "events.amazonaws.com",
        "cloudwatch.amazonaws.com",
    }
    for statement in sending:
        condition = statement["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        assert "aws:SourceArn" in {**condition.get("ArnEquals", {}), **condition.get("ArnLike", {})}


def test_only_the_watched_buckets_and_our_rules_may_send(recorded: Recorded) -> None:
    document = json.loads(recorded.one("sqs/queuePolicy:QueuePolicy", "queue-policy").inputs["policy"])
    sources = {
        s["Sid"]: s["Condition"].get("ArnEquals", {}).get("aws:SourceArn") for s in document["Statement"]
    }
    assert sources == {
        "S3Sends": ["arn:aws:s3:::cold"],
        "EventsSends": ["arn:aws:events:eu-central-1:123456789012:rule/thaw-copies-warm"],
        "TlsOnly": None,
    }


def test_a_queue_that_nothing_may_send_to_allows_nothing() -> None:
    document = json.loads(policies.event_queue("arn:aws:sqs:eu-central-1:123456789012:q", [], []))
    assert [statement["Sid"] for statement in document["Statement"]] == ["TlsOnly"]


def test_everything_that_can_refuse_plain_http_does(recorded: Recorded) -> None:
    refused = {n for n, s in statements(recorded) if s["Effect"] == "Deny"}
    assert refused >= {
        "queue-policy",
        "dead-letter-queue-policy",
        "topic-policy",
        "results-policy",
        "spill-policy",
    }
    for _, statement in statements(recorded):
        if statement["Effect"] == "Deny":
            assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_tracker_may_do_what_it_does_and_no_more(recorded: Recorded) -> None:
    role_policy = json.loads(recorded.one("iam/rolePolicy:RolePolicy", "role-policy").inputs["policy"])
    actions = {s["Resource"].rsplit(":", 1)[-1]: s["Action"] for s in role_policy["Statement"]}
    assert actions["thaw-objects"] == [
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    ]
    assert actions["thaw-rollups"] == ["dynamodb:UpdateItem"]
    assert actions["thaw-events-dead-letter"] == ["sqs:SendMessage"]
    assert "sqs:SendMessage" not in actions["thaw-events"]


def test_other_partitions_have_their_own_arns() -> None:
    place = Place.of("arn:aws-cn:sqs:cn-north-1:123456789012:q")
    assert place.bucket_arn("cold") == "arn:aws-cn:s3:::cold"
    assert place.event_rule_arn("r") == "arn:aws-cn:events:cn-north-1:123456789012:rule/r"


def test_names_beyond_a_limit_are_cut_and_stay_different() -> None:
    names = Names("thaw")
    one, other = names.event_rule("b" * 62 + "1", "copies"), names.event_rule("b" * 62 + "2", "copies")
    assert len(one) == len(other) == MAX_RULE_NAME
    assert one != other
    assert bounded("short", 10) == "short"
