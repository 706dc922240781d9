"""What `pulumi up` would create for vault transfers, recorded under mocks."""

import json
from typing import Any

import pytest

from infra.jobs.function import environment
from infra.jobs.functions import variables
from infra.limits import MAX_JOB_RULES_BYTES
from infra.names import Names, Place
from infra.state_machines.definitions import VAULT_MACHINES
from infra.vaults.functions import VAULT_FUNCTIONS, own_variables, start_variables
from infra.vaults.functions import variables as vault_variables
from lambdas.job_settings import JobSettings
from lambdas.vault_settings import VaultSettings
from tests.infra.jobs.recorded import CONFIG, VAULTS, full, vaults_alone, with_vaults
from tests.infra.jobs.test_program import made
from tests.infra.recording import ROOT, Recorded, record
from tests.infra.test_policies import statements
from tests.infra.test_program import TAGS, takes_tags
from thaw.core.job_rules import JobRules

PUBLISHED_RESOURCES = 182
"""Of the published system's template, version 1.1.3."""

each_function = pytest.mark.parametrize("folder", VAULT_FUNCTIONS)


def logical(folder: str) -> str:
    return folder.replace("_", "-")


def added() -> list[Any]:
    """The AWS resources that only a stack with vaults has."""
    before = {each.urn for each in full().resources}
    return [
        each for each in with_vaults().resources if each.urn not in before and each.type.startswith("aws:")
    ]


def test_vaults_take_a_third_of_the_resources_of_the_published_system() -> None:
    assert len(added()) <= PUBLISHED_RESOURCES / 3


def test_a_stack_without_vaults_has_nothing_of_them_whatever_else_is_set() -> None:
    others = {"vault_bytes_per_day": 1, "vault_staged_bytes": 5, "vault_watch_schedule": "rate(5 minutes)"}
    without, beside = full(), record(CONFIG | others)
    rules = JobRules.from_json(beside.outputs["job_rules"])
    assert (rules.vaults, rules.vault_staged_bytes) == ((), 5)
    assert {each.urn for each in without.resources} == {each.urn for each in beside.resources}
    assert not [each.name for each in without.resources if "vault" in each.name or "thaw:vaults" in each.type]
    assert not [name for name in without.outputs if "vault" in name]
    for function in without.of_type("lambda/function:Function"):
        assert not [name for name in function.inputs["environment"]["variables"] if "VAULT" in name]
    assert not [statement for _, statement in statements(without) if "glacier" in json.dumps(statement)]


def test_vaults_change_nothing_of_what_was_there_but_what_starts_and_watches_transfers() -> None:
    before, now = made(full()), made(with_vaults())
    changed = {urn.rsplit("::", 1)[-1] for urn, resource in before.items() if resource != now.get(urn)}
    functions = {each.name for each in full().of_type("lambda/function:Function")}
    rights = {"watch-jobs-role-policy", "job-api-role-policy"}
    others = {"job-api-deployment", "job-scheduler-policy", "job-api-stage", "job-api-method-settings"}
    assert rights <= changed <= functions | rights | others, "their rules and variables name the vaults"


def test_a_stack_with_vaults_alone_has_no_right_about_nothing() -> None:
    for name, statement in statements(vaults_alone()):
        if "Resource" in statement:
            assert statement["Resource"], (name, statement["Sid"], "IAM takes no empty list")
    assert {each.inputs["name"] for each in vaults_alone().of_type("StateMachine")} >= {
        f"thaw-{purpose}" for purpose in VAULT_MACHINES
    }


def test_a_preview_registers_the_same_resources() -> None:
    preview = record(CONFIG | VAULTS, preview=True)
    assert {each.urn for each in preview.resources} == {each.urn for each in with_vaults().resources}


def test_type_and_name_tell_resources_apart_and_nothing_is_made_twice() -> None:
    keys = [(each.type, each.name) for each in with_vaults().resources]
    assert len(set(keys)) == len(keys)


def test_every_component_completes_and_every_other_resource_has_one() -> None:
    recorded = with_vaults()
    components = {each.urn for each in recorded.resources if each.type.startswith("thaw:")}
    assert components <= recorded.completed_components
    assert all(each.parent in components for each in recorded.resources if each.urn not in components)


def test_everything_that_takes_tags_has_them() -> None:
    taggable = [each for each in added() if takes_tags(each.type)]
    assert len(taggable) > 25
    assert not [each.name for each in taggable if each.inputs.get("tags") != TAGS]


