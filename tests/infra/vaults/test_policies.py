"""Least privilege of what transfers vaults, walked over every policy that the program registers."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from infra.jobs.function_policies import policy
from infra.vaults.functions import VAULT_FUNCTIONS
from infra.vaults.policies import POLICIES
from tests.infra.jobs.access import ACCESS, KEY, VAULT_ACCESS
from tests.infra.jobs.recorded import with_vaults
from tests.infra.jobs.test_function_policies import OURS, UNNAMED
from tests.infra.test_policies import as_list, statements

VAULTS = {
    "arn:aws:glacier:eu-central-1:123456789012:vaults/photos",
    "arn:aws:glacier:eu-central-1:123456789012:vaults/tax-records",
}
DESTINATIONS = {"arn:aws:s3:::warm/in/*", "arn:aws:s3:::cold/2019/*"}
PLANNING = r"arn:aws:glue:eu-central-1:123456789012:table/thaw/vault_plan_\*"
"""Tables that live as long as a plan is made."""

TELLING = "states:SendTaskSuccess"
"""Another action for which there is no resource to name: it takes the token of the task."""

OTHER_JOBS = ("start_job", "load_objects", "watch_jobs", "job_api")

each_function = pytest.mark.parametrize("folder", POLICIES)


def of(folder: str, access: Any = VAULT_ACCESS) -> list[dict[str, Any]]:
    text = policy(folder, access, "arn:aws:logs:eu-central-1:123456789012:log-group:g")
    return json.loads(text)["Statement"]


def resources(folder: str, action: str, access: Any = VAULT_ACCESS) -> set[str]:
    return {
        resource
        for statement in of(folder, access)
        if action in statement["Action"]
        for resource in as_list(statement["Resource"])
    }


def actions(folder: str, access: Any = VAULT_ACCESS) -> set[str]:
    return {action for statement in of(folder, access) for action in statement["Action"]}


def test_no_allowed_action_has_a_wildcard_and_no_resource_is_more_than_ours() -> None:
    for name, statement in statements(with_vaults()):
        if statement["Effect"] == "Allow":
            assert not [action for action in as_list(statement["Action"]) if "*" in action], name
        for resource in as_list(statement.get("Resource", [])):
            if resource == "*":
                assert set(as_list(statement["Action"])) <= {*UNNAMED, TELLING}, (name, statement["Sid"])
            known = any(re.fullmatch(pattern, resource) for pattern in (*OURS, PLANNING))
            assert resource == "*" or "*" not in resource or known, (name, resource)


def test_every_function_has_a_policy_and_every_policy_a_function() -> None:
    assert POLICIES.keys() == VAULT_FUNCTIONS.keys()


@each_function
def test_a_statement_says_something_once(folder: str) -> None:
    sids = [statement["Sid"] for statement in of(folder)]
    assert len(set(sids)) == len(sids), "a policy with two statements of one Sid is refused"
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert len(json.dumps(of(folder))) < 10_240, "all inline policies of a role"


@each_function
def test_only_vaults_of_the_config_are_touched_and_nothing_in_them_is_changed(folder: str) -> None:
    used = {action for action in actions(folder) if action.startswith("glacier:")}
    for action in used:
        assert resources(folder, action) == VAULTS, action
    assert used <= {
        f"glacier:{each}"
        for each in ("DescribeVault", "ListJobs", "DescribeJob", "InitiateJob", "GetJobOutput")
    }, "nothing is deleted by Thaw"


def test_who_asks_glacier_does_not_read_and_who_reads_archives_does_not_ask() -> None:
    asking = {folder for folder in POLICIES if "glacier:InitiateJob" in actions(folder)}
    assert asking == {"prepare_vault", "watch_vaults"}
    reading = {folder for folder in POLICIES if "glacier:GetJobOutput" in actions(folder)}
    assert reading == {"prepare_vault", "transfer_archives", "transfer_large"}


def test_objects_are_written_by_those_who_transfer_alone_and_where_the_config_says() -> None:
    outside = {
        folder: resource
        for folder in POLICIES
        for resource in resources(folder, "s3:PutObject")
        if not resource.startswith(("arn:aws:s3:::thaw-jobs/jobs/*/", "arn:aws:s3:::thaw-results-"))
    }
    assert outside.keys() == {"transfer_archives", "transfer_large"}
    for folder in outside:
        assert resources(folder, "s3:PutObject") == DESTINATIONS


@each_function
def test_no_object_of_a_destination_is_deleted(folder: str) -> None:
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert all(each.startswith("arn:aws:s3:::thaw-jobs/jobs/*/") for each in resources(folder, action))


def test_uploads_are_aborted_by_those_who_make_and_close_them() -> None:
    aborting = {folder for folder in POLICIES if resources(folder, "s3:AbortMultipartUpload") & DESTINATIONS}
    assert aborting == {"watch_vaults", "transfer_archives", "transfer_large"}


def test_keys_are_used_by_those_who_read_objects_and_made_use_of_by_those_who_write_them() -> None:
    using = {folder for folder in POLICIES if resources(folder, "kms:Decrypt") == {KEY}}
    assert using == {"prepare_vault", "watch_vaults", "transfer_archives", "transfer_large"}
    writing = {folder for folder in POLICIES if "kms:GenerateDataKey" in actions(folder)}
    assert writing == {"transfer_archives", "transfer_large"}
    assert not [
        a for folder in POLICIES for a in actions(folder, replace(VAULT_ACCESS, kms_keys=())) if "kms" in a
    ]


def test_only_who_learns_of_an_inventory_tells_the_step_that_waits_for_it() -> None:
    telling = {folder for folder in POLICIES if "states:SendTaskSuccess" in actions(folder)}
    assert telling == {"prepare_vault", "transfer_archives"}
    for folder in telling:
        assert resources(folder, "states:SendTaskSuccess") == {"*"}, "IAM knows no resource for it"


@pytest.mark.parametrize("folder", OTHER_JOBS)
def test_functions_of_jobs_get_no_right_on_vaults(folder: str) -> None:
    assert not [action for action in actions(folder) if action.startswith("glacier:")]
    assert actions(folder) == actions(folder, ACCESS), "what they do with transfers they do with jobs too"


def test_the_machine_of_transfers_is_started_by_the_api_and_looked_at_by_the_watcher() -> None:
    started = {each.rsplit(":", 1)[-1] for each in resources("job_api", "states:StartExecution")}
    assert started == {"thaw-create-job", "thaw-transfer-vault"}
    seen = resources("watch_jobs", "states:DescribeExecution")
    assert "arn:aws:states:eu-central-1:123456789012:execution:thaw-transfer-vault:*" in seen
    without = resources("watch_jobs", "states:DescribeExecution", ACCESS)
    assert not [each for each in without if "vault" in each]


@pytest.mark.parametrize("folder", [*POLICIES, *OTHER_JOBS])
def test_without_buckets_keys_and_manifests_nothing_of_them_is_named(folder: str) -> None:
    bare = replace(VAULT_ACCESS, restore_buckets=(), manifest_buckets=(), copy_destinations=(), kms_keys=())
    assert all(statement["Resource"] for statement in of(folder, bare)), "IAM takes no empty list"


def test_athena_plans_in_tables_of_its_own_and_writes_where_files_of_jobs_and_results_are() -> None:
    planning = {
        folder for folder in POLICIES if any(a.startswith(("athena:", "glue:")) for a in actions(folder))
    }
    assert planning == {"prepare_vault"}
    for action in ("glue:CreateTable", "glue:DeleteTable"):
        tables = {each for each in resources("prepare_vault", action) if ":table/" in each}
        assert tables == {"arn:aws:glue:eu-central-1:123456789012:table/thaw/vault_plan_*"}
    written = resources("prepare_vault", "s3:PutObject")
    assert written == {
        "arn:aws:s3:::thaw-jobs/jobs/*/*",
        "arn:aws:s3:::thaw-results-123456789012-eu-central-1/*",
    }


@each_function
def test_a_missing_file_is_told_from_a_forbidden_one_and_no_other_folder_is_listed(folder: str) -> None:
    (finding,) = [each for each in of(folder) if each["Sid"] == "FindFiles"]
    assert finding["Resource"] == "arn:aws:s3:::thaw-jobs"
    assert finding["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["jobs/*"]}}


def test_whoever_writes_archives_may_give_them_to_the_account_of_their_bucket() -> None:
    for folder in ("transfer_archives", "transfer_large"):
        assert resources(folder, "s3:PutObjectAcl") == resources(folder, "s3:PutObject")


def test_whoever_hands_large_archives_on_may_see_how_many_run_and_let_messages_wait() -> None:
    machines = resources("transfer_archives", "states:ListExecutions")
    assert machines == resources("transfer_archives", "states:StartExecution")
    assert resources("transfer_archives", "sqs:SendMessage") == resources(
        "transfer_archives", "sqs:ReceiveMessage"
    )


def test_whoever_closes_transfers_ends_uploads_and_cannot_begin_any() -> None:
    assert resources("watch_vaults", "s3:AbortMultipartUpload") == DESTINATIONS
    assert resources("watch_vaults", "s3:ListMultipartUploadParts") == DESTINATIONS
    assert not resources("watch_vaults", "s3:PutObject") & DESTINATIONS
