"""Least privilege of what runs jobs, walked over every policy that the program registers."""

import json
import re
from typing import Any

import pytest

from infra.jobs.access import literal
from infra.jobs.batch_role import policy as batch_policy
from infra.jobs.function_policies import POLICIES, policy
from infra.jobs.functions import API_FUNCTION, FUNCTIONS
from tests.infra.jobs.access import ACCESS, KEY
from tests.infra.jobs.recorded import full, with_key
from tests.infra.recording import ACCOUNT
from tests.infra.test_policies import WITHIN_OURS, as_list, statements

UNNAMED = {
    "s3:CreateJob",
    "s3:ListJobs",
    "s3:PutJobTagging",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
"""Actions for which there is no resource to name."""

OURS = (
    *WITHIN_OURS,
    r"arn:aws:s3:eu-central-1:123456789012:job/\*",
    r"arn:aws:s3:::(cold/2019/|tapes/|warm/in/|manifests/|cold/)\*",
    r"arn:aws:states:eu-central-1:123456789012:execution:thaw-[a-z-]+(:|/)\*",
)
"""Batch Operations' jobs, keys in the buckets of the config, executions of our machines."""


def test_no_allowed_action_has_a_wildcard_and_no_resource_is_more_than_ours() -> None:
    for name, statement in statements(full()):
        if statement["Effect"] == "Allow":
            assert not [action for action in as_list(statement["Action"]) if "*" in action], name
        for resource in as_list(statement.get("Resource", [])):
            if resource == "*":
                assert set(as_list(statement["Action"])) <= UNNAMED, (name, statement["Sid"])
            known = any(re.fullmatch(pattern, resource) for pattern in OURS)
            assert resource == "*" or "*" not in resource or known, (name, resource)


def test_batch_jobs_are_made_to_restore_and_with_our_role_alone() -> None:
    for folder in ("start_job", "watch_jobs"):
        made = {s["Sid"]: s for s in of(folder)}
        assert made["CreateBatchJobs"]["Condition"] == {
            "StringEquals": {"s3:RequestJobOperation": "S3InitiateRestoreObject"}
        }
        passing = made["PassBatchRole"]
        assert passing["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/thaw-batch-restore"
        assert passing["Condition"] == {
            "StringEquals": {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}
        }
    others = POLICIES.keys() - {"start_job", "watch_jobs"}
    assert not [folder for folder in others if {"s3:CreateJob", "iam:PassRole"} & actions(folder)]


def of(folder: str, access: Any = ACCESS) -> list[dict[str, Any]]:
    return json.loads(policy(folder, access, "arn:aws:logs:eu-central-1:123456789012:log-group:g"))[
        "Statement"
    ]


def actions(folder: str, access: Any = ACCESS) -> set[str]:
    return {action for statement in of(folder, access) for action in statement["Action"]}


def resources(folder: str, action: str, access: Any = ACCESS) -> set[str]:
    return {
        resource
        for statement in of(folder, access)
        if action in statement["Action"]
        for resource in as_list(statement["Resource"])
    }


def test_every_function_has_a_policy_and_every_policy_a_function() -> None:
    assert POLICIES.keys() == {*FUNCTIONS, API_FUNCTION}


@pytest.mark.parametrize("folder", POLICIES)
def test_a_statement_says_something_once(folder: str) -> None:
    sids = [statement["Sid"] for statement in of(folder)]
    assert len(set(sids)) == len(sids), "a policy with two statements of one Sid is refused"
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert len(json.dumps(of(folder))) < 10_240, "all inline policies of a role"


def test_restores_are_asked_for_where_the_config_says_and_by_whom_it_should() -> None:
    objects = {"arn:aws:s3:::cold/2019/*", "arn:aws:s3:::tapes/*"}
    asking = {folder for folder in POLICIES if "s3:RestoreObject" in actions(folder)}
    assert asking == {"request_restores", "sweep_copies"}
    for folder in asking:
        assert resources(folder, "s3:RestoreObject") == objects
    (restore,) = [s for s in json.loads(batch_policy(ACCESS))["Statement"] if s["Sid"] == "Restore"]
    assert set(restore["Resource"]) == objects


def test_objects_are_written_by_the_copier_alone_and_where_the_config_says() -> None:
    outside = {
        folder
        for folder in POLICIES
        for resource in resources(folder, "s3:PutObject")
        if not resource.startswith("arn:aws:s3:::thaw-jobs/jobs/*/")
    }
    assert outside == {"copy_objects", "copy_large"}
    assert resources("copy_large", "s3:PutObject") == {"arn:aws:s3:::warm/in/*", "arn:aws:s3:::cold/2019/*"}


@pytest.mark.parametrize("folder", ["copy_objects", "copy_large"])
def test_a_source_is_deleted_only_where_the_config_allows_it(folder: str) -> None:
    from dataclasses import replace

    assert not {"s3:DeleteObject", "s3:DeleteObjectVersion"} & actions(folder)
    deleting = replace(ACCESS, copy_may_delete_source=True)
    assert resources(folder, "s3:DeleteObjectVersion", deleting) == {
        "arn:aws:s3:::cold/2019/*",
        "arn:aws:s3:::tapes/*",
    }


def test_without_keys_and_destinations_nothing_of_them_is_named() -> None:
    from dataclasses import replace

    bare = replace(ACCESS, kms_keys=(), copy_destinations=(), manifest_buckets=())
    for folder in POLICIES:
        assert not [each for each in actions(folder, bare) if each.startswith("kms:")]
        assert all(statement["Resource"] for statement in of(folder, bare)), "IAM takes no empty list"
    assert "s3:PutObjectTagging" not in actions("copy_objects", bare)


def test_keys_are_used_by_those_who_read_objects_and_made_use_of_by_those_who_write_them() -> None:
    using = {folder for folder in POLICIES if "kms:Decrypt" in actions(folder)}
    assert using == {"prepare_job", "job_api", "copy_objects", "copy_large", "sweep_copies"}
    writing = {folder for folder in POLICIES if "kms:GenerateDataKey" in actions(folder)}
    assert writing == {"copy_objects", "copy_large"}
    assert resources("copy_objects", "kms:Decrypt") == {KEY}


def test_the_files_of_jobs_are_listed_in_their_folder_only() -> None:
    listing = [
        statement
        for folder in POLICIES
        for statement in of(folder)
        if statement["Resource"] == "arn:aws:s3:::thaw-jobs"
    ]
    assert len(listing) >= 5
    assert all(s["Condition"] == {"StringLike": {"s3:prefix": ["jobs/*"]}} for s in listing)


def test_only_progress_events_of_thaw_are_put() -> None:
    for folder in ("start_job", "watch_jobs"):
        (telling,) = [s for s in of(folder) if s["Action"] == ["events:PutEvents"]]
        assert telling["Condition"] == {"StringEquals": {"events:source": "thaw"}}


def test_batch_operations_of_this_account_takes_on_its_role() -> None:
    role = full().one("iam/role:Role", "batch-role").inputs
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "batchoperations.s3.amazonaws.com"}
    assert statement["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}
    actions_of = {
        s["Sid"]: (s["Action"], s["Resource"]) for s in json.loads(batch_policy(ACCESS))["Statement"]
    }
    assert actions_of["ReadManifests"][1] == "arn:aws:s3:::thaw-jobs/jobs/*/waves/*"
    assert actions_of["WriteReports"] == (["s3:PutObject"], "arn:aws:s3:::thaw-jobs/jobs/*/reports/*")


@pytest.mark.parametrize(
    ("prefix", "text"),
    [("2019/", "2019/"), ("a*b/", "a${*}b/"), ("what?/", "what${?}/"), ("${x}/", "${$}{x}/")],
)
def test_characters_of_a_prefix_mean_themselves_in_a_policy(prefix: str, text: str) -> None:
    assert literal(prefix) == text


def test_the_tracker_may_see_which_jobs_copy_and_have_them_copied() -> None:
    document = json.loads(full().one("RolePolicy", "role-policy").inputs["policy"])
    added = {s["Sid"]: (s["Action"], s["Resource"].rsplit(":", 1)[-1]) for s in document["Statement"]}
    assert added["SeeWhichJobsCopy"] == (["dynamodb:GetItem"], "thaw-jobs")
    assert added["HaveCopied"] == (["sqs:SendMessage"], "thaw-copies")


def test_only_the_stage_of_our_api_may_call_its_function() -> None:
    permission = with_key().one("lambda/permission:Permission").inputs
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["sourceArn"].endswith(":api/v1/*")