@each_function
def test_a_function_is_of_its_folder_and_there_after_its_log_and_its_rights(folder: str) -> None:
    name = logical(folder)
    function = with_vaults().one("lambda/function:Function", name)
    assert function.inputs["name"] == f"thaw-{name}"
    assert function.inputs["handler"] == f"lambdas.{folder}.handler.handler"
    assert (ROOT / "lambdas" / folder / "handler.py").is_file()
    log_group = with_vaults().one("LogGroup", f"{name}-log-group")
    assert log_group.inputs["name"] == f"/aws/lambda/thaw-{name}"
    policy = with_vaults().one("RolePolicy", f"{name}-role-policy")
    assert {log_group.urn, policy.urn} <= set(function.dependencies)


def variables_of(recorded: Recorded, name: str) -> dict[str, str]:
    return recorded.one("lambda/function:Function", name).inputs["environment"]["variables"]


@each_function
def test_a_function_s_environment_is_what_its_settings_read(folder: str) -> None:
    settings = VaultSettings.from_environment(variables_of(with_vaults(), logical(folder)))
    machines = {arn.rsplit(":", 1)[-1] for arn in (
        settings.transfer_vault_machine_arn,
        settings.transfer_large_machine_arn,
        settings.finish_vault_machine_arn,
    )}  # fmt: skip
    assert machines == {"thaw-transfer-vault", "thaw-transfer-large", "thaw-finish-vault"}
    assert settings.topic_arn == with_vaults().outputs["vault_topic_arn"]
    assert settings.queue_url == with_vaults().outputs["vault_queue_url"]
    assert settings.jobs.rules.vaults == ("photos", "tax-records")


@pytest.mark.parametrize("name", ["job-api", "start-job", "watch-jobs"])
def test_who_starts_and_watches_jobs_knows_what_begins_a_transfer(name: str) -> None:
    settings = JobSettings.from_environment(variables_of(with_vaults(), name))
    assert settings.transfer_vault_machine_arn.endswith(":stateMachine:thaw-transfer-vault")


def test_the_environment_fits_with_the_longest_names_and_rules() -> None:
    names, place = Names("x" * 24), Place("aws-us-gov", "ap-southeast-10", "123456789012")
    url = f"https://sqs.{place.region}.amazonaws.com.cn/{place.account}/"
    rules = JobRules(place.region)
    common = variables(
        names=names,
        place=place,
        jobs_bucket="x" * 63,
        copy_queue_url=url + names.copy_queue,
        rules=rules,
        rollup_slots=64,
    )
    ours = {
        **vault_variables(names, place, url + names.vault_queue),
        **own_variables("prepare_vault", names),
    }
    everything = environment(
        {**common, **start_variables(names, place), **ours}, names.job_function("transfer_archives")
    )
    bytes_used = sum(map(len, (*everything, *everything.values()))) - len(rules.to_json())
    assert bytes_used + MAX_JOB_RULES_BYTES <= 4096


def test_what_plans_knows_where_athena_does_it() -> None:
    variables = variables_of(with_vaults(), "prepare-vault")
    assert variables["ATHENA_WORK_GROUP"] == with_vaults().outputs["athena_work_group"]
    assert variables["ATHENA_DATABASE"] == with_vaults().outputs["athena_database"]
    assert "ATHENA_DATABASE" not in variables_of(with_vaults(), "finish-vault")


def test_only_what_prepares_brings_the_compiled_libraries() -> None:
    functions = with_vaults().of_type("lambda/function:Function")
    using = {
        each.name for each in functions if any("prepare" in arn for arn in each.inputs.get("layers", []))
    }
    assert using == {"prepare-job", "prepare-vault"}


def test_glacier_tells_a_topic_that_hands_its_words_to_the_queue_as_they_are() -> None:
    topic = with_vaults().one("sns/topic:Topic", "vault-topic").inputs
    assert topic["name"] == "thaw-vaults"
    assert "kmsMasterKeyId" not in topic, "Glacier publishes to no encrypted topic"
    (policy,) = [
        json.loads(each.inputs["policy"])
        for each in with_vaults().of_type("TopicPolicy")
        if each.name == "vault-topic-policy"
    ]
    publishes, tls = policy["Statement"]
    assert publishes["Principal"] == {"Service": "glacier.amazonaws.com"}
    assert publishes["Condition"] == {"StringEquals": {"AWS:SourceOwner": "123456789012"}}
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    subscription = with_vaults().one("TopicSubscription", "vaults-to-archives").inputs
    assert (subscription["protocol"], subscription["rawMessageDelivery"]) == ("sqs", True)
    assert subscription["endpoint"].endswith(":thaw-archives")


def test_only_the_topic_of_this_stack_may_send_to_the_queue() -> None:
    policy = json.loads(with_vaults().one("QueuePolicy", "archives-queue-policy").inputs["policy"])
    sends, tls = policy["Statement"]
    assert sends["Principal"] == {"Service": "sns.amazonaws.com"}
    assert sends["Action"] == ["sqs:SendMessage"]
    assert sends["Condition"] == {"ArnEquals": {"aws:SourceArn": with_vaults().outputs["vault_topic_arn"]}}
    assert tls["Effect"] == "Deny"


def test_a_message_is_tried_five_times_within_the_window_and_then_kept() -> None:
    queue = with_vaults().one("sqs/queue:Queue", "archives-queue").inputs
    function = with_vaults().one("lambda/function:Function", "transfer-archives").inputs
    assert queue["visibilityTimeoutSeconds"] == 6 * function["timeout"]
    redrive = json.loads(
        with_vaults().one("RedrivePolicy", "archives-redrive-policy").inputs["redrivePolicy"]
    )
    count = int(variables_of(with_vaults(), "transfer-archives")["VAULT_MAX_RECEIVE_COUNT"])
    assert redrive["maxReceiveCount"] == count == 5
    assert count * queue["visibilityTimeoutSeconds"] < 24 * 3600


def test_archives_are_transferred_by_so_many_functions_at_most() -> None:
    mapping = with_vaults().one("EventSourceMapping", "archives-to-transfer-archives").inputs
    assert mapping["scalingConfig"] == {"maximumConcurrency": 9}
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["eventSourceArn"].endswith(":thaw-archives")


def test_transfers_are_looked_after_by_schedule() -> None:
    schedule = with_vaults().one("scheduler/schedule:Schedule", "watch-vaults-schedule").inputs
    assert schedule["scheduleExpression"] == "rate(1 minute)"
    assert schedule["target"]["arn"].endswith(":thaw-watch-vaults")
    policy = json.loads(with_vaults().one("RolePolicy", "job-scheduler-policy").inputs["policy"])
    assert schedule["target"]["arn"] in policy["Statement"][0]["Resource"]


def test_the_stack_says_where_everything_is() -> None:
    fresh = with_vaults().outputs.keys() - full().outputs.keys()
    outputs = {name: with_vaults().outputs[name].rsplit(":", 1)[-1].rsplit("/", 1)[-1] for name in fresh}
    assert outputs == {
        "vault_topic_arn": "thaw-vaults",
        "vault_queue_url": "thaw-archives",
        "vault_dead_letter_queue_url": "thaw-archives-dead-letter",
        "transfer_vault_machine_arn": "thaw-transfer-vault",
        "transfer_large_machine_arn": "thaw-transfer-large",
        "finish_vault_machine_arn": "thaw-finish-vault",
        "vault_launch_document": "thaw-vault-launch",
        "vault_resume_document": "thaw-vault-resume",
        "vault_dashboard": "thaw-vaults",
    }


def test_the_longest_prefix_still_gives_names_that_aws_takes() -> None:
    names = Names("x" * 24)
    assert max(len(names.job_function(folder)) for folder in VAULT_FUNCTIONS) <= 64
    assert max(len(names.machine_role(purpose)) for purpose in VAULT_MACHINES) <= 64
    assert max(map(len, (names.vault_dead_letter_queue, *map(names.machine, VAULT_MACHINES)))) <= 80
    assert max(len(names.vault_runbook(purpose)) for purpose in ("launch", "resume")) <= 128


def test_the_api_takes_transfers_where_there_are_vaults() -> None:
    paths = {each.inputs["pathPart"] for each in with_vaults().of_type("apigateway/resource:Resource")}
    assert {"vault-transfers", "resume"} <= paths
    methods = {each.name for each in with_vaults().of_type("apigateway/method:Method")}
    assert methods - {each.name for each in full().of_type("apigateway/method:Method")} == {
        "job-api-post-vault-transfers",
        "job-api-post-vault-transfer-resume",
    }
